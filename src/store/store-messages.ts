/**
 * What a store and those who use it from elsewhere say to each other. Each message is a plain object; the link it goes over
 * may carry others too, so its owner wraps and unwraps them.
 */
import { count, isCount, objectOf, orNull, problemWith, text, variantOf, when } from '../base/index.ts'
import type { StoreAnswer, StoreEntry } from './store.ts'

/** Requests, watches and leases have numbers that whoever asks makes up; none is used twice. */
export type ToStore =
  | {
      readonly type: 'swap'
      readonly request: number
      readonly name: string
      readonly version: number
      readonly nonce: string
      readonly value: unknown
      readonly lease: number | null
    }
  | { readonly type: 'remove'; readonly request: number; readonly name: string; readonly version: number }
  | { readonly type: 'watch'; readonly watch: number; readonly name: string }
  | { readonly type: 'unwatch'; readonly watch: number }
  | { readonly type: 'grant'; readonly lease: number; readonly ttlMs: number }
  | { readonly type: 'keepAlive' | 'revoke'; readonly lease: number }

export type FromStore =
  | { readonly type: 'answer'; readonly request: number; readonly answer: StoreAnswer }
  | { readonly type: 'changed'; readonly watch: number; readonly entry: StoreEntry }
  | { readonly type: 'leaseOver'; readonly lease: number }

const value = when('plain data', (one) => one !== undefined)
const version = when('the version of an entry', (one) => isCount(one) && one > 0)
const ttlMsMax = 24 * 3600 * 1000
const ttlMs = when(`milliseconds, at most ${ttlMsMax}`, (one) => typeof one === 'number' && one > 0 && one <= ttlMsMax)

const requests = variantOf<ToStore>({
  swap: { request: count, name: text, version: count, nonce: text, value, lease: orNull(count) },
  remove: { request: count, name: text, version },
  watch: { watch: count, name: text },
  unwatch: { watch: count },
  grant: { lease: count, ttlMs },
  keepAlive: { lease: count },
  revoke: { lease: count },
})

const entry = objectOf<StoreEntry>({ version: count, nonce: text, value })
const answer = variantOf<StoreAnswer>({
  agreed: { version: count },
  refused: { found: entry },
  leaseOver: {},
  unknown: {},
})

const replies = variantOf<FromStore>({
  answer: { request: count, answer },
  changed: { watch: count, entry },
  leaseOver: { lease: count },
})

/** Why `message` is none to a store, in a few words that name it; null if it is one. */
export function toStoreProblem(message: unknown): string | null {
  return problemWith('a message to the store', message, requests)
}

/** Why `message` is none from a store, in a few words that name it; null if it is one. */
export function fromStoreProblem(message: unknown): string | null {
  return problemWith('a message from the store', message, replies)
}
