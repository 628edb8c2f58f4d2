import { describe, expect, expectTypeOf, it } from 'vitest'
import { describeValue } from '../../src/base/index.ts'
import { programCodec } from '../../src/machine/program/program-codec.ts'
import {
  createProcess,
  defineProgram,
  f64,
  type Next,
  type Process,
  type Program,
  type Self,
  u32,
} from '../../src/program/index.ts'

type Steps = Pick<Program, 'start'> & Partial<Program>

/** Process 1 of 3 on a buffer, which may be one that a process had before. */
function processOf(
  parts: Steps,
  options: { buffer?: ArrayBuffer; vars?: Uint8Array | null; input?: Float64Array } = {},
) {
  const program: Program = { name: 'demo', memory: () => ({ sum: f64() }), step: (self) => self.next(), ...parts }
  const progress: number[][] = []
  const process = createProcess(program, {
    ...{ rank: 1, processes: 3, size: {}, codec: programCodec, byteOffset: 0 },
    buffer: options.buffer ?? new ArrayBuffer(64),
    vars: options.vars ?? null,
    input: options.input ?? null,
    onProgress: (done, total) => progress.push([done, total]),
  })
  return { process, progress }
}

const start = (body: (self: Self) => unknown): Process => processOf({ start: body as Program['start'] }).process

describe('a step', () => {
  it('hands out what it sent and emitted, in order, and how it goes on', () => {
    const process = start((self) => {
      const { send, emit, receive, left, right } = self
      send(left, 'a', 1)
      send(right, 'b')
      emit('out')
      self.log('found', 3)
      return receive({ from: 2 }, { tag: 'x' }, {})
    })
    const { sends, emits, logs, next, vars } = process.start()
    expect(sends.map(({ to, tag, payload }) => [to, tag, programCodec.decode(payload)])).toEqual([
      [0, 'a', 1],
      [2, 'b', undefined],
    ])
    expect(emits.map((bytes) => programCodec.decode(bytes))).toEqual(['out'])
    expect(logs.map((bytes) => programCodec.decode(bytes))).toEqual(['found 3'])
    const patterns = [
      { from: 2, tag: null },
      { from: null, tag: 'x' },
      { from: null, tag: null },
    ] // in the order asked
    expect(next).toEqual({ kind: 'receive', patterns })
    expect(vars).toBeNull()
  })

  it('logs whatever console.log shows, as it was then', () => {
    const changing = [1]
    const process = start((self) => {
      self.log('%s of %d', 'part', 2, new URL('http://a/b').pathname, () => 1, Symbol('s'))
      self.log(changing, new Map([['k', new Date(0)]]), self.memory)
      changing.push(2)
      return self.done()
    })
    expect(process.start().logs.map((bytes) => programCodec.decode(bytes))).toEqual([
      'part of 2 /b [Function (anonymous)] Symbol(s)',
      "[ 1 ] Map(1) { 'k' => 1970-01-01T00:00:00.000Z } { sum: [Getter/Setter] }",
    ])
  })

  it('is given copies of the messages, and sends copies', () => {
    const value = Float64Array.of(1, 2)
    const { process } = processOf({
      start(self) {
        self.send(0, 'values', value)
        value[0] = 9
        return self.next()
      },
      step: (self, [message]) => self.done([message!.from, message!.tag, message!.value]),
    })
    const [sent] = process.start().sends
    const { next } = process.step([{ from: 2, tag: 'values', payload: sent!.payload }])
    expect(next.kind === 'done' && programCodec.decode(next.result)).toEqual([2, 'values', Float64Array.of(1, 2)])
  })

  it('leaves nothing behind when it throws', () => {
    let fails = true
    const process = start((self) => {
      self.send(0, 'a')
      self.emit(1)
      if (fails) throw new Error('broken')
      return self.next()
    })
    expect(() => process.start()).toThrow('broken')
    fails = false
    const { sends, emits } = process.start()
    expect([sends.length, emits.length]).toEqual([1, 1])
  })

  it('sees the input only on start', () => {
    const seen: unknown[] = []
    const see = (self: Self): Next => {
      seen.push(self.input)
      return self.next()
    }
    const { process } = processOf({ start: see, step: see }, { input: Float64Array.of(5) })
    process.start()
    process.step([])
    expect(seen).toEqual([Float64Array.of(5), null])
  })

  it('reports progress at once', () => {
    const { process, progress } = processOf({
      start(self) {
        self.progress(1, 4)
        return self.next()
      },
    })
    process.start()
    expect(progress).toEqual([[1, 4]])
  })
})

