// The loops over batches of pages, see BatchKernels in src/parity/batch-kernels.ts. The memory comes with each call:
// it may have grown since the one before.
#include "addon.h"
#include "batch_loops.h"

namespace paritas {
namespace {

/** Pages that share one checksum, as in src/parity/pages.ts. */
constexpr uint32_t pages_per_group = 64;

/** Pages at offsets in a memory; offset 0 stands for none. */
class PagesInMemory {
 public:
  PagesInMemory(Napi::Uint8Array memory, size_t page_bytes)
      : begin_(memory.Data()), bytes_(memory.ByteLength()), page_bytes_(page_bytes) {}

  /** Whether all of them lie in the memory. */
  bool contain(const Napi::Uint32Array& offsets) const {
    for (size_t i = 0; i < offsets.ElementLength(); ++i) {
      if (bytes_ < page_bytes_ || offsets.Data()[i] > bytes_ - page_bytes_) return false;
    }
    return true;
  }

  uint8_t* at(uint32_t offset) const { return offset == 0 ? nullptr : begin_ + offset; }

  /** The memory keeps its beginning at zero, so that a page of zeros can be read there. */
  const uint8_t* read(uint32_t offset) const { return begin_ + offset; }

 private:
  uint8_t* begin_;
  size_t bytes_;
  size_t page_bytes_;
};

const Multiplier& multiplier_of(const Napi::Value& coefficient) {
  return multiplier(static_cast<uint8_t>(coefficient.As<Napi::Number>().Uint32Value()));
}

/** (memory, bytes, targets, holds, coefficients); row by row for each page, which the cache keeps meanwhile. */
void bring(const Napi::CallbackInfo& info) {
  const auto bytes = info[1].As<Napi::Uint8Array>();
  const auto targets = info[2].As<Napi::Uint32Array>();
  auto holds = info[3].As<Napi::Uint8Array>();
  const auto coefficients = info[4].As<Napi::Uint8Array>();
  const size_t rows = coefficients.ElementLength();
  const size_t count = rows == 0 ? 0 : targets.ElementLength() / rows;
  const size_t page_bytes = count == 0 ? 0 : bytes.ByteLength() / count;
  const PagesInMemory pages(info[0].As<Napi::Uint8Array>(), page_bytes);
  const bool fits = bytes.ByteLength() == count * page_bytes && targets.ElementLength() == count * rows;
  const bool all_held = holds.ElementLength() == targets.ElementLength();
  if (refuse_unless(fits && all_held && pages.contain(targets), info.Env())) return;
  const Kernels& kernels = kernels_of(info);
  for (size_t i = 0; i < count; ++i) {
    const uint8_t* page = bytes.Data() + i * page_bytes;
    for (size_t row = 0; row < rows; ++row) {
      const size_t at = row * count + i;
      uint8_t* target = pages.at(targets[at]);
      const uint8_t* base = holds[at] ? target : nullptr;
      holds[at] = kernels.combine(target, base, page, multiplier(coefficients[row]), page_bytes);
    }
  }
}

/** (memory, sources, bases, coefficient, out) */
void take(const Napi::CallbackInfo& info) {
  const auto sources = info[1].As<Napi::Uint32Array>();
  const auto bases = info[2].As<Napi::Uint32Array>();
  auto out = info[4].As<Napi::Uint8Array>();
  const size_t count = sources.ElementLength();
  const size_t page_bytes = count == 0 ? 0 : out.ByteLength() / count;
  const PagesInMemory pages(info[0].As<Napi::Uint8Array>(), page_bytes);
  const bool fits = out.ByteLength() == count * page_bytes && bases.ElementLength() == count;
  if (refuse_unless(fits && pages.contain(sources) && pages.contain(bases), info.Env())) return;
  const Multiplier& by = multiplier_of(info[3]);
  const Kernels& kernels = kernels_of(info);
  for (size_t i = 0; i < count; ++i) {
    kernels.combine(out.Data() + i * page_bytes, pages.at(bases[i]), pages.read(sources[i]), by, page_bytes);
  }
}

/** (memory, incoming, arrivals, own, holds, coefficient, out); returns how many pages of `out` are used. */
Napi::Value sum(const Napi::CallbackInfo& info) {
  const auto incoming = info[1].As<Napi::Uint8Array>();
  const auto arrivals = info[2].As<Napi::Int32Array>();
  const auto own = info[3].As<Napi::Uint32Array>();
  auto holds = info[4].As<Napi::Uint8Array>();
  auto out = info[6].As<Napi::Uint8Array>();
  const size_t count = own.ElementLength();
  const size_t page_bytes = count == 0 ? 0 : out.ByteLength() / count;
  const PagesInMemory pages(info[0].As<Napi::Uint8Array>(), page_bytes);
  bool fits = out.ByteLength() == count * page_bytes && arrivals.ElementLength() == count;
  fits = fits && holds.ElementLength() == count && pages.contain(own);
  for (size_t i = 0; fits && i < count; ++i) {
    fits = arrivals[i] < 0 || (static_cast<size_t>(arrivals[i]) + 1) * page_bytes <= incoming.ByteLength();
  }
  if (refuse_unless(fits, info.Env())) return info.Env().Undefined();
  const Multiplier& by = multiplier_of(info[5]);
  const Kernels& kernels = kernels_of(info);
  size_t used = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint8_t* arrived = arrivals[i] < 0 ? nullptr : incoming.Data() + arrivals[i] * page_bytes;
    holds[i] = kernels.combine(out.Data() + used * page_bytes, arrived, pages.read(own[i]), by, page_bytes);
    used += holds[i];
  }
  return Napi::Number::New(info.Env(), static_cast<double>(used));
}

/** (memory, offsets, numbers, page bytes, sums) */
void add_hashes(const Napi::CallbackInfo& info) {
  const auto offsets = info[1].As<Napi::Uint32Array>();
  const auto numbers = info[2].As<Napi::Uint32Array>();
  const size_t page_bytes = info[3].As<Napi::Number>().Uint32Value();
  auto sums = info[4].As<Napi::Uint32Array>();
  const PagesInMemory memory(info[0].As<Napi::Uint8Array>(), page_bytes);
  const size_t count = offsets.ElementLength();
  const size_t groups = sums.ElementLength() / 2;
  bool fits = numbers.ElementLength() == count && memory.contain(offsets);
  for (size_t i = 0; fits && i < count; ++i) fits = numbers[i] / pages_per_group < groups;
  if (refuse_unless(fits, info.Env())) return;
  std::vector<const uint8_t*> pages;
  std::vector<uint32_t> their_numbers;
  std::vector<uint32_t*> their_sums;
  for (size_t i = 0; i < count; ++i) {
    if (offsets[i] == 0) continue;
    pages.push_back(memory.at(offsets[i]));
    their_numbers.push_back(numbers[i]);
    their_sums.push_back(sums.Data() + 2 * (numbers[i] / pages_per_group));
  }
  kernels_of(info).add_hashes(pages.data(), their_numbers.data(), pages.size(), page_bytes, their_sums.data());
}

Napi::Object batch_kernels(Napi::Env env, const Kernels* kernels) {
  auto object = Napi::Object::New(env);
  void* data = const_cast<Kernels*>(kernels);
  object["name"] = Napi::String::New(env, kernels->name);
  object["bring"] = Napi::Function::New(env, bring, "bring", data);
  object["take"] = Napi::Function::New(env, take, "take", data);
  object["sum"] = Napi::Function::New(env, sum, "sum", data);
  object["addHashes"] = Napi::Function::New(env, add_hashes, "addHashes", data);
  add_region_loops(object, kernels);
  return object;
}

}  // namespace

void export_batch_kernels(Napi::Env env, Napi::Object exports) {
  const auto available = available_kernels();
  auto list = Napi::Array::New(env, available.size());
  for (uint32_t i = 0; i < available.size(); ++i) list[i] = batch_kernels(env, available[i]);
  exports["batchKernels"] = list;
}

}  // namespace paritas
