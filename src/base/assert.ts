/** A broken promise of the code itself; never an operating error such as a dead peer or a bad file. */
export class AssertionError extends Error {
  override name = 'AssertionError'
}

/** Throws unless `condition` holds. `promise` names the invariant, for instance `P3: g never moves before ...`. */
export function assert(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new AssertionError(promise)
}

/** The default branch of an exhaustive switch: does not compile while a case is missing. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${JSON.stringify(value)}`)
}
