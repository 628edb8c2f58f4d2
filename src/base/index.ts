/**
 * What every other folder may lean on: assertions that stay on in production, exhaustiveness, checks of what comes in,
 * texts and errors of users in one line, ids that cannot be mixed up, random numbers from a seed, and bytes in words.
 * Imports nothing of the project.
 */
export { AssertionError, assert, unreachable } from './assert.ts'
export {
  bytes,
  type Check,
  type ChecksOf,
  count,
  flag,
  isCount,
  isRecord,
  listOf,
  mapOf,
  nameOf,
  number,
  object,
  objectOf,
  oneOf,
  orMissing,
  orNull,
  pairOf,
  positive,
  problemWith,
  someOf,
  text,
  type VariantChecks,
  variantOf,
  when,
} from './checks.ts'
export { attempt, describeValue, enumerate, isError, isUsageError, messageOf, textIn, UsageError } from './errors.ts'
export { type Epoch, type ProcessorId, processorId, type Rank } from './ids.ts'
export { inBytes } from './in-bytes.ts'
export { oneLine, quoted } from './quoted.ts'
export { type Random, seededRandom } from './random.ts'
