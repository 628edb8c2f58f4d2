// AVX2: a byte's product is the XOR of those of its two nibbles, each looked up in a register.
#if defined(__GNUC__) && defined(__x86_64__)

#include <immintrin.h>

#include "kernels.h"

#define PARITAS_AVX2 __attribute__((target("avx2")))
#define PARITAS_HASH_TARGET PARITAS_AVX2
#include "page_hash.h"
#include "page_loops.h"

namespace paritas {
namespace {

enum class Product { one, nibbles };
enum class Base { none, some };

struct Tables {
  __m256i low;
  __m256i high;
};

template <Product product, Base base>
PARITAS_AVX2 inline __m256i combined(__m256i base_bytes, __m256i source_bytes, const Tables& tables) {
  __m256i bytes = source_bytes;
  if constexpr (product == Product::nibbles) {
    const __m256i nibble = _mm256_set1_epi8(15);
    const __m256i low = _mm256_shuffle_epi8(tables.low, _mm256_and_si256(bytes, nibble));
    const __m256i high = _mm256_shuffle_epi8(tables.high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble));
    bytes = _mm256_xor_si256(low, high);
  }
  if constexpr (base == Base::some) bytes = _mm256_xor_si256(bytes, base_bytes);
  return bytes;
}

PARITAS_AVX2 inline __m256i load_half(const uint8_t* from) {
  return _mm256_zextsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}

PARITAS_AVX2 inline __m256i load_whole(const uint8_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

/** 32 bytes at `at`; returns what they are then. */
template <Product product, Base base>
PARITAS_AVX2 inline __m256i step(uint8_t* target, const uint8_t* from, const uint8_t* source, size_t at,
                                 const Tables& tables) {
  __m256i base_bytes = _mm256_setzero_si256();
  if constexpr (base == Base::some) base_bytes = load_whole(from + at);
  const __m256i sum = combined<product, base>(base_bytes, load_whole(source + at), tables);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(target + at), sum);
  return sum;
}

template <Product product, Base base>
PARITAS_AVX2 bool loop(uint8_t* target, const uint8_t* from, const uint8_t* source, const Multiplier& by,
                       size_t bytes) {
  const Tables tables = {
      _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(by.low_nibbles))),
      _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(by.high_nibbles))),
  };
  __m256i seen = _mm256_setzero_si256();
  size_t at = 0;
  for (; at + 128 <= bytes; at += 128) {
    for (size_t part = at; part < at + 128; part += 32) {
      seen = _mm256_or_si256(seen, step<product, base>(target, from, source, part, tables));
    }
  }
  for (; at + 32 <= bytes; at += 32) {
    seen = _mm256_or_si256(seen, step<product, base>(target, from, source, at, tables));
  }
  if (at < bytes) {
    __m256i base_bytes = _mm256_setzero_si256();
    if constexpr (base == Base::some) base_bytes = load_half(from + at);
    // The upper half is zeros, and stays zeros: what is times a coefficient has no constant part.
    const __m256i sum = combined<product, base>(base_bytes, load_half(source + at), tables);
    seen = _mm256_or_si256(seen, sum);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(target + at), _mm256_castsi256_si128(sum));
  }
  return _mm256_testz_si256(seen, seen) == 0;
}

bool combine(uint8_t* target, const uint8_t* base, const uint8_t* source, const Multiplier& by, size_t bytes) {
  if (by.coefficient == 1) {
    return base == nullptr ? loop<Product::one, Base::none>(target, base, source, by, bytes)
                           : loop<Product::one, Base::some>(target, base, source, by, bytes);
  }
  return base == nullptr ? loop<Product::nibbles, Base::none>(target, base, source, by, bytes)
                         : loop<Product::nibbles, Base::some>(target, base, source, by, bytes);
}

}  // namespace

const Kernels avx2_kernels = {"avx2", combine, add_hashes, differ, is_zero, shift};

}  // namespace paritas

#endif
