import type { Store } from '../../src/store/index.ts'

/** A store and those who use it. */
export interface StoreWorld {
  /** One more of those who use it. */
  client(): Store
  /** All that is under way has come, and what it brings about too. */
  settle(): Promise<void>
  /** Something of what is under way comes; false: nothing is. `choose`: any number below the one given. */
  step(choose: (below: number) => number): boolean
  passMs(ms: number): void
  /** Where a store is asked over links: that of one of those who use it breaks, and so much still arrives. */
  cut?(client: Store, arriving: number): void
}
