// The hot loops over pages in WASM SIMD, compiled by asc. Same contract as ../portable-kernels.ts, bit for bit.
// Sizes are multiples of 16 bytes; all offsets are into the one imported memory, which holds no data of this module.

const LANE_PRIME: i32 = 0x9e3779b1
const FOLD_PRIME_1: i32 = 0x85ebca6b
const FOLD_PRIME_2: i32 = 0xc2b2ae35

/** x^8 over GF(2^8), see ../field.ts. */
const REDUCTION: i32 = 0x1d

// @ts-ignore: decorator
@inline
function difference(left: usize, right: usize, at: usize): v128 {
  return v128.xor(v128.load(left + at), v128.load(right + at))
}

// @ts-ignore: decorator
@inline
function differ(left: usize, right: usize, bytes: usize): bool {
  const whole = bytes & ~63
  for (let at: usize = 0; at < whole; at += 64) {
    const low = v128.or(difference(left, right, at), difference(left, right, at + 16))
    const high = v128.or(difference(left, right, at + 32), difference(left, right, at + 48))
    if (v128.any_true(v128.or(low, high))) return true
  }
  for (let at = whole; at < bytes; at += 16) {
    if (v128.any_true(difference(left, right, at))) return true
  }
  return false
}

// @ts-ignore: decorator
@inline
function copyPage(target: usize, source: usize, bytes: usize): void {
  const whole = bytes & ~63
  for (let at: usize = 0; at < whole; at += 64) {
    const a = v128.load(source + at)
    const b = v128.load(source + at, 16)
    const c = v128.load(source + at, 32)
    const d = v128.load(source + at, 48)
    v128.store(target + at, a)
    v128.store(target + at, b, 16)
    v128.store(target + at, c, 32)
    v128.store(target + at, d, 48)
  }
  for (let at = whole; at < bytes; at += 16) v128.store(target + at, v128.load(source + at))
}

export function copy(target: usize, source: usize, bytes: usize): void {
  copyPage(target, source, bytes)
}

export function xor(target: usize, left: usize, right: usize, bytes: usize): void {
  const whole = bytes & ~63
  for (let at: usize = 0; at < whole; at += 64) {
    const a = difference(left, right, at)
    const b = difference(left, right, at + 16)
    const c = difference(left, right, at + 32)
    const d = difference(left, right, at + 48)
    v128.store(target + at, a)
    v128.store(target + at, b, 16)
    v128.store(target + at, c, 32)
    v128.store(target + at, d, 48)
  }
  for (let at = whole; at < bytes; at += 16) v128.store(target + at, difference(left, right, at))
}

/** Twice a byte over GF(2^8). */
// @ts-ignore: decorator
@inline
function xtime(byte: i32): i32 {
  return ((byte << 1) & 255) ^ ((byte >> 7) * REDUCTION)
}

/** coefficient times 0, 1, … 15, in lanes. */
// @ts-ignore: decorator
@inline
function multiples(coefficient: i32): v128 {
  const twice = xtime(coefficient)
  const fourfold = xtime(twice)
  const ones = v128.and(i8x16.splat(<i8>coefficient), i8x16(0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1))
  const twos = v128.and(i8x16.splat(<i8>twice), i8x16(0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1))
  const fours = v128.and(i8x16.splat(<i8>fourfold), i8x16(0, 0, 0, 0, -1, -1, -1, -1, 0, 0, 0, 0, -1, -1, -1, -1))
  const eights = v128.and(i8x16.splat(<i8>xtime(fourfold)), i64x2(0, -1))
  return v128.xor(v128.xor(ones, twos), v128.xor(fours, eights))
}

// @ts-ignore: decorator
@inline
function product(bytes: v128, low: v128, high: v128): v128 {
  const lower = i8x16.swizzle(low, v128.and(bytes, i8x16.splat(15)))
  return v128.xor(lower, i8x16.swizzle(high, i8x16.shr_u(bytes, 4)))
}

/** A byte's product is the XOR of those of its two nibbles, each one of 16: a table that fits one register. */
export function multiply(target: usize, source: usize, coefficient: i32, bytes: usize): void {
  if (coefficient == 1) return copyPage(target, source, bytes)
  const low = multiples(coefficient)
  const high = multiples(xtime(xtime(xtime(xtime(coefficient)))))
  const whole = bytes & ~63
  for (let at: usize = 0; at < whole; at += 64) {
    const a = product(v128.load(source + at), low, high)
    const b = product(v128.load(source + at, 16), low, high)
    const c = product(v128.load(source + at, 32), low, high)
    const d = product(v128.load(source + at, 48), low, high)
    v128.store(target + at, a)
    v128.store(target + at, b, 16)
    v128.store(target + at, c, 32)
    v128.store(target + at, d, 48)
  }
  for (let at = whole; at < bytes; at += 16) v128.store(target + at, product(v128.load(source + at), low, high))
}

