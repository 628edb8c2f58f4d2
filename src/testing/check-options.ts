import {
  type Check,
  isRecord,
  listOf,
  mapOf,
  number,
  object,
  orMissing,
  positive,
  problemWith,
  UsageError,
  when,
} from '../base/index.ts'
import { isTypedArray, unknownKey } from '../program/index.ts'

/** An object with these fields and no others; each may be missing, as `orMissing` says. */
const exactly =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) => {
    if (!isRecord(value)) return object(value)
    const unknown = unknownKey(value, Object.keys(fields))
    if (unknown !== null) return ` ${unknown}`
    for (const [name, check] of Object.entries(fields)) {
      const problem = check(value[name])
      if (problem !== null) return `.${name}${problem}`
    }
    return null
  }

const whole = (min: number, max: number): Check =>
  when(
    `a whole number from ${min} to ${max}`,
    (value) => Number.isInteger(value) && min <= Number(value) && Number(value) <= max,
  )

const programOptions = {
  processes: orMissing(whole(1, 64)),
  tolerate: orMissing(whole(1, 8)),
  sizes: orMissing(
    mapOf(when('a number or a text', (value) => typeof value === 'number' || typeof value === 'string')),
  ),
  input: orMissing(when('a typed array', isTypedArray)),
  seed: orMissing(whole(0, 2 ** 32 - 1)),
  signal: orMissing(when('an AbortSignal', (value) => value instanceof AbortSignal)),
}

const times = {
  commit: orMissing(whole(1, Number.MAX_SAFE_INTEGER)),
  share: orMissing(when('a number from 0 to 1', (value) => Number(value) >= 0 && Number(value) <= 1)),
  ms: orMissing(when('a number from 0 on', (value) => number(value) === null && Number(value) >= 0)),
  everyMs: orMissing(positive),
}

const time: Check = (value) =>
  exactly(times)(value) ??
  when('one of { commit }, { share }, { ms }, { everyMs }', (one) => Object.keys(one as object).length === 1)(value)

const whom = when(
  "the number of a process, 'checkpoint', 'backup' or 'random'",
  (value) => typeof value === 'number' || ['checkpoint', 'backup', 'random'].includes(value as string),
)

const runOptions = exactly({
  ...programOptions,
  kill: orMissing(listOf(exactly({ who: whom, at: time }))),
  timeoutMs: orMissing(positive),
})

const testOptions = exactly({
  ...programOptions,
  runs: orMissing(whole(1, 1_000_000)),
  compare: orMissing(when('a function', (value) => typeof value === 'function')),
})

const aProgram = when(
  'the path or the file URL of a module',
  (value) => typeof value === 'string' || (value instanceof URL && value.protocol === 'file:'),
)

/** Throws a `UsageError` for the first thing that is wrong with what `paritas/testing` was called with. */
export function checkOptions(name: 'runInTest' | 'testProgram', program: unknown, options: unknown): void {
  const check = name === 'runInTest' ? runOptions : testOptions
  const problem = problemWith(`${name}: program`, program, aProgram) ?? problemWith(name, options, check)
  if (problem !== null) throw new UsageError(problem)
}
