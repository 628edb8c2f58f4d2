// C++ for the 16-byte vector instructions that every processor of a family has, whichever these are.
#ifdef __GNUC__

#include <cstring>

#include "kernels.h"

#define PARITAS_HASH_TARGET
#include "page_hash.h"
#include "page_loops.h"

namespace paritas {
namespace {

typedef uint8_t Lane __attribute__((vector_size(16)));
typedef int8_t SignedLane __attribute__((vector_size(16)));
constexpr size_t lane_bytes = sizeof(Lane);

inline Lane load_lane(const uint8_t* from) {
  Lane lane;
  std::memcpy(&lane, from, lane_bytes);
  return lane;
}

/** Each byte times x: those whose top bit falls out, which are negative if signed, get x^8 added, which is 0x1d. */
inline Lane times_x(Lane lane) {
  const Lane falls_out = (Lane)((SignedLane)lane < 0);
  return (lane + lane) ^ (falls_out & 0x1d);
}

/** Adds up the lanes times x^j over the bits j of the coefficient; several lanes, so that none waits for another. */
template <size_t count>
inline void multiply(Lane (&lanes)[count], unsigned coefficient) {
  Lane sum[count] = {};
  for (unsigned rest = coefficient; rest != 0; rest >>= 1) {
    for (size_t i = 0; i < count; ++i) {
      if (rest & 1) sum[i] ^= lanes[i];
      lanes[i] = times_x(lanes[i]);
    }
  }
  for (size_t i = 0; i < count; ++i) lanes[i] = sum[i];
}

template <size_t count>
inline Lane combine_lanes(uint8_t* target, const uint8_t* base, const uint8_t* source, unsigned coefficient) {
  Lane lanes[count];
  for (size_t i = 0; i < count; ++i) lanes[i] = load_lane(source + i * lane_bytes);
  if (coefficient != 1) multiply(lanes, coefficient);
  Lane seen = {};
  for (size_t i = 0; i < count; ++i) {
    if (base != nullptr) lanes[i] ^= load_lane(base + i * lane_bytes);
    seen |= lanes[i];
  }
  std::memcpy(target, lanes, sizeof(lanes));
  return seen;
}

bool combine(uint8_t* target, const uint8_t* base, const uint8_t* source, const Multiplier& by, size_t bytes) {
  Lane seen = {};
  size_t at = 0;
  const auto base_at = [&] { return base == nullptr ? nullptr : base + at; };
  for (; at + 4 * lane_bytes <= bytes; at += 4 * lane_bytes) {
    seen |= combine_lanes<4>(target + at, base_at(), source + at, by.coefficient);
  }
  for (; at < bytes; at += lane_bytes) {
    seen |= combine_lanes<1>(target + at, base_at(), source + at, by.coefficient);
  }
  const Lane none = {};
  return std::memcmp(&seen, &none, lane_bytes) != 0;
}

}  // namespace

const Kernels plain_kernels = {"plain", combine, add_hashes, differ, is_zero, shift};

}  // namespace paritas

#endif
