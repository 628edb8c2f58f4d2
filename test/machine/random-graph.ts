import { types } from 'node:util'
import { fc } from '@fast-check/vitest'
import { expect } from 'vitest'

/** How the objects of a graph are made; the number of one says which. */
const makers: readonly (() => object)[] = [
  () => ({}),
  () => [],
  () => Array.from({ length: 20 }, (_, index) => index),
  () => Object.assign([], { length: 30 }),
  () => new Map(),
  () => new Set(),
  () => withStack(new Error('first')),
  () => withStack(new RangeError('second', { cause: 1 })),
  () => new Date(5),
  () => /a+/g,
  () => new Uint8Array(4),
  () => new Float64Array(20),
  () => new DataView(new ArrayBuffer(8)),
  () => Buffer.alloc(3),
  () => new ArrayBuffer(6),
  () => Object(1) as object,
  () => Object('ab') as object,
  () => Object(true) as object,
  () => Object(1n) as object,
]

/** V8 puts the text together when it is first looked at, and fails to if the error is its own message by then. */
function withStack(error: Error): Error {
  expect(error.stack).toContain(error.message)
  return error
}

type Change = (object: object, other: object) => void

/** What keeps its meaning when it is copied. */
const links: readonly Change[] = [
  (object, other) => Object.assign(isOpen(object) ? object : {}, { part: other }),
  (object, other) => Object.assign(isOpen(object) ? object : {}, { other, same: other }),
  (object, other) => Array.isArray(object) && Array.prototype.push.call(object, other),
  (object, other) => Array.isArray(object) && Object.assign(object, { 25: other }),
  (object, other) => types.isMap(object) && Map.prototype.set.call(object, other, other),
  (object, other) => types.isSet(object) && Set.prototype.add.call(object, other),
  (object, other) => types.isNativeError(object) && define(object, 'cause', { value: other }),
]

/** What is lost in a copy, or changed, at least for objects of some kinds. */
const oddities: readonly Change[] = [
  (object, other) => define(object, 'extra', { value: other, enumerable: true }),
  (object, other) => define(object, 'hidden', { value: other }),
  (object) => define(object, 'read', { get: () => 1, enumerable: true }),
  (object) => define(object, 'written', { set: () => undefined, enumerable: true }),
  (object) => define(object, Symbol('s'), { value: 1, enumerable: true }),
  (object) => define(object, Symbol('hidden'), { value: 1 }),
  (object, other) => define(object, 'message', { value: other }),
  (object, other) => define(object, 'stack', { value: other }),
  (object) => define(object, 'cause', { get: () => 1 }),
  (object, other) => define(object, 'cause', { value: other, enumerable: true }),
  (object) => define(object, 'message', { enumerable: true }),
  (object) => Reflect.deleteProperty(object, 'stack'),
  (object) => Reflect.deleteProperty(object, 'message'),
  (object) => define(object, 2, { value: 1 }),
  (object) => types.isRegExp(object) && Object.assign(object, { lastIndex: 1 }),
  (object) => Reflect.setPrototypeOf(object, Object.prototype),
  (object) => Reflect.setPrototypeOf(object, null),
  (object) => Reflect.setPrototypeOf(object, class Own {}.prototype),
  (object, other) => Reflect.setPrototypeOf(object, Object.getPrototypeOf(other)),
  (object) => types.isUint8Array(object) && define(bufferOf(object), 'extra', { value: 1 }),
  (object) => types.isUint8Array(object) && Reflect.setPrototypeOf(bufferOf(object), null),
  (object) => Object.freeze(ArrayBuffer.isView(object) ? {} : object),
]

/** Whatever prototype the view has. */
const bufferOf = (view: Uint8Array): ArrayBufferLike =>
  Reflect.get(Object.getPrototypeOf(Uint8Array.prototype), 'buffer', view)

const isOpen = (object: object): boolean => [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(object))

function define(object: object, key: PropertyKey, descriptor: PropertyDescriptor): void {
  Reflect.defineProperty(object, key, { configurable: true, ...descriptor })
}

/** Objects of random kinds with random changes, each of which has two of them: one to change, and one to put there. */
function graphs(changes: readonly Change[]): fc.Arbitrary<Record<string, object>> {
  const objects = fc.array(fc.nat(makers.length - 1), { minLength: 1, maxLength: 6 })
  const steps = fc.array(fc.tuple(fc.nat(changes.length - 1), fc.nat(), fc.nat()), { maxLength: 10 })
  return fc.tuple(objects, steps).map(([kinds, todo]) => {
    const made = kinds.map((kind) => makers[kind]!())
    for (const [change, one, other] of todo) {
      const object = made[one % made.length]!
      if (!Object.isFrozen(object)) changes[change]!(object, made[other % made.length]!)
    }
    return Object.fromEntries(made.map((object, index) => [`o${index}`, object]))
  })
}

/** With cycles, shared parts and whatever programs do to their objects. */
export const anyGraphs = fc.oneof(graphs([...links, ...oddities]), graphs([...links, ...links, ...links, ...oddities]))
/** With cycles and shared parts only. */
export const plainGraphs = graphs(links)
