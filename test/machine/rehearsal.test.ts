// A rehearsal touches nothing of the run: whatever becomes of it, it ends quietly and leaves nothing.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { processorId } from '../../src/base/index.ts'
import { defaultSettings } from '../../src/machine/index.ts'
import { loadKernels } from '../../src/machine/kernels.ts'
import { type Limits, readLimits } from '../../src/machine/limits/limits.ts'
import { Rehearsal } from '../../src/machine/processor/rehearsal/rehearsal.ts'
import type { Configuration } from '../../src/machine/wire/control.ts'
import { type KernelMemory, type KernelModule, MemoryLimitError } from '../../src/parity/index.ts'
import { patient } from '../load.ts'

const kernels = loadKernels()
const timeout = patient(20_000)
const configuration: Configuration = {
  ...{ moduleUrl: 'file:///none', machine: defaultSettings, sizes: {}, storeFolder: null, traced: false, host: null },
}

describe('a rehearsal', { timeout }, () => {
  let folder: string
  const escaped: unknown[] = []
  const note = (error: unknown): void => void escaped.push(error)

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'paritas-test-'))
    escaped.length = 0
    for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, note)
  })

  afterEach(async () => {
    // What was under way comes to its end, and would be heard of now.
    for (let turn = 0; turn < 20; turn += 1) await nextTurn()
    for (const event of ['uncaughtException', 'unhandledRejection']) process.off(event, note)
    vi.restoreAllMocks()
    expect(readdirSync(folder), 'its socket is gone').toEqual([])
    expect(escaped, 'nobody hears of what goes wrong in it').toEqual([])
    rmSync(folder, { recursive: true })
  })

  const rehearse = (
    some: { kernels?: KernelModule; signal?: AbortSignal; folder?: string; limits?: () => Limits } = {},
  ): Rehearsal => {
    const { signal } = new AbortController()
    return new Rehearsal({ configuration, kernels, folder, own: processorId(1_000_001), signal, ...some })
  }

  it('goes through recoveries with the code of real ones', async () => {
    const sums = { made: 0 }
    const counting = withBatches((batches) => ({
      sum(...args) {
        sums.made += 1
        return batches.sum(...args)
      },
    }))
    expect(await rehearse({ kernels: counting }).run()).toBe(true)
    // In each recovery three places add to an image of two parts.
    expect(sums.made).toBeGreaterThanOrEqual(8 * 3 * 2)
  })

  it('changes nothing where there is no memory for it', async () => {
    const none: KernelModule = {
      name: 'simd',
      create: ({ maximumBytes }) => {
        throw new MemoryLimitError('the protected memory', maximumBytes, null)
      },
    }
    expect(await rehearse({ kernels: none }).run()).toBe(false)
  })

  it.each([
    ['much', {}, {}, true],
    ['little memory', {}, { availableBytes: 100 * 2 ** 20 }, false],
    ['little memory in its control group', {}, { group: { limitBytes: 2 ** 30, usedBytes: 0.9 * 2 ** 30 } }, false],
    ['a limit of addresses', { addressSpaceBytes: 2 ** 40 }, {}, false],
    ['a limit of written memory', { dataBytes: 2 ** 40 }, {}, false],
    ['few open files', { openFiles: 256 }, {}, false],
  ])('where the system leaves %s', async (_, someLimits, someMemory, begins) => {
    const create = vi.fn((): never => {
      throw new Error('it has begun')
    })
    const { limits, memory, groupCores } = readLimits()
    const unlimited = { addressSpaceBytes: null, dataBytes: null, openFiles: null }
    const free = { totalBytes: 2 ** 40, availableBytes: 2 ** 40, group: null }
    const made = { limits: { ...limits, ...unlimited, ...someLimits }, memory: { ...memory, ...free, ...someMemory } }
    const options = { kernels: { name: 'simd', create } as const, limits: () => ({ ...made, groupCores }) }
    expect(await rehearse(options).run()).toBe(false)
    expect(create.mock.calls.length > 0).toBe(begins)
  })

  it.each(['bring', 'sum', 'take'] as const)('ends where %s fails in the midst of it', async (name) => {
    let calls = 0
    const failing = withBatches((batches) => ({
      [name]: (...args: never[]) => {
        calls += 1
        if (calls > 2) throw new Error('it fails')
        return (batches[name] as (...all: never[]) => unknown).apply(batches, args)
      },
    }))
    expect(await rehearse({ kernels: failing }).run()).toBe(false)
    expect(calls).toBeGreaterThan(2)
  })

  it('ends where its socket cannot be made', async () => {
    expect(await rehearse({ folder: join(folder, 'none') }).run()).toBe(false)
  })

  it.each([0, 1, 3, 10, 30, 100])('is interrupted by a real loss, after %i turns of the event loop', async (turns) => {
    const loss = new AbortController()
    const run = rehearse({ signal: loss.signal }).run()
    for (let turn = 0; turn < turns; turn += 1) await nextTurn()
    loss.abort()
    const beganMs = performance.now()
    expect(await run).toBe(false)
    expect(performance.now() - beganMs, 'nobody waits for it').toBeLessThan(patient(50))
  })

  it('is over before it begins where the loss has come first', async () => {
    expect(await rehearse({ signal: AbortSignal.abort() }).run()).toBe(false)
  })
})

type Batches = KernelMemory['batches']

/** Kernels with some of their loops over batches changed. */
function withBatches(change: (batches: Batches) => Partial<Batches>): KernelModule {
  return {
    name: 'simd',
    create(options) {
      const memory = kernels.create(options)
      const changed = Object.assign(Object.create(memory.batches) as Batches, change(memory.batches))
      const bound = new Proxy(memory.batches, {
        get: (batches, name: keyof Batches) =>
          Object.hasOwn(changed, name) ? changed[name] : (batches[name] as () => void).bind(batches),
      })
      Object.defineProperty(memory, 'batches', { value: bound })
      return memory
    },
  }
}
