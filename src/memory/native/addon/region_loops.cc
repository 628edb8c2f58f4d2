// The loops over tracked pages and over pages of one memory, see BatchKernels in src/parity/batch-kernels.ts.
#include <algorithm>
#include <cstring>

#include "batch_loops.h"

namespace paritas {
namespace {

uint32_t number_of(const Napi::Value& value) { return value.As<Napi::Number>().Uint32Value(); }

/** (memory, live, shadow, page bytes, ranges): pages with the captured content of each, and runs of their numbers. */
class TrackedPages {
 public:
  explicit TrackedPages(const Napi::CallbackInfo& info)
      : page_bytes(number_of(info[3])), ranges_(info[4].As<Napi::Uint32Array>()) {
    auto memory = info[0].As<Napi::Uint8Array>();
    begin_ = memory.Data();
    bytes_ = memory.ByteLength();
    live_ = number_of(info[1]);
    shadow_ = number_of(info[2]);
  }

  bool fit() const {
    if (ranges_.ElementLength() % 2 != 0 || page_bytes == 0) return false;
    for (size_t i = 0; i < runs(); ++i) {
      if (first(i) > end(i) || !holds_up_to(live_, end(i)) || !holds_up_to(shadow_, end(i))) return false;
    }
    return true;
  }

  size_t runs() const { return ranges_.ElementLength() / 2; }
  uint32_t first(size_t run) const { return ranges_.Data()[2 * run]; }
  uint32_t end(size_t run) const { return ranges_.Data()[2 * run + 1]; }
  uint8_t* live(uint32_t page) const { return begin_ + live_ + page * page_bytes; }
  uint8_t* shadow(uint32_t page) const { return begin_ + shadow_ + page * page_bytes; }

  /** The page at an offset; null if it does not lie in the memory. */
  uint8_t* frame(uint32_t offset) const {
    return page_bytes <= bytes_ && offset <= bytes_ - page_bytes ? begin_ + offset : nullptr;
  }

  /** `count` words at an offset; null if they do not lie in the memory. */
  uint32_t* words(size_t offset, size_t count) const {
    const bool fits = offset % sizeof(uint32_t) == 0 && offset + count * sizeof(uint32_t) <= bytes_;
    return fits ? reinterpret_cast<uint32_t*>(begin_ + offset) : nullptr;
  }

  const size_t page_bytes;

 private:
  bool holds_up_to(size_t start, size_t page) const { return start + page * page_bytes <= bytes_; }

  uint8_t* begin_;
  size_t bytes_;
  Napi::Uint32Array ranges_;
  size_t live_;
  size_t shadow_;
};

/** Free frames and changes, as KernelMemory has them in two tables of words. */
class Book {
 public:
  /** The tables have room for so many pages. */
  Book(const TrackedPages& pages, uint32_t free, uint32_t changes, size_t most)
      : free_(pages.words(free, most + 1)), changes_(pages.words(changes, 2 * most + 1)), most_(most) {}

  bool fits() const { return free_ != nullptr && changes_ != nullptr && *free_ <= most_ && *changes_ <= most_; }
  bool has_frame() const { return *free_ > 0; }
  bool has_room() const { return *changes_ < most_; }
  uint32_t take_frame() { return free_[(*free_)--]; }

  void note(uint32_t page, uint32_t former) {
    const size_t at = 2 * static_cast<size_t>((*changes_)++);
    changes_[at + 1] = page;
    changes_[at + 2] = former;
  }

