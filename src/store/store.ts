/** What is found under a name. */
export interface StoreEntry {
  /**
   * 0: there is nothing. Else the number of the change that made it. Changes are counted over all names of a store, so
   * that a version never comes again, not even that of an entry which was removed and made anew.
   */
  readonly version: number
  /** Of the change that made it: whoever never heard the answer knows his own by it. Empty where there is nothing. */
  readonly nonce: string
  /** Plain data, of what links carry; null where there is nothing. Must not be changed. */
  readonly value: unknown
}

export const nothing: StoreEntry = { version: 0, nonce: '', value: null }

export interface StoreSwap {
  readonly name: string
  /** What the change builds on; 0: on that there is nothing. */
  readonly version: number
  readonly nonce: string
  readonly value: unknown
  /** The entry goes when this lease is over. Without one it stays, even if there was one before. */
  readonly lease?: StoreLease
}

export interface StoreRemoval {
  readonly name: string
  /** Of the entry that is meant, so never 0. */
  readonly version: number
}

export type StoreAnswer =
  /** `version`: what the name is at now; 0 after a removal. */
  | { readonly type: 'agreed'; readonly version: number }
  /** Nothing was changed, since the name was not at the version that was said. */
  | { readonly type: 'refused'; readonly found: StoreEntry }
  /** Nothing was changed, since the lease is over. */
  | { readonly type: 'leaseOver' }
  /** No answer came: it may have been agreed, or be so later. */
  | { readonly type: 'unknown' }

/** Made by `grant`. It is its holder's to keep it alive. */
export interface StoreLease {
  /** Its time begins anew. Does nothing once it is over. */
  keepAlive(): void
  /** Ends it at once. */
  revoke(): void
}

export interface LeaseTerms {
  /** It is over when it was not kept alive for so long, or a while later. */
  readonly ttlMs: number
  /** It is over, other than by `revoke`: called once, as soon as this is known here. */
  onOver?(): void
}

export interface StoreWatch {
  /** `onChange` is not called any more. */
  close(): void
}

/**
 * Entries under names, which several share and change by compare-and-swap; each hears of what others have done. Nothing
 * here waits for anything: answers and changes come when they are there, those of a store in the same process before the
 * call returns.
 */
export interface Store {
  /** Makes or replaces an entry, if the name is still at the version that the change builds on. */
  swap(change: StoreSwap, answer: (answer: StoreAnswer) => void): void
  /** Removes an entry, if it still is at this version. */
  remove(removal: StoreRemoval, answer: (answer: StoreAnswer) => void): void
  /**
   * Tells of the present entry first, and then of later ones, in their order. Those that were replaced meanwhile may be
   * left out; none comes after a later one.
   */
  watch(name: string, onChange: (entry: StoreEntry) => void): StoreWatch
  /** Entries may be bound to the lease at once. */
  grant(terms: LeaseTerms): StoreLease
}

/** Time, and being called when some of it has passed. */
export interface StoreClock {
  nowMs(): number
  /** Calls `then` after so long, unless what this returns is called before. */
  after(delayMs: number, then: () => void): () => void
}
