import { describe, expect, it } from 'vitest'
import { Carrier, doMemoryWork, framesOf, noManifests, noStore, RealContent } from '../../src/carrier/index.ts'
import { createProtectedMemory } from '../../src/memory/index.ts'
import { portableKernels } from '../../src/parity/index.ts'

interface Effect {
  readonly type: 'does'
  readonly of: string
  readonly brings: string | null
}

/** A machine whose events say which events their effects bring about; what happens is written down. */
function carry(brings: Readonly<Record<string, readonly (string | null)[]>>, effectsLeft = Number.POSITIVE_INFINITY) {
  const happened: string[] = []
  let left = effectsLeft
  const decide = (_: null, event: string) =>
    (brings[event] ?? []).map((one) => ({ type: 'does' as const, of: event, brings: one }))
  const does = (effect: Effect): void => {
    happened.push(`${effect.of} does`)
    if (effect.brings === 'throws') throw new Error('no')
    if (effect.brings !== null) carrier.dispatch(effect.brings)
  }
  const carrier: Carrier<null, string, Effect, { state: null }> = new Carrier(
    { state: null },
    decide,
    { does },
    {
      comes: (event) => happened.push(`${event} comes`),
      saw: (event, effects) => happened.push(`${event} has ${effects.length}`),
      survives() {
        left -= 1
        return left >= 0
      },
      did: (effect) => happened.push(`${effect.of} did`),
    },
  )
  return { carrier, happened }
}

describe('the carrier', () => {
  it('has an event wait that an effect brings about, until all effects of this one are done', () => {
    const { carrier, happened } = carry({ a: ['b', 'c', null], b: [null] })
    carrier.dispatch('a')
    expect(happened).toEqual([
      ...['a comes', 'a has 3', 'a does', 'a did', 'a does', 'a did', 'a does', 'a did'],
      ...['b comes', 'b has 1', 'b does', 'b did', 'c comes', 'c has 0'],
    ])
  })

  it('carries out nothing more of whoever has ended', () => {
    const { carrier, happened } = carry({ a: [null, null, null] }, 1)
    carrier.dispatch('a')
    expect(happened).toEqual(['a comes', 'a has 3', 'a does', 'a did'])
  })

  it('goes on with the next event after an effect has thrown', () => {
    const { carrier, happened } = carry({ a: ['throws', null], b: [null] })
    expect(() => carrier.dispatch('a')).toThrow('no')
    carrier.dispatch('b')
    expect(happened).toEqual(['a comes', 'a has 2', 'a does', 'b comes', 'b has 1', 'b does', 'b did'])
  })
})

const pageSizeBytes = 64

function memoryOf(bytes: number[]) {
  const memory = createProtectedMemory({ kernels: portableKernels, programBytes: 4 * pageSizeBytes, pageSizeBytes })
  const program = new Uint8Array(memory.buffer, memory.programOffset, 4 * pageSizeBytes)
  program.set(bytes)
  return { memory, program }
}

describe('work on a memory', () => {
  it('is answered with what the memory holds then', () => {
    const { memory, program } = memoryOf([1])
    memory.capture(1, new Map([['vars', Uint8Array.of(7)]]))
    program[0] = 9
    const answer = doMemoryWork({ type: 'restore', epoch: 3, checkpoint: 1 }, memory)
    expect(answer).toEqual({ type: 'restored', epoch: 3, checkpoint: 1, blobs: new Map([['vars', Uint8Array.of(7)]]) })
    expect(program[0]).toBe(1)
  })

  it('says which page groups have not the bytes of the capture, and adopts nothing', () => {
    const { memory } = memoryOf([1])
    memory.capture(1, new Map())
    const [checksums, batches] = [memory.checksums(1), [...memory.pages(1, 4)]]
    expect(doMemoryWork({ type: 'clear' }, memory)).toBeNull()
    const adopt = { type: 'adopt', epoch: 2, checkpoint: 1, checksums } as const
    expect(doMemoryWork(adopt, memory)).toEqual({ type: 'damaged', epoch: 2, groups: [0] })
    for (const batch of batches) expect(doMemoryWork({ type: 'absorb', batch }, memory)).toBeNull()
    expect(doMemoryWork(adopt, memory)).toMatchObject({ type: 'restored', checkpoint: 1 })
  })
})

it('a shipment without pages is its end alone', () => {
  const contents = {
    batches: () => [],
    part: () => ({ type: 'resume' }) as const,
    end: (count: number) => ({ type: 'outputAck', index: count }) as const,
  }
  expect([...framesOf(contents)]).toEqual([{ type: 'outputAck', index: 0 }])
})

it('an image of real bytes is the checkpoint that is asked for, not what the program computes on', () => {
  const { memory, program } = memoryOf([5])
  memory.capture(1, new Map())
  program[0] = 8
  const image = new RealContent(memory).chainShare(1)
  const { bytes } = image.add(1, { numbers: [], bytes: new Uint8Array(0) }, 0, image.pageEnd)
  expect(bytes[0]).toBe(5)
})

it('where there is no disk, whoever writes to it is told', () => {
  expect(() => noStore.store({ type: 'store', epoch: 1, checkpoint: 1, sequence: 1, since: null })).toThrow('disk')
  expect(() => noStore.load({ type: 'load', epoch: 1, checkpoint: 1, sequence: 1 })).toThrow('disk')
  expect(() => noManifests.tell({ type: 'stored', checkpoint: 1 })).toThrow('disk')
})
