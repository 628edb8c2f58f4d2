/**
 * Stores: entries under names that several share, changed by compare-and-swap alone, watched, and bound to leases, so
 * that what one has put down goes with him. One interface, and one contract that each implementation passes.
 *
 * It asks no more than what etcd gives: a version is the `mod_revision` of a key, a change is a transaction that compares
 * it, and leases are granted, kept alive and revoked as there.
 */
export { CandidateStore, recordName, type StoreNews } from './candidate/candidate-store.ts'
export { EmbeddedStore } from './embedded-store.ts'
export { LinkedStore } from './linked-store.ts'
export {
  type LeaseTerms,
  nothing,
  type Store,
  type StoreAnswer,
  type StoreClock,
  type StoreEntry,
  type StoreLease,
  type StoreRemoval,
  type StoreSwap,
  type StoreWatch,
} from './store.ts'
export { type FromStore, fromStoreProblem, type ToStore, toStoreProblem } from './store-messages.ts'
export { StoreServer } from './store-server.ts'
