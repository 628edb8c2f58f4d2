#include "kernels.h"

namespace paritas {

/** x^8 modulo the field's polynomial x^8 + x^4 + x^3 + x^2 + 1. */
constexpr uint8_t reduction = 0x1d;

static uint8_t product(uint8_t left, uint8_t right) {
  uint8_t sum = 0;
  for (uint8_t power = left; right != 0; right >>= 1) {
    if (right & 1) sum ^= power;
    power = static_cast<uint8_t>(power << 1) ^ (power & 0x80 ? reduction : 0);
  }
  return sum;
}

static Multiplier make_multiplier(uint8_t coefficient) {
  Multiplier made = {};
  made.coefficient = coefficient;
  for (uint8_t nibble = 0; nibble < 16; ++nibble) {
    made.low_nibbles[nibble] = product(coefficient, nibble);
    made.high_nibbles[nibble] = product(coefficient, static_cast<uint8_t>(nibble << 4));
  }
  // Bit j of the row for result bit i says whether x^j contributes to it; the row for bit 0 comes last.
  for (int i = 0; i < 8; ++i) {
    for (int j = 0; j < 8; ++j) {
      const uint64_t contributes = product(coefficient, static_cast<uint8_t>(1 << j)) >> i & 1;
      made.matrix |= contributes << (8 * (7 - i) + j);
    }
  }
  return made;
}

const Multiplier& multiplier(uint8_t coefficient) {
  static const std::vector<Multiplier> multipliers = [] {
    std::vector<Multiplier> made;
    for (int each = 0; each < 256; ++each) made.push_back(make_multiplier(static_cast<uint8_t>(each)));
    return made;
  }();
  return multipliers[coefficient];
}

std::vector<const Kernels*> available_kernels() {
  std::vector<const Kernels*> available;
#if defined(__GNUC__) && defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("gfni")) {
    available.push_back(&avx512_kernels);
  }
  if (__builtin_cpu_supports("avx2")) available.push_back(&avx2_kernels);
#endif
#ifdef __GNUC__
  available.push_back(&plain_kernels);
#endif
  return available;
}

}  // namespace paritas
