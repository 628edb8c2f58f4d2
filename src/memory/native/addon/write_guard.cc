// WriteGuard: keeps the old content of each page of a piece of memory before its first write. JavaScript owns the
// tables and decides when buffers change places; the signal handler in write_faults.cc fills them.
#include <sys/mman.h>

#include <cstring>
#include <memory>

#include "addon.h"
#include "view_range.h"
#include "write_faults.h"

namespace paritas {

static std::atomic<uint32_t>* words_of(Napi::Uint32Array array) {
  return reinterpret_cast<std::atomic<uint32_t>*>(array.Data());
}

class WriteGuard : public Napi::ObjectWrap<WriteGuard> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "WriteGuard",
                       {InstanceMethod<&WriteGuard::protect>("protect"), InstanceMethod<&WriteGuard::open>("open"),
                        InstanceMethod<&WriteGuard::pause>("pause"), InstanceMethod<&WriteGuard::resume>("resume"),
                        InstanceMethod<&WriteGuard::waited>("waited"), InstanceMethod<&WriteGuard::copy_to>("copyTo"),
                        InstanceMethod<&WriteGuard::discard>("discard"), InstanceMethod<&WriteGuard::close>("close")});
  }

  /** (live: Uint8Array, then for each of the two buffers: slots: Uint32Array, list: Uint32Array, frames: Uint8Array) */
  explicit WriteGuard(const Napi::CallbackInfo& info) : Napi::ObjectWrap<WriteGuard>(info) {
    auto guard = std::make_unique<GuardedRange>();
    guard->range = range_of(info[0].As<Napi::Uint8Array>());
    const size_t pages = guard->range.bytes() / system_page_bytes();
    bool is_roomy = true;
    for (size_t i = 0; i < 2; ++i) {
      const auto slots = info[1 + 3 * i].As<Napi::Uint32Array>();
      const auto list = info[2 + 3 * i].As<Napi::Uint32Array>();
      auto frames = info[3 + 3 * i].As<Napi::Uint8Array>();
      guard->buffers[i] = {words_of(slots), words_of(list), frames.Data()};
      is_roomy = is_roomy && slots.ElementLength() >= pages && list.ElementLength() >= pages + 2 &&
                 frames.ByteLength() >= guard->range.bytes();
    }
    std::string problem = is_whole_pages(guard->range) ? "" : "the guarded memory is not made of whole pages";
    if (problem.empty() && !is_roomy) problem = "a copy buffer has no room for all pages";
    if (problem.empty()) problem = guard->protection.open(FaultMode::kSignal);
    if (problem.empty()) problem = guard->protection.watch(guard->range);
    if (problem.empty()) problem = register_guard(guard.get());
    if (!problem.empty()) {
      throw_error(info.Env(), problem);
      return;
    }
    guard_ = std::move(guard);
    // The views keep their memory alive, so that it is never freed while the handler may use it.
    auto views = Napi::Array::New(info.Env());
    for (uint32_t i = 0; i < info.Length(); ++i) views.Set(i, info[i]);
    views_ = Napi::Persistent(views.As<Napi::Object>());
  }

  ~WriteGuard() override { close_now(); }

 private:
  void close_now() {
    if (guard_ == nullptr) return;
    // First the pages are opened, so that no write faults for want of a handler.
    guard_->protection.close();
    unregister_guard(guard_.get());
    guard_.reset();
    views_.Reset();
  }

  void set_protection(Napi::Env env, AddressRange range, bool is_protected) {
    const int error = guard_->protection.protect(range, is_protected);
    if (error != 0) throw_error(env, std::string("write protection fails: ") + std::strerror(error));
  }

  /** (ranges?: Uint32Array of first page and the one after the last, in turn) Protects these pages, or all. */
  void protect(const Napi::CallbackInfo& info) {
    if (guard_ == nullptr) return;
    if (!info[0].IsTypedArray()) return set_protection(info.Env(), guard_->range, true);
    const auto ranges = info[0].As<Napi::Uint32Array>();
    const size_t pages = guard_->range.bytes() / system_page_bytes();
    for (size_t i = 0; i + 1 < ranges.ElementLength() && !info.Env().IsExceptionPending(); i += 2) {
      if (ranges[i] >= ranges[i + 1] || ranges[i + 1] > pages) return throw_error(info.Env(), "no such pages");
      const uintptr_t begin = guard_->range.begin;
      const AddressRange range = {begin + ranges[i] * system_page_bytes(), begin + ranges[i + 1] * system_page_bytes()};
      set_protection(info.Env(), range, true);
    }
  }

  void open(const Napi::CallbackInfo& info) {
    if (guard_ != nullptr) set_protection(info.Env(), guard_->range, false);
  }

  void pause(const Napi::CallbackInfo&) {
    if (guard_ != nullptr) pause_writers(guard_.get());
  }

  void resume(const Napi::CallbackInfo&) {
    if (guard_ != nullptr) resume_writers(guard_.get());
  }

  /** How many writers came since the pause began. */
  Napi::Value waited(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), guard_ != nullptr ? guard_->waited.load() : 0);
  }

  /** (buffer: 0 | 1) Old contents go there from now on. */
  void copy_to(const Napi::CallbackInfo& info) {
    if (guard_ != nullptr) guard_->primary.store(info[0].As<Napi::Number>().Uint32Value() & 1);
  }

  /** (frames: Uint8Array) Gives the memory of frames back to the system. What they hold is lost. */
  void discard(const Napi::CallbackInfo& info) {
    const AddressRange range = range_of(info[0].As<Napi::Uint8Array>());
    if (is_whole_pages(range)) ::madvise(reinterpret_cast<void*>(range.begin), range.bytes(), MADV_DONTNEED);
  }

  void close(const Napi::CallbackInfo&) { close_now(); }

  std::unique_ptr<GuardedRange> guard_;
  Napi::ObjectReference views_;
};

void export_write_guard(Napi::Env env, Napi::Object exports) { exports.Set("WriteGuard", WriteGuard::define(env)); }

}  // namespace paritas