export function multiplyAdd(target: usize, source: usize, coefficient: i32, bytes: usize): void {
  if (coefficient == 0) return
  if (coefficient == 1) return xor(target, target, source, bytes)
  const low = multiples(coefficient)
  const high = multiples(xtime(xtime(xtime(xtime(coefficient)))))
  const whole = bytes & ~63
  let at: usize = 0
  for (; at < whole; at += 64) {
    const a = product(v128.load(source + at), low, high)
    const b = product(v128.load(source + at, 16), low, high)
    const c = product(v128.load(source + at, 32), low, high)
    const d = product(v128.load(source + at, 48), low, high)
    v128.store(target + at, v128.xor(v128.load(target + at), a))
    v128.store(target + at, v128.xor(v128.load(target + at, 16), b), 16)
    v128.store(target + at, v128.xor(v128.load(target + at, 32), c), 32)
    v128.store(target + at, v128.xor(v128.load(target + at, 48), d), 48)
  }
  for (; at < bytes; at += 16) {
    v128.store(target + at, v128.xor(v128.load(target + at), product(v128.load(source + at), low, high)))
  }
}

export function isZero(offset: usize, bytes: usize): bool {
  const whole = bytes & ~63
  for (let at: usize = 0; at < whole; at += 64) {
    const low = v128.or(v128.load(offset + at), v128.load(offset + at, 16))
    const high = v128.or(v128.load(offset + at, 32), v128.load(offset + at, 48))
    if (v128.any_true(v128.or(low, high))) return false
  }
  for (let at = whole; at < bytes; at += 16) {
    if (v128.any_true(v128.load(offset + at))) return false
  }
  return true
}

/** former = shadow, then shadow = live, in one pass. */
// @ts-ignore: decorator
@inline
function shiftPage(former: usize, shadow: usize, live: usize, bytes: usize): void {
  const whole = bytes & ~31
  for (let at: usize = 0; at < whole; at += 32) {
    const old0 = v128.load(shadow + at)
    const old1 = v128.load(shadow + at, 16)
    const new0 = v128.load(live + at)
    const new1 = v128.load(live + at, 16)
    v128.store(former + at, old0)
    v128.store(former + at, old1, 16)
    v128.store(shadow + at, new0)
    v128.store(shadow + at, new1, 16)
  }
  if (whole == bytes) return
  v128.store(former + whole, v128.load(shadow + whole))
  v128.store(shadow + whole, v128.load(live + whole))
}

export function countChanged(live: usize, shadow: usize, pages: u32, pageBytes: usize): u32 {
  let count: u32 = 0
  for (let page: u32 = 0; page < pages; page++) {
    const at = <usize>page * pageBytes
    if (differ(live + at, shadow + at, pageBytes)) count++
  }
  return count
}

export function captureChanged(
  live: usize,
  shadow: usize,
  from: u32,
  pages: u32,
  pageBytes: usize,
  free: usize,
  changes: usize,
): u32 {
  let available = load<u32>(free)
  let count = load<u32>(changes)
  let page = from
  for (; page < pages; page++) {
    const source = live + <usize>page * pageBytes
    const captured = shadow + <usize>page * pageBytes
    if (!differ(source, captured, pageBytes)) continue
    let former: usize = 0
    if (isZero(captured, pageBytes)) {
      copyPage(captured, source, pageBytes)
    } else {
      if (available == 0) break
      former = load<u32>(free + (available << 2))
      available--
      shiftPage(former, captured, source, pageBytes)
    }
    const change = changes + (count << 3)
    store<u32>(change, page, 4)
    store<u32>(change, former, 8)
    count++
  }
  store<u32>(free, available)
  store<u32>(changes, count)
  return page
}

export function restoreChanged(live: usize, shadow: usize, pages: u32, pageBytes: usize): void {
  for (let page: u32 = 0; page < pages; page++) {
    const target = live + <usize>page * pageBytes
    const source = shadow + <usize>page * pageBytes
    if (differ(target, source, pageBytes)) copyPage(target, source, pageBytes)
  }
}

// @ts-ignore: decorator
@inline
function advance(lane: v128, words: v128): v128 {
  const product = i32x4.mul(v128.xor(lane, words), i32x4.splat(LANE_PRIME))
  return v128.or(i32x4.shl(product, 15), i32x4.shr_u(product, 17))
}

// @ts-ignore: decorator
@inline
function follow(trail: v128, lane: v128): v128 {
  return i32x4.add(v128.or(i32x4.shl(trail, 11), i32x4.shr_u(trail, 21)), lane)
}

