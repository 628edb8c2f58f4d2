// The hash of a page, see KernelMemory.addHash in src/parity/kernel-memory.ts, and src/parity/portable-kernels.ts for
// the same in JavaScript, bit for bit. To be included once by each kind of kernels, which says with PARITAS_HASH_TARGET
// for which instructions it is to be compiled.

#include <cstring>

namespace paritas {
namespace {

constexpr uint32_t lane_prime = 0x9e3779b1;
constexpr uint32_t fold_prime_1 = 0x85ebca6b;
constexpr uint32_t fold_prime_2 = 0xc2b2ae35;
constexpr size_t hash_lanes = 16;
constexpr size_t hash_block_bytes = hash_lanes * sizeof(uint32_t);

/** 16 hashes side by side, each of every sixteenth word of a page. */
typedef uint32_t HashLanes __attribute__((vector_size(hash_block_bytes)));

struct HashState {
  HashLanes lane;
  HashLanes trail;
  HashLanes seen;
};

inline uint32_t rotate(uint32_t word, int bits) { return word << bits | word >> (32 - bits); }

inline uint32_t scramble(uint32_t word) {
  word = (word ^ word >> 16) * fold_prime_1;
  word = (word ^ word >> 13) * fold_prime_2;
  return word ^ word >> 16;
}

PARITAS_HASH_TARGET inline void begin_hash(HashState& state) {
  for (size_t i = 0; i < hash_lanes; ++i) state.lane[i] = static_cast<uint32_t>(i + 1) * lane_prime;
  state.trail = state.seen = HashLanes{};
}

PARITAS_HASH_TARGET inline void hash_block(HashState& state, const uint8_t* block) {
  HashLanes words;
  std::memcpy(&words, block, hash_block_bytes);
  state.seen |= words;
  const HashLanes product = (state.lane ^ words) * lane_prime;
  state.lane = product << 15 | product >> 17;
  state.trail = (state.trail << 11 | state.trail >> 21) + state.lane;
}

/** Fewer bytes than a block: the lanes behind them stay as they are. */
PARITAS_HASH_TARGET inline void hash_rest(HashState& state, const uint8_t* rest, size_t bytes) {
  uint8_t block[hash_block_bytes] = {};
  std::memcpy(block, rest, bytes);
  HashState advanced = state;
  hash_block(advanced, block);
  for (size_t i = 0; i < bytes / sizeof(uint32_t); ++i) {
    state.lane[i] = advanced.lane[i];
    state.trail[i] = advanced.trail[i];
  }
  state.seen |= advanced.seen;
}

/** XORs the two halves of the hash to `sum`. */
PARITAS_HASH_TARGET inline void end_hash(const HashState& state, uint32_t number, uint32_t* sum) {
  uint32_t seen = 0;
  for (size_t i = 0; i < hash_lanes; ++i) seen |= state.seen[i];
  if (seen == 0) return;
  uint32_t first = (number + 1) * lane_prime;
  uint32_t second = number ^ fold_prime_1;
  for (size_t column = 0; column < 4; ++column) {
    uint32_t column_first = state.lane[column];
    uint32_t column_second = state.trail[column];
    for (size_t i = column + 4; i < hash_lanes; i += 4) {
      column_first = rotate((column_first ^ state.lane[i]) * fold_prime_1, 13);
      column_second = rotate((column_second ^ state.trail[i]) * fold_prime_2, 17) + column_first;
    }
    first = rotate((first ^ column_first) * fold_prime_1, 13);
    second = rotate((second ^ column_second) * fold_prime_2, 17) + first;
  }
  first = scramble(first + second);
  second = scramble(second + first);
  sum[0] ^= first + second;
  sum[1] ^= second;
}

/** So many pages at a time, since each step of one page waits for the one before. */
template <size_t count>
PARITAS_HASH_TARGET void hash_some(const uint8_t* const* pages, const uint32_t* numbers, size_t bytes,
                                   uint32_t* const* sums) {
  HashState states[count];
  for (size_t i = 0; i < count; ++i) begin_hash(states[i]);
  size_t at = 0;
  for (; at + hash_block_bytes <= bytes; at += hash_block_bytes) {
    for (size_t i = 0; i < count; ++i) hash_block(states[i], pages[i] + at);
  }
  for (size_t i = 0; at < bytes && i < count; ++i) hash_rest(states[i], pages[i] + at, bytes - at);
  for (size_t i = 0; i < count; ++i) end_hash(states[i], numbers[i], sums[i]);
}

PARITAS_HASH_TARGET void add_hashes(const uint8_t* const* pages, const uint32_t* numbers, size_t count, size_t bytes,
                                    uint32_t* const* sums) {
  constexpr size_t together = 4;
  size_t at = 0;
  for (; at + together <= count; at += together) hash_some<together>(pages + at, numbers + at, bytes, sums + at);
  for (; at < count; ++at) hash_some<1>(pages + at, numbers + at, bytes, sums + at);
}

}  // namespace
}  // namespace paritas
