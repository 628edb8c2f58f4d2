import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { programCodec } from '../../src/machine/program/program-codec.ts'
import { anyGraphs, plainGraphs } from './random-graph.ts'
import { graphOf } from './value-graph.ts'

const through = (value: unknown, buffers: 'whole' | 'cut'): unknown =>
  programCodec.decode(programCodec.encode(value, 'vars', buffers))

const viewClasses = [
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
  ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
] as const

interface ViewConstructor {
  new (buffer: ArrayBuffer, byteOffset?: number, length?: number): ArrayBufferView
  readonly BYTES_PER_ELEMENT?: number
}

/** A view on a part of one of the few buffers that all views of a run share. */
function viewOn(buffers: readonly ArrayBuffer[]): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.nat(buffers.length - 1), fc.nat(viewClasses.length), fc.nat(7), fc.nat(7))
    .map(([index, kind, first, count]) => {
      const buffer = buffers[index]!
      const start = Math.min(first * 8, buffer.byteLength)
      const bytes = Math.min(count * 8, buffer.byteLength - start)
      const View = viewClasses[kind]
      return View === undefined
        ? new DataView(buffer, start, bytes)
        : new View(buffer, start, bytes / View.BYTES_PER_ELEMENT)
    })
}

const leaf = fc.oneof(
  fc.anything({ maxDepth: 0, withBigInt: true, withDate: true, withSparseArray: true, withNullPrototype: false }),
  fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }),
  fc.double(),
  fc.constantFrom(-0, Number.NaN, undefined, null, /a+/gi, new RangeError('far', { cause: { at: [1] } }), Object(1n)),
)

/** Values of every kind that crosses, some of whose parts are the same object, or lie in the same buffer. */
const values = fc.uint8Array({ minLength: 16, maxLength: 16 }).chain((bytes) => {
  const buffers = [Uint8Array.from(bytes).buffer, new ArrayBuffer(40), new ArrayBuffer(0)]
  const shared = {
    list: Object.assign(new Array(3), { 0: 1, 2: 'x' }),
    map: new Map<unknown, unknown>([['k', { deep: true }]]),
  }
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(leaf, viewOn(buffers), fc.constantFrom(shared, shared.list, shared.map, ...buffers)),
      fc.array(tie('value'), { maxLength: 20 }),
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', '0', 'constructor')), tie('value'), {
        noNullPrototype: true,
      }),
      fc.array(fc.tuple(tie('value'), tie('value'))).map((entries) => new Map(entries)),
      fc.array(tie('value')).map((elements) => new Set(elements)),
      fc
        .array(tie('value'))
        .map((elements) => Object.assign([...elements], { extra: elements, self: null as unknown })),
    ),
  }))
  return value
})

describe('what crosses a boundary', () => {
  test.prop([values])('comes out as it went in, with all that is shared, where it is kept', (value) => {
    const vars = { value, again: value, self: null as unknown }
    vars.self = vars
    expect(graphOf(through(vars, 'whole'))).toEqual(graphOf(vars))
  })

  test.prop([values])('comes out with the same values, shared ones shared, where it is sent', (value) => {
    const message = [value, { value }]
    expect(graphOf(through(message, 'cut'), 'cut')).toEqual(graphOf(message, 'cut'))
    expect(graphOf(through(through(message, 'cut'), 'cut'))).toEqual(graphOf(through(message, 'cut')))
  })

  test.prop([values])('comes out as structuredClone would give it', (value) => {
    expect(graphOf(through(value, 'whole'))).toEqual(graphOf(structuredClone(value)))
  })
})

/** What `vars` come back as, or why they are refused. */
function kept(vars: unknown): { readonly value: unknown } | { readonly refusal: string } {
  let bytes: Uint8Array
  try {
    bytes = programCodec.encode(vars, 'vars', 'whole')
  } catch (error) {
    return { refusal: (error as Error).message }
  }
  return { value: programCodec.decode(bytes) }
}

