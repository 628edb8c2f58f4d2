import { fc, test } from '@fast-check/vitest'
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  bindMemory,
  type Field,
  f32,
  f64,
  i8,
  i16,
  i32,
  i64,
  isTypedArray,
  layoutMemory,
  type Memory,
  type TypedArray,
  u8,
  u16,
  u32,
  u64,
} from '../../src/program/index.ts'

const builders = Object.entries({ f64, f32, u8, u16, u32, u64, i8, i16, i32, i64 }).map(([type, build]) => ({
  type,
  build: build as (...counts: number[]) => Field,
}))

describe('field builders', () => {
  it.each(builders)('$type makes one number without arguments, and an array of a count', ({ type, build }) => {
    expect(build()).toEqual({ type, count: null })
    expect(build(3)).toEqual({ type, count: 3 })
    expect(build(0)).toEqual({ type, count: 0 })
  })

  it('refuse a count that is none, and say where and what would be right', () => {
    expect(() => f64(-1)).toThrow('f64(-1): the count must be a whole number from 0 on')
    expect(() => u32(2.5)).toThrow('u32(2.5): the count must be a whole number from 0 on')
    expect(() => f64(undefined as unknown as number)).toThrow('f64(undefined): the count must be a whole number')
  })

  it('give self.memory its types', () => {
    const fields = { round: u32(), total: u64(), values: f64(2) }
    type Bound = Memory<typeof fields>
    expectTypeOf<Bound['round']>().toEqualTypeOf<number>()
    expectTypeOf<Bound['total']>().toEqualTypeOf<bigint>()
    expectTypeOf<Bound['values']>().toEqualTypeOf<Float64Array>()
    const memory = {} as Bound
    memory.round = 1
    // @ts-expect-error: an array field cannot be assigned, only filled
    memory.values = new Float64Array(1)
  })
})

describe('memory layout', () => {
  it('places fields one behind the other on multiples of 8', () => {
    expect(layoutMemory({ a: u8(), b: u8(9), c: f64(2), d: i16() })).toEqual({
      bytes: 48,
      fields: {
        a: { type: 'u8', count: null, offset: 0 },
        b: { type: 'u8', count: 9, offset: 8 },
        c: { type: 'f64', count: 2, offset: 24 },
        d: { type: 'i16', count: null, offset: 40 },
      },
    })
    expect(layoutMemory({})).toEqual({ bytes: 0, fields: {} })
  })

  test.prop([fc.array(fc.tuple(fc.constantFrom(...builders), fc.option(fc.nat(20))), { maxLength: 8 })])(
    'gives every field bytes of its own',
    (parts) => {
      const fields = parts.map(
        ([{ build }, count], index) => [`field${index}`, count === null ? build() : build(count)] as const,
      )
      const layout = layoutMemory(Object.fromEntries(fields))
      const buffer = new ArrayBuffer(layout.bytes + 16)
      const memory = bindMemory(layout, buffer, 8)
      const fill = (index: number, view: TypedArray): void => {
        const isBig = view instanceof BigUint64Array || view instanceof BigInt64Array
        view.fill((isBig ? BigInt(index + 1) : index + 1) as never)
      }
      fields.forEach(([name], index) => {
        const value = memory[name]!
        if (isTypedArray(value)) fill(index, value)
        else memory[name] = typeof value === 'bigint' ? BigInt(index + 1) : index + 1
      })
      fields.forEach(([name], index) => {
        const value = memory[name]!
        const found = isTypedArray(value) ? [...value] : [value]
        expect(found.every((one) => Number(one) === index + 1)).toBe(true)
      })
      expect(
        [...new Uint8Array(buffer, 0, 8), ...new Uint8Array(buffer, 8 + layout.bytes)].every((byte) => byte === 0),
      ).toBe(true)
    },
  )
})

describe('self.memory', () => {
  const layout = layoutMemory({ count: u32(), values: f64(2) })

  it('reads and writes the bytes of the buffer, which outlive it', () => {
    const buffer = new SharedArrayBuffer(64)
    const memory = bindMemory(layout, buffer, 16)
    memory.count = 7
    ;(memory.values as Float64Array).set([1, 2])
    const again = bindMemory(layout, buffer, 16)
    expect(again.count).toBe(7)
    expect(again.values).toEqual(Float64Array.of(1, 2))
    expect(Object.keys(again)).toEqual(['count', 'values'])
  })

  it('refuses to replace an array or to take a new field', () => {
    const memory = bindMemory(layout, new ArrayBuffer(64), 0)
    expect(() => {
      memory.values = new Float64Array(2)
    }).toThrow('memory.values is an array: copy into it with memory.values.set(...) or by index')
    expect(() => {
      memory.cuont = 1
    }).toThrow(TypeError)
  })

  it('asserts that it fits its buffer', () => {
    expect(() => bindMemory(layout, new ArrayBuffer(64), 4)).toThrow('multiple of 8')
    expect(() => bindMemory(layout, new ArrayBuffer(64), 48)).toThrow('fits into its buffer')
  })
})