 private:
  uint32_t* free_;
  uint32_t* changes_;
  size_t most_;
};

enum class Captured { yes, no_frame, outside };

Captured capture_page(const Kernels& kernels, const TrackedPages& pages, Book& book, uint32_t page) {
  uint8_t* shadow = pages.shadow(page);
  if (!kernels.differ(pages.live(page), shadow, pages.page_bytes)) return Captured::yes;
  if (!book.has_room()) return Captured::outside;
  if (kernels.is_zero(shadow, pages.page_bytes)) {
    std::memcpy(shadow, pages.live(page), pages.page_bytes);
    book.note(page, 0);
    return Captured::yes;
  }
  if (!book.has_frame()) return Captured::no_frame;
  const uint32_t offset = book.take_frame();
  uint8_t* former = pages.frame(offset);
  if (former == nullptr) return Captured::outside;
  kernels.shift(former, shadow, pages.live(page), pages.page_bytes);
  book.note(page, offset);
  return Captured::yes;
}

/** (memory, live, shadow, page bytes, ranges, pages, from, free, changes) */
Napi::Value capture_changed(const Napi::CallbackInfo& info) {
  const TrackedPages pages(info);
  const uint32_t from = number_of(info[6]);
  Book book(pages, number_of(info[7]), number_of(info[8]), number_of(info[5]));
  if (refuse_unless(pages.fit() && book.fits(), info.Env())) return info.Env().Undefined();
  const Kernels& kernels = kernels_of(info);
  uint32_t page = 0;
  for (size_t run = 0; run < pages.runs(); ++run) {
    for (page = std::max(from, pages.first(run)); page < pages.end(run); ++page) {
      const Captured captured = capture_page(kernels, pages, book, page);
      if (captured == Captured::yes) continue;
      if (refuse_unless(captured == Captured::no_frame, info.Env())) return info.Env().Undefined();
      return Napi::Number::New(info.Env(), page);
    }
  }
  return Napi::Number::New(info.Env(), page);
}

/** (memory, live, shadow, page bytes, ranges) */
Napi::Value count_changed(const Napi::CallbackInfo& info) {
  const TrackedPages pages(info);
  if (refuse_unless(pages.fit(), info.Env())) return info.Env().Undefined();
  const Kernels& kernels = kernels_of(info);
  uint32_t count = 0;
  for (size_t run = 0; run < pages.runs(); ++run) {
    for (uint32_t page = pages.first(run); page < pages.end(run); ++page) {
      count += kernels.differ(pages.live(page), pages.shadow(page), pages.page_bytes);
    }
  }
  return Napi::Number::New(info.Env(), count);
}

/** The same */
void restore_changed(const Napi::CallbackInfo& info) {
  const TrackedPages pages(info);
  if (refuse_unless(pages.fit(), info.Env())) return;
  const Kernels& kernels = kernels_of(info);
  for (size_t run = 0; run < pages.runs(); ++run) {
    for (uint32_t page = pages.first(run); page < pages.end(run); ++page) {
      if (!kernels.differ(pages.live(page), pages.shadow(page), pages.page_bytes)) continue;
      std::memcpy(pages.live(page), pages.shadow(page), pages.page_bytes);
    }
  }
}

/** (memory, targets, sources, page bytes, holds) */
void fold(const Napi::CallbackInfo& info) {
  auto memory = info[0].As<Napi::Uint8Array>();
  const auto targets = info[1].As<Napi::Uint32Array>();
  const auto sources = info[2].As<Napi::Uint32Array>();
  const size_t page_bytes = number_of(info[3]);
  auto holds = info[4].As<Napi::Uint8Array>();
  const size_t count = targets.ElementLength();
  const auto fits = [&](uint32_t offset) { return offset + page_bytes <= memory.ByteLength(); };
  bool all_fit = sources.ElementLength() == count && holds.ElementLength() == count;
  for (size_t i = 0; all_fit && i < count; ++i) all_fit = fits(targets.Data()[i]) && fits(sources.Data()[i]);
  if (refuse_unless(all_fit, info.Env())) return;
  const Kernels& kernels = kernels_of(info);
  for (size_t i = 0; i < count; ++i) {
    uint8_t* target = memory.Data() + targets.Data()[i];
    holds[i] = kernels.combine(target, target, memory.Data() + sources.Data()[i], multiplier(1), page_bytes);
  }
}

}  // namespace

void add_region_loops(Napi::Object object, const Kernels* kernels) {
  const Napi::Env env = object.Env();
  void* data = const_cast<Kernels*>(kernels);
  object["captureChanged"] = Napi::Function::New(env, capture_changed, "captureChanged", data);
  object["countChanged"] = Napi::Function::New(env, count_changed, "countChanged", data);
  object["restoreChanged"] = Napi::Function::New(env, restore_changed, "restoreChanged", data);
  object["fold"] = Napi::Function::New(env, fold, "fold", data);
}

}  // namespace paritas