describe('a graph of objects of every kind, with cycles', () => {
  test.prop([anyGraphs], { numRuns: 1500 })(
    'is refused with a path or comes back equal, whatever was done to its objects',
    (vars) => {
      const outcome = kept(vars)
      if ('refusal' in outcome) expect(outcome.refusal).toMatch(/^vars[.[ ]/)
      else expect(graphOf(outcome.value)).toEqual(graphOf(vars))
    },
  )

  test.prop([plainGraphs], { numRuns: 1000 })('is refused only if structuredClone cannot give it back', (vars) => {
    let isCloned = true
    try {
      structuredClone(vars)
    } catch {
      isCloned = false
    }
    const outcome = kept(vars)
    expect('value' in outcome).toBe(isCloned)
    if ('refusal' in outcome) {
      expect(outcome.refusal).toMatch(/^vars\S* is an error in its own cause, and could not be read back$/)
    } else expect(graphOf(outcome.value)).toEqual(graphOf(vars))
  })
})

describe('an error in its own cause', () => {
  const looped = (): Error => {
    const cause: { first?: Error } = {}
    cause.first = new Error('bad', { cause })
    return cause.first
  }

  it.each<[string, unknown]>([
    ['vars.last.cause.cause.first', { last: new Error('w', { cause: looped() }) }],
    ['vars.cause.first', looped()],
    ["vars[0].get('e').cause.first", [new Map([['e', looped()]])]],
  ])('is refused at %s', (path, value) => {
    const message = `${path} is an error in its own cause, and could not be read back`
    expect(() => programCodec.encode(value, 'vars', 'whole')).toThrow(new TypeError(message))
  })

  it('is kept if the way round leads through an object that is met first', () => {
    const task: { error?: Error } = {}
    task.error = new Error('bad', { cause: { task } })
    expect(graphOf(through({ task }, 'whole'))).toEqual(graphOf({ task }))
  })
})

it.each([
  [100_000_000, { 400: 1 }],
  [4_000_000_000, { 0: 'a', 3999999999: { last: true } }],
  [1000, { 500: undefined, 501: [] }],
])('an array of %d elements with holes takes the time of what is there', (length, elements) => {
  const sparse: unknown[] = Object.assign([], elements)
  sparse.length = length
  expect(graphOf(through({ sparse }, 'whole'))).toEqual(graphOf({ sparse }))
})

it('an array with as many other names as it has holes keeps both', () => {
  const named = Object.assign([0, 1], { unit: 'm', scale: 2 })
  named.length = 4
  expect(graphOf(through({ named }, 'whole'))).toEqual(graphOf({ named }))
})

it('what shares very much is looked through once', () => {
  let value: unknown = ['end']
  for (let level = 0; level < 40; level += 1) value = [value, { value }, value]
  expect(graphOf(through(value, 'whole'))).toEqual(graphOf(value))
  expect(() => through([value, [value, () => 1]], 'whole')).toThrow(/^vars\[1\]\[1\] is a function/)
})

describe('views', () => {
  it('arrive on a buffer that begins and ends with them, out of private and shared memory', () => {
    const all = Float64Array.of(1, 2, 3, 4)
    const memory = new Float64Array(new SharedArrayBuffer(32))
    memory.set(all)
    for (const sent of [all, all.subarray(1, 3), memory, memory.subarray(1, 3), Buffer.from('some bytes')]) {
      const { view } = through({ number: 1, view: sent }, 'cut') as { view: Float64Array }
      expect(view).toEqual(sent)
      expect([view.byteOffset, view.buffer.byteLength]).toEqual([0, sent.byteLength])
      expect(view.buffer).toBeInstanceOf(ArrayBuffer)
      expect(new Uint8Array(view.buffer)).toEqual(new Uint8Array(sent.buffer, sent.byteOffset, sent.byteLength).slice())
    }
  })

  // Behind a buffer V8 looks for a view of its own: a length that was written there was taken for one, 88 for instance.
  it.each(['whole', 'cut'] as const)(
    'come out whatever their length is, and what stands behind them too: %s',
    (mode) => {
      const shapes = (length: number): number[][] =>
        ([...viewClasses, DataView] as readonly ViewConstructor[]).map((View) => {
          const bytes = length * (View.BYTES_PER_ELEMENT ?? 1)
          const value = [new View(new ArrayBuffer(bytes)), new View(new ArrayBuffer(bytes + 8), 8, length), length]
          const [whole, part, last] = through(value, mode) as [ArrayBufferView, ArrayBufferView, number]
          return [whole.byteLength - bytes, part.byteLength - bytes, last - length]
        })
      for (let length = 0; length <= 1000; length += 1)
        expect(shapes(length).flat().some(Boolean), `${length}`).toBe(false)
    },
  )

  it('that overlap in a message still do, and others come apart', () => {
    const buffer = new ArrayBuffer(1024)
    const bytes = new Uint8Array(buffer, 100, 20)
    const floats = new Float64Array(buffer, 104, 1)
    const far = new Uint8Array(buffer, 512, 4)
    const sent = through({ bytes, floats, far }, 'cut') as { bytes: Uint8Array; floats: Float64Array; far: Uint8Array }
    sent.floats[0] = Math.PI
    expect(sent.bytes.slice(4, 12)).toEqual(new Uint8Array(Float64Array.of(Math.PI).buffer))
    expect(sent.bytes.buffer).toBe(sent.floats.buffer)
    expect([sent.bytes.length, sent.bytes.buffer.byteLength, sent.far.buffer.byteLength]).toEqual([20, 24, 4])
  })

  it('keep buffer and offset where they are kept', () => {
    const buffer = new ArrayBuffer(64)
    const vars = { head: new Uint8Array(buffer, 8, 8), whole: new DataView(buffer), tail: new Float64Array(buffer, 32) }
    const kept = through(vars, 'whole') as typeof vars
    kept.whole.setFloat64(40, 2.5, true)
    expect([kept.head.byteOffset, kept.head.buffer.byteLength, kept.tail[1]]).toEqual([8, 64, 2.5])
  })

  it('of a large buffer travel alone', () => {
    const large = new Uint8Array(1_000_000)
    expect(programCodec.encode(large.subarray(500, 600), 'value', 'cut').length).toBeLessThan(200)
  })

  it('do not depend on the bytes that they were read from', () => {
    const bytes = programCodec.encode(new Uint8Array(40).subarray(0, 20).fill(7), 'value', 'cut')
    const view = programCodec.decode(bytes)
    bytes.fill(0)
    expect(view).toEqual(new Uint8Array(20).fill(7))
  })
})

class Point {
  x = 1
}
class Queue extends Array<number> {}
class Table extends Map<string, number> {}
class Bytes extends Uint8Array {}
class Store extends ArrayBuffer {}

/** Extra properties of an array long enough that its elements are looked at another way. */
const long = (extra: object): unknown =>
  Object.assign(
    Array.from({ length: 100 }, (_, index) => index),
    extra,
  )
const sparseWith = (descriptor: PropertyDescriptor): unknown =>
  Object.defineProperty(Object.assign([], { length: 100 }), 99, descriptor)
const errorWith = (name: string, descriptor: PropertyDescriptor): unknown =>
  Object.defineProperty(new Error('x'), name, { enumerable: false, ...descriptor })
const itsOwnMessage = (): unknown => {
  const error = new Error()
  return Object.defineProperty(error, 'message', { value: error })
}
const hidden = (name: string, descriptor: PropertyDescriptor): unknown => Object.defineProperty({}, name, descriptor)
const notAs = (what: string): string => `and would not come back as ${what} of that class`
const memory = new Float64Array(new SharedArrayBuffer(16))

describe('what would not come out as it went in is refused with its path', () => {
  it.each<[string, unknown]>([
    [`vars.p is an object of class Point, ${notAs('an object')}`, { p: new Point() }],
    [`vars.u is an object of class URL, ${notAs('an object')}`, { u: new URL('http://a') }],
    [`vars[1] is an array, ${notAs('an array')}`, [1, new Queue()]],
    [`vars.t.get('a')[0] is an object of class Table, ${notAs('an object')}`, { t: new Map([['a', [new Table()]]]) }],
    [`vars.b is an object of class Bytes, ${notAs('a typed array')}`, { b: new Bytes(2) }],
    [
      `vars.keys()[1] is an object of class Point, ${notAs('an object')}`,
      new Map<unknown, number>([
        [1, 1],
        [new Point(), 2],
      ]),
    ],
    [`vars.values()[0] is an object of class Promise, ${notAs('an object')}`, new Set([Promise.resolve()])],
    [`vars["odd key"] is an object of class WeakSet, ${notAs('an object')}`, { 'odd key': new WeakSet() }],
    [`vars is an object of class Map, ${notAs('an object')}`, Object.create(Map.prototype)],
    ['vars.e.code is an extra property, and would be lost', { e: Object.assign(new Error('x'), { code: 5 }) }],
    [`vars.e is an object of class AggregateError, ${notAs('an object')}`, { e: new AggregateError([]) }],
    [`vars.e.cause is an object of class Point, ${notAs('an object')}`, { e: new Error('x', { cause: new Point() }) }],
    ['vars.m.extra is an extra property, and would be lost', { m: Object.assign(new Map(), { extra: 1 }) }],
    ['vars.extra is an extra property, and would be lost', Object.assign(new Date(), { extra: 1 })],
    ['vars.extra is an extra property, and would be lost', Object.assign(new Uint8Array(3), { extra: 1 })],
    ['vars.extra is an extra property, and would be lost', Object.assign(new Uint8Array(300), { extra: 1 })],
    [`vars.p is an object of class Point, ${notAs('an object')}`, Object.assign([1, 2], { p: new Point() })],
    [`vars.p is an object of class Point, ${notAs('an object')}`, long({ p: new Point() })],
    ['vars[60].f is a function, and those cannot be copied', long({ 60: { f: () => 1 } })],
    ['vars has the key Symbol(s), and symbols would be lost', long({ [Symbol('s')]: 1 })],
    [
      'vars.a is an accessor, and would come back as a plain value',
      {
        get a() {
          return 1
        },
      },
    ],
    ['vars[0] is an accessor, and would come back as a plain value', Object.defineProperty([1], 0, { get: () => 1 })],
    ['vars[99] is an accessor, and would come back as a plain value', sparseWith({ get: () => 1, enumerable: true })],
    ['vars[99] is not enumerable, and would be lost', sparseWith({ value: 1 })],
    ['vars.h is not enumerable, and would be lost', Object.defineProperty(long({}), 'h', { value: 1 })],
    ['vars.h is an extra property, and would be lost', Object.defineProperty(new Float64Array(300), 'h', { value: 1 })],
    ['vars has the key Symbol(s), and symbols would be lost', Object.assign(Object('ab'), { [Symbol('s')]: 1 })],
    ['vars.x is an extra property, and would be lost', Object.assign(Object('ab'), { x: 1 })],
    [
      'vars.message is an object, and would not come back: an error has a text there',
      errorWith('message', { value: {} }),
    ],
    [`vars.message is an object of class Error, and would not come back: an error has a text there`, itsOwnMessage()],
    ['vars.message is an accessor, and would come back as a plain value', errorWith('message', { get: () => 'x' })],
    ['vars.cause is an accessor, and would come back as a plain value', errorWith('cause', { get: () => 'x' })],
    [
      'vars.cause is enumerable, and would come back hidden: give it to the constructor, as in new Error(text, { cause })',
      errorWith('cause', { value: 1, enumerable: true }),
    ],
    ['vars.stack is 5, and would not come back: an error has a text there', errorWith('stack', { value: 5 })],
    [
      'vars.u.buffer.foo is an extra property, and would be lost',
      { u: new Uint8Array(Object.assign(new ArrayBuffer(4), { foo: 1 })) },
    ],
    [`vars.u.buffer is an object of class Store, ${notAs('a buffer')}`, { u: new Uint8Array(new Store(4)) }],
    ['vars.u is on a buffer that was transferred, and nothing of it is left', { u: transferred() }],
    ['vars.b is a buffer that was transferred, and nothing of it is left', { b: transferred().buffer }],
    ...[new Map([[1, 2]]), new Set(), new Date(), Object(1), Object(1n), new ArrayBuffer(3)].map(
      (value): [string, unknown] => [
        'vars.o has been given the prototype of objects, and would come back with its own',
        { o: Object.setPrototypeOf(value, Object.prototype) },
      ],
    ),
    [
      `vars is an object of class Int8Array, ${notAs('a typed array')}`,
      Object.setPrototypeOf(new Uint8Array(2), Int8Array.prototype),
    ],
    ['vars.h is not enumerable, and would be lost', hidden('h', { value: 1 })],
    ['vars[0].n has no prototype, and would come back with that of objects', [{ n: Object.create(null) }]],
    ['vars.p is a proxy, and those cannot be copied', { p: new Proxy({}, {}) }],
    ['vars is a RegExp with a lastIndex, and that would be lost', Object.assign(/a/g, { lastIndex: 1 })],
    ['vars.r can be resized, and would come back as a fixed buffer', { r: resizable() }],
    [
      'vars.r is on a buffer that can be resized, and would come back on a fixed one',
      { r: new Uint8Array(resizable()) },
    ],
    [
      'vars.window is on memory that others use too, such as self.memory, and would come back as a copy: read the memory when it is needed, or keep a copy made by .slice()',
      { window: memory.subarray(1) },
    ],
  ])('%s', (message, value) => {
    expect(() => programCodec.encode(value, 'vars', 'whole')).toThrow(new TypeError(message))
  })

  /** The way to a part: names of objects, indices of arrays and keys of maps. */
  const ways = fc.array(fc.oneof(fc.string(), fc.nat(40), fc.record({ key: fc.string() })), { maxLength: 6 })

  test.prop([ways, fc.constantFrom(() => 1, new Point(), Symbol('s'))])('wherever it is', (way, part) => {
    const vars = way.reduceRight<unknown>((inside, step) => {
      if (typeof step === 'number')
        return Object.assign(
          Array.from({ length: step + 1 }, () => 0),
          { [step]: inside },
        )
      if (typeof step === 'string')
        return Object.fromEntries([
          ['before', 0],
          [step, inside],
        ])
      return new Map([
        ['before', 0 as unknown],
        [step.key, inside],
      ])
    }, part)
    const path = pathOf(() => programCodec.encode(vars, 'vars', 'whole'))
    expect(new Function('vars', `return ${path}`)(vars)).toBe(part)
  })

  function pathOf(encode: () => unknown): string {
    try {
      encode()
    } catch (error) {
      return /^(.*) is (an object|a function|a symbol)/s.exec((error as Error).message)![1]!
    }
    throw new Error('was not refused')
  }
})

describe('depth', () => {
  it.each<[string, (inside: unknown) => unknown]>([
    ['objects', (inside) => ({ inside })],
    ['arrays', (inside) => [inside]],
    ['maps', (inside) => new Map([['inside', inside]])],
    ['keys', (inside) => new Map([[inside, 1]])],
    ['sets', (inside) => new Set([inside])],
    ['causes', (cause) => new Error('x', { cause })],
  ])('of %s is limited, so that what was written can be read', (_, wrap) => {
    const nested = (levels: number): unknown => {
      let value: unknown = 0
      for (let level = 0; level < levels; level += 1) value = wrap(value)
      return value
    }
    expect(() => through(nested(1000), 'cut')).not.toThrow()
    expect(() => through(nested(1001), 'cut')).toThrow(/ is nested deeper than 1000 levels$/)
    expect(() => through(nested(50_000), 'cut')).toThrow(/^vars.{10,200} is nested deeper than 1000 levels$/s)
  })
})

function transferred(): Uint8Array {
  const bytes = new Uint8Array(4)
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
  return bytes
}

function resizable(): ArrayBuffer {
  const Resizable = ArrayBuffer as unknown as new (bytes: number, options: object) => ArrayBuffer
  return new Resizable(8, { maxByteLength: 16 })
}
