// AVX-512 with GFNI: 64 bytes times a coefficient are one instruction.
#if defined(__GNUC__) && defined(__x86_64__)

#include <immintrin.h>

#include "kernels.h"

#define PARITAS_AVX512 __attribute__((target("avx512f,avx512bw,gfni")))
#define PARITAS_HASH_TARGET PARITAS_AVX512
#include "page_hash.h"
#include "page_loops.h"

namespace paritas {
namespace {

enum class Product { one, matrix };
enum class Base { none, some };

template <Product product, Base base>
PARITAS_AVX512 inline __m512i combined(__m512i base_bytes, __m512i source_bytes, __m512i matrix) {
  __m512i bytes = source_bytes;
  if constexpr (product == Product::matrix) bytes = _mm512_gf2p8affine_epi64_epi8(bytes, matrix, 0);
  if constexpr (base == Base::some) bytes = _mm512_xor_si512(bytes, base_bytes);
  return bytes;
}

/** 64 bytes at `at`; returns what they are then. */
template <Product product, Base base>
PARITAS_AVX512 inline __m512i step(uint8_t* target, const uint8_t* from, const uint8_t* source, size_t at,
                                   __m512i matrix) {
  __m512i base_bytes = _mm512_setzero_si512();
  if constexpr (base == Base::some) base_bytes = _mm512_loadu_si512(from + at);
  const __m512i sum = combined<product, base>(base_bytes, _mm512_loadu_si512(source + at), matrix);
  _mm512_storeu_si512(target + at, sum);
  return sum;
}

template <Product product, Base base>
PARITAS_AVX512 bool loop(uint8_t* target, const uint8_t* from, const uint8_t* source, uint64_t bits, size_t bytes) {
  const __m512i matrix = _mm512_set1_epi64(static_cast<long long>(bits));
  __m512i seen = _mm512_setzero_si512();
  size_t at = 0;
  for (; at + 256 <= bytes; at += 256) {
    for (size_t part = at; part < at + 256; part += 64) {
      seen = _mm512_or_si512(seen, step<product, base>(target, from, source, part, matrix));
    }
  }
  for (; at + 64 <= bytes; at += 64) {
    seen = _mm512_or_si512(seen, step<product, base>(target, from, source, at, matrix));
  }
  if (at < bytes) {
    const __mmask64 rest = (1ULL << (bytes - at)) - 1;
    __m512i base_bytes = _mm512_setzero_si512();
    if constexpr (base == Base::some) base_bytes = _mm512_maskz_loadu_epi8(rest, from + at);
    const __m512i sum = combined<product, base>(base_bytes, _mm512_maskz_loadu_epi8(rest, source + at), matrix);
    seen = _mm512_or_si512(seen, sum);
    _mm512_mask_storeu_epi8(target + at, rest, sum);
  }
  return _mm512_test_epi64_mask(seen, seen) != 0;
}

bool combine(uint8_t* target, const uint8_t* base, const uint8_t* source, const Multiplier& by, size_t bytes) {
  if (by.coefficient == 1) {
    return base == nullptr ? loop<Product::one, Base::none>(target, base, source, by.matrix, bytes)
                           : loop<Product::one, Base::some>(target, base, source, by.matrix, bytes);
  }
  return base == nullptr ? loop<Product::matrix, Base::none>(target, base, source, by.matrix, bytes)
                         : loop<Product::matrix, Base::some>(target, base, source, by.matrix, bytes);
}

}  // namespace

const Kernels avx512_kernels = {"avx512", combine, add_hashes, differ, is_zero, shift};

}  // namespace paritas

#endif
