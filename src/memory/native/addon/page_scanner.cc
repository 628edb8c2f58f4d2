// PageScanner: which pages of a piece of memory were written. The kernel opens a protected page at its first write by
// itself and remembers it, for writes by any thread and by system calls; PAGEMAP_SCAN asks it.
#include <algorithm>
#include <cstring>

#include "addon.h"
#include "view_range.h"

namespace paritas {

class PageScanner : public Napi::ObjectWrap<PageScanner> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "PageScanner",
                       {InstanceMethod<&PageScanner::arm>("arm"), InstanceMethod<&PageScanner::disarm>("disarm"),
                        InstanceMethod<&PageScanner::take>("take"), InstanceMethod<&PageScanner::peek>("peek"),
                        InstanceMethod<&PageScanner::note>("note"), InstanceMethod<&PageScanner::close>("close")});
  }

  explicit PageScanner(const Napi::CallbackInfo& info) : Napi::ObjectWrap<PageScanner>(info) {
    const auto view = info[0].As<Napi::Uint8Array>();
    range_ = range_of(view);
    std::string problem = is_whole_pages(range_) ? "" : "the watched memory is not made of whole pages";
    if (problem.empty()) problem = protection_.open(FaultMode::kAsynchronous);
    if (problem.empty()) problem = protection_.watch(range_);
    if (problem.empty()) problem = pages_.open();
    // A scan of nothing shows whether this kernel has scans.
    std::vector<PageRange> none;
    const int error = problem.empty() ? pages_.scan(range_, false, none) : 0;
    if (error != 0) problem = std::string("PAGEMAP_SCAN fails: ") + std::strerror(error);
    if (!problem.empty()) {
      close_now();
      throw_error(info.Env(), problem);
      return;
    }
    // The view keeps its memory alive, so that it is never freed while it is watched.
    view_ = Napi::Persistent(view.As<Napi::Object>());
  }

  ~PageScanner() override { close_now(); }

 private:
  void close_now() {
    protection_.close();
    view_.Reset();
    range_ = {};
  }

  void protect(const Napi::CallbackInfo& info, bool is_protected) {
    const int error = range_.bytes() > 0 ? protection_.protect(range_, is_protected) : EBADF;
    if (error != 0) throw_error(info.Env(), std::string("write protection fails: ") + std::strerror(error));
  }

  /** Pages written since they were last protected, as pairs of first page and the one after the last. */
  Napi::Value scan(const Napi::CallbackInfo& info, bool protects) {
    std::vector<PageRange> written;
    const int error = range_.bytes() > 0 ? pages_.scan(range_, protects, written) : EBADF;
    if (error != 0) {
      throw_error(info.Env(), std::string("PAGEMAP_SCAN fails: ") + std::strerror(error));
      return info.Env().Undefined();
    }
    auto ranges = Napi::Uint32Array::New(info.Env(), 2 * written.size());
    std::memcpy(ranges.Data(), written.data(), written.size() * sizeof(PageRange));
    return ranges;
  }

  void arm(const Napi::CallbackInfo& info) { protect(info, true); }
  void disarm(const Napi::CallbackInfo& info) { protect(info, false); }
  Napi::Value take(const Napi::CallbackInfo& info) { return scan(info, true); }
  Napi::Value peek(const Napi::CallbackInfo& info) { return scan(info, false); }

  /** Opening pages at once costs less than a fault for each. */
  void note(const Napi::CallbackInfo& info) {
    const size_t page_bytes = system_page_bytes();
    const size_t pages = range_.bytes() / page_bytes;
    const size_t end = std::min<size_t>(info[1].As<Napi::Number>().Uint32Value(), pages);
    const size_t first = std::min<size_t>(info[0].As<Napi::Number>().Uint32Value(), end);
    if (first == end) return;
    const int error = protection_.protect({range_.begin + first * page_bytes, range_.begin + end * page_bytes}, false);
    if (error != 0) throw_error(info.Env(), std::string("write protection fails: ") + std::strerror(error));
  }

  void close(const Napi::CallbackInfo&) { close_now(); }

  AddressRange range_;
  WriteProtection protection_;
  PageMap pages_;
  Napi::ObjectReference view_;
};

void export_page_scanner(Napi::Env env, Napi::Object exports) {
  exports.Set("PageScanner", PageScanner::define(env));
}

}  // namespace paritas
