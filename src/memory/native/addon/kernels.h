// The loops over bytes of the erasure codes, each for several kinds of processors. Sizes are multiples of 16 bytes;
// nothing need be aligned. See src/parity/field.ts for the field, and src/parity/portable-kernels.ts for the same in
// JavaScript, bit for bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace paritas {

/** A coefficient over GF(2^8) in the forms in which loops multiply by it. */
struct Multiplier {
  uint8_t coefficient;
  /** The products of 0, 1, … 15 and of 0, 16, … 240: a byte's product is the XOR of those of its nibbles. */
  alignas(16) uint8_t low_nibbles[16];
  alignas(16) uint8_t high_nibbles[16];
  /** The multiplication as a matrix of 8 x 8 bits, as gf2p8affineqb takes it. */
  uint64_t matrix;
};

/** Made for all coefficients once, when it is first asked for. */
const Multiplier& multiplier(uint8_t coefficient);

struct Kernels {
  const char* name;
  /**
   * target = base + coefficient * source, with no base where that is null. Returns whether any byte of target is not
   * 0 then. target may be base or source.
   */
  bool (*combine)(uint8_t* target, const uint8_t* base, const uint8_t* source, const Multiplier& by, size_t bytes);
  /** XORs the hash of page i, as the page of that number, to the two words at sums[i]. One of zeros counts nothing. */
  void (*add_hashes)(const uint8_t* const* pages, const uint32_t* numbers, size_t count, size_t bytes,
                     uint32_t* const* sums);
  bool (*differ)(const uint8_t* left, const uint8_t* right, size_t bytes);
  bool (*is_zero)(const uint8_t* page, size_t bytes);
  /** former = page, then page = source. */
  void (*shift)(uint8_t* former, uint8_t* page, const uint8_t* source, size_t bytes);
};

/** The kernels that this processor can run, the fastest first; none without GCC or Clang. */
std::vector<const Kernels*> available_kernels();

extern const Kernels avx512_kernels;
extern const Kernels avx2_kernels;
extern const Kernels plain_kernels;

}  // namespace paritas
