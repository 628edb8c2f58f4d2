/**
 * Notes where a program asks for what differs from run to run: random numbers and the time. To be imported before the
 * program, whose module may ask as soon as it is loaded. What it gets is what it would get anyway.
 */
import nodeCrypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { fileURLToPath } from 'node:url'

const sites = new Map<string, string>()
/** Where the code of Paritas lies; its sources too, since source maps name them. */
const ownFolders = ['dist', 'src'].map((folder) => fileURLToPath(new URL(`../../${folder}/`, import.meta.url)))

/** The time for Paritas itself, which is not noted. */
export const now = performance.now.bind(performance)

/** What was asked for so far and where first, such as `Date.now at /home/me/my-program.ts:7:20`. */
export function foreignCalls(): string[] {
  return [...sites].map(([name, site]) => `${name} at ${site}`)
}

/** Unless it was Node or Paritas that asked. Node's `crypto` asks another of its own for the program. */
function note(name: string): void {
  if (sites.has(name)) return
  const [, , , ...callers] = (new Error(name).stack ?? '').split('\n')
  const isHandedOn = name.startsWith('crypto.')
  const caller = callers.find((line) => !isHandedOn || !/\bnode:(?:internal\/)?crypto\b/.test(line)) ?? ''
  const site = /\(?(?:file:\/\/)?([^() ]+:\d+:\d+)\)?$/.exec(caller)?.[1]
  if (site === undefined || site.startsWith('node:') || ownFolders.some((folder) => site.startsWith(folder))) return
  sites.set(name, site)
}

function watch(owner: object, part: string, name: string): void {
  const original: unknown = Reflect.get(owner, part)
  if (typeof original !== 'function') return
  const watched = (...values: unknown[]): unknown => {
    note(name)
    return Reflect.apply(original, owner, values)
  }
  // Some have more behind them, such as `process.hrtime.bigint`.
  Object.assign(watched, original)
  Object.defineProperty(owner, part, { value: watched, writable: true, enumerable: true, configurable: true })
}

watch(Math, 'random', 'Math.random')
watch(Date, 'now', 'Date.now')
watch(performance, 'now', 'performance.now')
watch(process, 'hrtime', 'process.hrtime')
watch(process.hrtime, 'bigint', 'process.hrtime.bigint')
watch(crypto, 'randomUUID', 'crypto.randomUUID')
watch(crypto, 'getRandomValues', 'crypto.getRandomValues')
const drawing = ['randomUUID', 'randomBytes', 'randomInt', 'randomFillSync', 'generateKeySync', 'generateKeyPairSync']
for (const name of drawing) watch(nodeCrypto, name, `crypto.${name}`)
// For programs that import them by name.
syncBuiltinESMExports()

globalThis.Date = new Proxy(Date, {
  construct(target, values, newTarget) {
    if (values.length === 0) note('new Date')
    return Reflect.construct(target, values, newTarget) as object
  },
})