describe('state', () => {
  it('goes on from memory and vars alone', () => {
    const buffer = new ArrayBuffer(64)
    const parts: Steps = {
      vars: () => ({ names: new Map([['a', 1]]) }),
      start: (self) => self.next(),
      step(self) {
        ;(self.memory as { sum: number }).sum += 1
        ;(self.vars.names as Map<string, number>).set('b', (self.memory as { sum: number }).sum)
        return self.next()
      },
    }
    const first = processOf(parts, { buffer })
    first.process.start()
    const { vars } = first.process.step([])
    const second = processOf(parts, { buffer, vars })
    const after = second.process.step([])
    expect(new Float64Array(buffer)[0]).toBe(2)
    expect(programCodec.decode(after.vars!)).toEqual({
      names: new Map([
        ['a', 1],
        ['b', 2],
      ]),
    })
  })

  it('has the types that the program says', () => {
    defineProgram({
      name: 'typed',
      memory: () => ({ round: u32(), values: f64(3) }),
      vars: () => ({ name: 'x' }),
      start(self) {
        expectTypeOf(self.memory.round).toEqualTypeOf<number>()
        expectTypeOf(self.memory.values).toEqualTypeOf<Float64Array>()
        expectTypeOf(self.vars).toEqualTypeOf<{ name: string }>()
        // @ts-expect-error: there is no such field
        self.memory.rounds
        // @ts-expect-error: at least one pattern
        return self.receive()
      },
      step: (self) => self.done(),
    })
  })
})

