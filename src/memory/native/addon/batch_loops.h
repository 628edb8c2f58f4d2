// What the loops over pages have in common that JavaScript calls.
#pragma once

#include <napi.h>

#include "kernels.h"

namespace paritas {

/** The kernels that a function was made with. */
inline const Kernels& kernels_of(const Napi::CallbackInfo& info) { return *static_cast<const Kernels*>(info.Data()); }

/** Whether the work is refused, with an error thrown. */
inline bool refuse_unless(bool fits, Napi::Env env) {
  if (!fits) Napi::Error::New(env, "pages lie outside of what they are in").ThrowAsJavaScriptException();
  return !fits;
}

void add_region_loops(Napi::Object object, const Kernels* kernels);

}  // namespace paritas
