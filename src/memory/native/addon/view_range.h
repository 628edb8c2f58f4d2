// Where the bytes of a typed array lie.
#pragma once

#include <napi.h>

#include "userfaultfd.h"

namespace paritas {

/** The memory behind a Uint8Array. */
inline AddressRange range_of(const Napi::Uint8Array& view) {
  const auto begin = reinterpret_cast<uintptr_t>(view.Data());
  return {begin, begin + view.ByteLength()};
}

/** Whether a range is made of whole pages of the system, and of one at least. */
inline bool is_whole_pages(AddressRange range) {
  return range.bytes() > 0 && range.begin % system_page_bytes() == 0 && range.bytes() % system_page_bytes() == 0;
}

inline void throw_error(Napi::Env env, const std::string& message) {
  Napi::Error::New(env, message).ThrowAsJavaScriptException();
}

}  // namespace paritas
