// What the addon is made of. Each part adds its own exports; a part whose operating system is missing adds nothing.
#pragma once

#include <napi.h>

namespace paritas {

void export_batch_kernels(Napi::Env env, Napi::Object exports);
void export_heartbeat(Napi::Env env, Napi::Object exports);
void export_lifeline(Napi::Env env, Napi::Object exports);
void export_page_scanner(Napi::Env env, Napi::Object exports);
void export_shared_memory(Napi::Env env, Napi::Object exports);
void export_touch_ahead(Napi::Env env, Napi::Object exports);
void export_write_guard(Napi::Env env, Napi::Object exports);

}  // namespace paritas