// @ts-ignore: decorator
@inline
function foldLanes(first: v128, lanes: v128): v128 {
  const product = i32x4.mul(v128.xor(first, lanes), i32x4.splat(FOLD_PRIME_1))
  return v128.or(i32x4.shl(product, 13), i32x4.shr_u(product, 19))
}

// @ts-ignore: decorator
@inline
function foldTrails(second: v128, trails: v128, first: v128): v128 {
  const product = i32x4.mul(v128.xor(second, trails), i32x4.splat(FOLD_PRIME_2))
  return i32x4.add(v128.or(i32x4.shl(product, 17), i32x4.shr_u(product, 15)), first)
}

// @ts-ignore: decorator
@inline
function foldFirst(first: i32, column: i32): i32 {
  return rotl<i32>((first ^ column) * FOLD_PRIME_1, 13)
}

// @ts-ignore: decorator
@inline
function foldSecond(second: i32, column: i32, first: i32): i32 {
  return rotl<i32>((second ^ column) * FOLD_PRIME_2, 17) + first
}

// @ts-ignore: decorator
@inline
function scramble(word: i32): i32 {
  let mixed = (word ^ (word >>> 16)) * FOLD_PRIME_1
  mixed = (mixed ^ (mixed >>> 13)) * FOLD_PRIME_2
  return mixed ^ (mixed >>> 16)
}

export function addHash(target: usize, offset: usize, bytes: usize, pageNumber: u32): void {
  let lane0 = i32x4(LANE_PRIME, 2 * LANE_PRIME, 3 * LANE_PRIME, 4 * LANE_PRIME)
  let lane1 = i32x4(5 * LANE_PRIME, 6 * LANE_PRIME, 7 * LANE_PRIME, 8 * LANE_PRIME)
  let lane2 = i32x4(9 * LANE_PRIME, 10 * LANE_PRIME, 11 * LANE_PRIME, 12 * LANE_PRIME)
  let lane3 = i32x4(13 * LANE_PRIME, 14 * LANE_PRIME, 15 * LANE_PRIME, 16 * LANE_PRIME)
  let trail0 = i32x4.splat(0)
  let trail1 = trail0
  let trail2 = trail0
  let trail3 = trail0
  let seen = trail0
  const whole = bytes & ~63
  let at: usize = 0
  for (; at < whole; at += 64) {
    const words0 = v128.load(offset + at)
    const words1 = v128.load(offset + at, 16)
    const words2 = v128.load(offset + at, 32)
    const words3 = v128.load(offset + at, 48)
    seen = v128.or(seen, v128.or(v128.or(words0, words1), v128.or(words2, words3)))
    lane0 = advance(lane0, words0)
    lane1 = advance(lane1, words1)
    lane2 = advance(lane2, words2)
    lane3 = advance(lane3, words3)
    trail0 = follow(trail0, lane0)
    trail1 = follow(trail1, lane1)
    trail2 = follow(trail2, lane2)
    trail3 = follow(trail3, lane3)
  }
  if (at < bytes) {
    const words = v128.load(offset + at)
    seen = v128.or(seen, words)
    lane0 = advance(lane0, words)
    trail0 = follow(trail0, lane0)
    at += 16
  }
  if (at < bytes) {
    const words = v128.load(offset + at)
    seen = v128.or(seen, words)
    lane1 = advance(lane1, words)
    trail1 = follow(trail1, lane1)
    at += 16
  }
  if (at < bytes) {
    const words = v128.load(offset + at)
    seen = v128.or(seen, words)
    lane2 = advance(lane2, words)
    trail2 = follow(trail2, lane2)
  }
  if (!v128.any_true(seen)) return
  let columns1 = foldLanes(lane0, lane1)
  let columns2 = foldTrails(trail0, trail1, columns1)
  columns1 = foldLanes(columns1, lane2)
  columns2 = foldTrails(columns2, trail2, columns1)
  columns1 = foldLanes(columns1, lane3)
  columns2 = foldTrails(columns2, trail3, columns1)
  let first = foldFirst((pageNumber + 1) * LANE_PRIME, i32x4.extract_lane(columns1, 0))
  let second = foldSecond(pageNumber ^ FOLD_PRIME_1, i32x4.extract_lane(columns2, 0), first)
  first = foldFirst(first, i32x4.extract_lane(columns1, 1))
  second = foldSecond(second, i32x4.extract_lane(columns2, 1), first)
  first = foldFirst(first, i32x4.extract_lane(columns1, 2))
  second = foldSecond(second, i32x4.extract_lane(columns2, 2), first)
  first = foldFirst(first, i32x4.extract_lane(columns1, 3))
  second = foldSecond(second, i32x4.extract_lane(columns2, 3), first)
  first = scramble(first + second)
  second = scramble(second + first)
  store<i32>(target, load<i32>(target) ^ (first + second))
  store<i32>(target, load<i32>(target, 4) ^ second, 4)
}
