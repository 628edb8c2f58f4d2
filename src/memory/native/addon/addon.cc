#include "addon.h"

#ifdef __linux__
#include "userfaultfd.h"
#endif

namespace paritas {

/** The same number stands in load-addon.ts. */
static constexpr int version = 5;

static Napi::Object export_all(Napi::Env env, Napi::Object exports) {
  exports.Set("version", Napi::Number::New(env, version));
  export_batch_kernels(env, exports);
#ifdef __linux__
  auto paging = Napi::Object::New(env);
  paging.Set("systemPageBytes", Napi::Number::New(env, static_cast<double>(system_page_bytes())));
  export_page_scanner(env, paging);
  export_write_guard(env, paging);
  exports.Set("paging", paging);
  export_shared_memory(env, exports);
  export_lifeline(env, exports);
  export_heartbeat(env, exports);
  export_touch_ahead(env, exports);
#endif
  return exports;
}

}  // namespace paritas

static Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  return paritas::export_all(env, exports);
}

NODE_API_MODULE(paritas, initialize)
