/**
 * Rebuilding by a chain: what a lost place held is a sum of what others hold, so each of these adds its own share to
 * the sum that it gets and passes it on, part by part, and the last one passes it to the newcomer. All work at the same
 * time, and nobody handles more than one memory's worth, however many share in it.
 *
 * Part k covers a fixed range of pages; who has more pages than came goes on with further parts.
 */
import { assert, type Epoch } from '../base/index.ts'
import type { PageBatch } from '../parity/index.ts'
import type { RankChecksums, Rebuild, RecoveryFrame } from './frames.ts'
import type { Place } from './places.ts'

/** What one place adds to the sum that rebuilds `target`. */
export interface ChainHop {
  readonly target: Place
  /** What its own pages are multiplied with. */
  readonly coefficient: number
  /** Whom the sum so far comes from; null for the first in the chain. */
  readonly from: Place | null
  readonly next: Place
  /** The next part that is to come from there. */
  nextPart: number
}

/** How far the sum that rebuilds this place has come. */
export interface Rebuilding {
  readonly line: number
  /** Who is last in the chain; null when nothing but zeros is there yet. */
  readonly from: Place | null
  nextPart: number
  ended: boolean
  /** As far as they are known. */
  checksums: readonly RankChecksums[]
}

/** The part of a processor's state that chains need. */
export interface Chained {
  readonly place: Place
  epoch: Epoch
  rebuilding: Rebuilding | null
  /** Null until the memory here is that of the recovery line. */
  hops: ChainHop[] | null
}

export type ChainEffect =
  /** Send the own pages of a checkpoint, times `coefficient`, from part `part` on; then the end, with all checksums. */
  | {
      readonly type: 'shipImage'
      readonly to: Place
      readonly epoch: Epoch
      readonly checkpoint: number
      readonly target: Place
      readonly coefficient: number
      readonly part: number
      /** What is known of checksums without those that are here. */
      readonly checksums: readonly RankChecksums[]
    }
  /** Add the own pages, times `coefficient`, to one part, and send it on. */
  | {
      readonly type: 'passImage'
      readonly to: Place
      readonly epoch: Epoch
      readonly checkpoint: number
      readonly target: Place
      readonly coefficient: number
      readonly part: number
      readonly batch: PageBatch
    }
  /** memory ^= batch, in the memory that is being rebuilt. */
  | { readonly type: 'absorb'; readonly batch: PageBatch }

/** A list of effects that chain effects can be among. */
export interface ChainSink {
  push(effect: ChainEffect): unknown
}

export type ImageFrame = Extract<RecoveryFrame, { type: 'image' | 'imageEnd' }>

export function freshRebuilding(line: number, own: Rebuild): Rebuilding {
  const from = own.sources.at(-1)?.place ?? null
  return { line, from, nextPart: 0, ended: from === null, checksums: [] }
}

/** Opens this place's links of the chains, and begins those that begin here. */
export function openHops(state: Chained, effects: ChainSink, rebuild: readonly Rebuild[], checkpoint: number): void {
  state.hops = rebuild.flatMap((one) => hopOf(state.place, one) ?? [])
  for (const link of [...state.hops]) if (link.from === null) ship(state, effects, link, checkpoint, [])
}

function hopOf(place: Place, { target, sources }: Rebuild): ChainHop | null {
  const index = sources.findIndex((source) => source.place === place)
  if (index < 0) return null
  const { coefficient } = sources[index]!
  const from = sources[index - 1]?.place ?? null
  return { target, coefficient, from, next: sources[index + 1]?.place ?? target, nextPart: 0 }
}

/** Whether a frame of a chain has come before this place was ready for it. */
export function isEarly({ place, rebuilding, hops }: Chained, { target }: ImageFrame): boolean {
  return (target === place ? rebuilding : hops) === null
}

/**
 * Part of a sum, or its end, has come: it is passed on, or absorbed. What comes twice counts once. True: the sum that
 * rebuilds this place has just ended.
 */
export function noteImage(
  state: Chained,
  effects: ChainSink,
  from: Place,
  frame: ImageFrame,
  checkpoint: number,
): boolean {
  if (frame.target === state.place) return absorb(state, effects, from, frame)
  const link = state.hops?.find(({ target }) => target === frame.target)
  if (link?.from !== from) return false
  if (frame.type === 'imageEnd') {
    assert(frame.parts === link.nextPart, 'links keep the order of frames')
    ship(state, effects, link, checkpoint, frame.checksums)
    return false
  }
  if (frame.part !== link.nextPart) return false
  link.nextPart += 1
  const { target, coefficient, next } = link
  const { part, batch } = frame
  effects.push({ type: 'passImage', to: next, epoch: state.epoch, checkpoint, target, coefficient, part, batch })
  return false
}

/** Sends what is left of this place's share. */
function ship(
  state: Chained,
  effects: ChainSink,
  link: ChainHop,
  checkpoint: number,
  checksums: readonly RankChecksums[],
): void {
  const { target, coefficient, next, nextPart } = link
  state.hops = state.hops!.filter((one) => one !== link)
  effects.push({
    type: 'shipImage',
    to: next,
    epoch: state.epoch,
    checkpoint,
    target,
    coefficient,
    part: nextPart,
    checksums,
  })
}

function absorb({ rebuilding }: Chained, effects: ChainSink, from: Place, frame: ImageFrame): boolean {
  if (!rebuilding || rebuilding.from !== from || rebuilding.ended) return false
  if (frame.type === 'imageEnd') {
    assert(frame.parts === rebuilding.nextPart, 'links keep the order of frames')
    rebuilding.ended = true
    rebuilding.checksums = frame.checksums
    return true
  }
  if (frame.part !== rebuilding.nextPart) return false
  rebuilding.nextPart += 1
  effects.push({ type: 'absorb', batch: frame.batch })
  return false
}

/** What is known of checksums from two sides, each rank once. */
export function mergeChecksums(some: readonly RankChecksums[], others: readonly RankChecksums[]): RankChecksums[] {
  return [...some, ...others.filter(({ rank }) => !some.some((one) => one.rank === rank))]
}
