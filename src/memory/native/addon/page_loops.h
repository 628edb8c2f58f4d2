// Whether pages differ or are zeros, and taking the content of a page over. Included as page_hash.h is, and after it.

namespace paritas {
namespace {

constexpr size_t step_bytes = 4 * hash_block_bytes;
constexpr size_t word_bytes = sizeof(uint64_t);

PARITAS_HASH_TARGET inline void load(HashLanes& to, const uint8_t* from) { std::memcpy(&to, from, sizeof to); }

PARITAS_HASH_TARGET inline uint64_t word_at(const uint8_t* from) {
  uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

PARITAS_HASH_TARGET inline bool is_any(const HashLanes& lanes) {
  uint64_t words[hash_block_bytes / word_bytes];
  std::memcpy(words, &lanes, sizeof words);
  uint64_t any = 0;
  for (const uint64_t word : words) any |= word;
  return any != 0;
}

PARITAS_HASH_TARGET bool differ(const uint8_t* left, const uint8_t* right, size_t bytes) {
  size_t at = 0;
  for (; at + step_bytes <= bytes; at += step_bytes) {
    HashLanes seen = {};
    for (size_t i = at; i < at + step_bytes; i += hash_block_bytes) {
      HashLanes one, other;
      load(one, left + i);
      load(other, right + i);
      seen |= one ^ other;
    }
    if (is_any(seen)) return true;
  }
  for (; at < bytes; at += word_bytes) {
    if (word_at(left + at) != word_at(right + at)) return true;
  }
  return false;
}

PARITAS_HASH_TARGET bool is_zero(const uint8_t* page, size_t bytes) {
  size_t at = 0;
  for (; at + step_bytes <= bytes; at += step_bytes) {
    HashLanes seen = {};
    for (size_t i = at; i < at + step_bytes; i += hash_block_bytes) {
      HashLanes lanes;
      load(lanes, page + i);
      seen |= lanes;
    }
    if (is_any(seen)) return false;
  }
  for (; at < bytes; at += word_bytes) {
    if (word_at(page + at) != 0) return false;
  }
  return true;
}

/** former = page, then page = source, in one pass. */
PARITAS_HASH_TARGET void shift(uint8_t* former, uint8_t* page, const uint8_t* source, size_t bytes) {
  size_t at = 0;
  for (; at + hash_block_bytes <= bytes; at += hash_block_bytes) {
    HashLanes before, now;
    load(before, page + at);
    load(now, source + at);
    std::memcpy(former + at, &before, sizeof before);
    std::memcpy(page + at, &now, sizeof now);
  }
  std::memcpy(former + at, page + at, bytes - at);
  std::memcpy(page + at, source + at, bytes - at);
}

}  // namespace
}  // namespace paritas