describe('a mistake in a step is told with process, place and remedy', () => {
  const bad = (value: unknown) => value as never
  it.each<[string, (self: Self) => unknown]>([
    ["process 1 sent 'a' to process 3, but ranks go from 0 to 2", (self) => self.send(3, 'a')],
    ["process 1 sent 'a' to process -1, but ranks go from 0 to 2", (self) => self.send(-1, 'a')],
    ["process 1 sent 'a' to process 'all', but ranks go from 0 to 2", (self) => self.send(bad('all'), 'a')],
    ['process 1 sent a message with the tag 5: a tag must be a text', (self) => self.send(0, bad(5))],
    [
      "process 1 cannot send 'a' to process 0: value is a function, and those cannot be copied",
      (self) => self.send(0, 'a', () => 1),
    ],
    ["process 1 sent 'two\\nlines' to process 3, but ranks go from 0 to 2", (self) => self.send(3, 'two\nlines')],
    [
      "process 1 cannot send 'it\\'s\\u2028' to process 0: value is a function, and those cannot be copied",
      (self) => self.send(0, "it's\u2028", () => 1),
    ],
    [
      "process 1 asked to receive by a pattern that has 'a\\nkey': there is only from and tag",
      (self) => self.receive(bad({ 'a\nkey': 0 })),
    ],
    [
      'process 1 cannot emit its value: value is a symbol, and those cannot be copied',
      (self) => self.emit(Symbol('x')),
    ],
    ...[new Map([['from', 1]]), new Date(), Object.create({ from: 1 }) as object].map(
      (pattern) =>
        [
          `process 1 asked to receive ${describeValue(pattern)}: write a pattern, such as { from: 0, tag: 'x' }`,
          (self: Self) => self.receive(bad(pattern)),
        ] as [string, (self: Self) => unknown],
    ),
    [
      "process 1 asked to receive by a pattern that has 'Symbol(from)': there is only from and tag",
      (self) => self.receive(bad({ [Symbol('from')]: 1 })),
    ],
    [
      "process 1 asked to receive by a pattern with nothing as 'from': leave it out for any",
      (self) => self.receive({ from: bad((self as { rigth?: number }).rigth) }),
    ],
    [
      "process 1 asked to receive by a pattern with nothing as 'tag': leave it out for any",
      (self) => self.receive({ from: 0, tag: bad(undefined) }),
    ],
    ['process 1 asked to receive from process 7, but ranks go from 0 to 2', (self) => self.receive({ from: 7 })],
    [
      'process 1 asked to receive a message with the tag 5: a tag must be a text',
      (self) => self.receive({ tag: bad(5) }),
    ],
    [
      'process 1 sent a message with the tag "\\ud800": a tag must be a text, and half of a surrogate pair is none',
      (self) => self.send(0, '\ud800'),
    ],
    [
      'process 1 asked to receive a message with the tag "a\\udc00b": a tag must be a text, and half of a surrogate pair is none',
      (self) => self.receive({ tag: 'a\udc00b' }),
    ],
    [
      "process 1 asked to receive by a pattern that has 'form': did you mean 'from'?",
      (self) => self.receive({}, bad({ form: 1 })),
    ],
    [
      "process 1 asked to receive by a pattern that has 'Tag': did you mean 'tag'?",
      (self) => self.receive(bad({ from: 0, Tag: 'x' })),
    ],
    [
      "process 1 asked to receive by a pattern that has 'source': there is only from and tag",
      (self) => self.receive(bad({ source: 0 })),
    ],
    [
      "process 1 asked to receive 'x': write a pattern, such as { from: 0, tag: 'x' }",
      (self) => self.receive(bad('x')),
    ],
    [
      'process 1 asked to receive nothing: write self.receive({}) for any message',
      (self) => (self.receive as () => Next)(),
    ],
    ['process 1 reported progress NaN of 5: both must be finite numbers', (self) => self.progress(Number.NaN, 5)],
    [
      'process 1 cannot be done with its result: result is a function, and those cannot be copied',
      (self) => self.done(() => 1),
    ],
    ['start of process 1 must return self.receive(...), self.next() or self.done(...), but returned nothing', () => {}],
    [
      'start of process 1 must return self.receive(...), self.next() or self.done(...), but returned an object',
      () => ({ kind: 'done', result: 1 }),
    ],
    [
      'start of process 1 must return self.receive(...), self.next() or self.done(...), but returned a promise, and steps cannot be asynchronous',
      async () => {},
    ],
  ])('%s', (message, body) => {
    expect(messageThrownBy(() => start(body).start())).toBe(message)
  })

  it.each<[string, unknown]>([
    ['vars() of process 1 must return a plain object, but returned 5', 5],
    ['vars() of process 1 must return a plain object, but returned an array', []],
    ['vars() of process 1 must return a plain object, but returned an object of class Map', new Map()],
    ['vars() of process 1 must return a plain object, but returned an object', Object.create(null)],
    ['process 1 cannot keep its vars: vars.f is a function, and those cannot be copied', { f: () => 1 }],
    [
      'process 1 cannot keep its vars: vars.queue[3] is an object of class WeakMap, and would not come back as an object of that class',
      { queue: [1, 2, 3, new WeakMap()] },
    ],
    ['process 1 cannot keep its vars: vars has the key Symbol(x), and symbols would be lost', { [Symbol('x')]: 1 }],
  ])('%s', (message, vars) => {
    const { process } = processOf({ vars: () => bad(vars), start: (self) => self.next() })
    expect(messageThrownBy(() => process.start())).toBe(message)
  })

  it.each<[string, (self: Record<string, unknown>) => unknown]>([
    [
      'self.memory cannot be replaced: assign to its fields, such as self.memory.count = 1',
      (self) => (self.memory = {}),
    ],
    [
      'self.vars cannot be replaced: assign to its fields, such as self.vars.names = []',
      (self) => (self.vars = { a: 1 }),
    ],
    [
      'Cannot add property cache, object is not extensible: what a process remembers is declared in memory() or kept in self.vars',
      (self) => (self.cache = 1),
    ],
    [
      'Cannot add property cuont, object is not extensible: what a process remembers is declared in memory() or kept in self.vars',
      ({ memory }) => ((memory as { cuont: number }).cuont = 1),
    ],
    ['Cannot set property input of #<Object> which has only a getter', (self) => (self.input = null)],
  ])('%s', (message, assign) => {
    const process = start((self) => {
      assign(self as unknown as Record<string, unknown>)
      return self.next()
    })
    expect(messageThrownBy(() => process.start())).toBe(message)
  })

  it('memory that is written, or an array of it that is taken, after the step', () => {
    let self: Self | null = null
    const { process } = processOf({
      memory: () => ({ sum: f64(), values: f64(2) }),
      start(given) {
        self = given
        return given.next()
      },
    })
    process.start()
    const memory = self!.memory as unknown as { sum: number; values: Float64Array }
    const advice = 'while no step of it was running: use it in start or step, before they return'
    expect(messageThrownBy(() => (memory.sum = 1))).toBe(`process 1 used self.memory.sum ${advice}`)
    expect(messageThrownBy(() => (memory.values[0] = 1))).toBe(`process 1 used self.memory.values ${advice}`)
    expect(memory.sum).toBe(0)
  })

  it('send and emit after the step', () => {
    let self: Self | null = null
    const process = start((given) => {
      self = given
      return given.next()
    })
    process.start()
    const advice = 'while no step of it was running: call it in start or step, before they return'
    expect(messageThrownBy(() => self!.send(0, 'a'))).toBe(`process 1 called self.send ${advice}`)
    expect(messageThrownBy(() => self!.log(1))).toBe(`process 1 called self.log ${advice}`)
    expect(messageThrownBy(() => self!.emit(1))).toBe(`process 1 called self.emit ${advice}`)
  })
})

function messageThrownBy(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return (error as Error).message
  }
  return 'nothing was thrown'
}
