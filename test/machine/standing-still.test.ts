/** What a processor does while it hears nobody, and tells when it does again. */
import { setImmediate as settled } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { defaultSettings } from '../../src/machine/index.ts'
import { loadKernels } from '../../src/machine/kernels.ts'
import { ApplicationDriver } from '../../src/machine/processor/application-driver.ts'
import { CheckDriver } from '../../src/machine/processor/check-driver.ts'
import { ownPages } from '../../src/machine/processor/lent-pages.ts'
import type { ProcessorContext } from '../../src/machine/processor/place-driver.ts'
import { ScratchRunner, scratchProgram } from '../../src/machine/processor/rehearsal/scratch-program.ts'
import { TouchAhead } from '../../src/machine/processor/touch-ahead.ts'
import { WarmMemory } from '../../src/machine/processor/warm-memory.ts'
import type { Configuration, FromProcessor } from '../../src/machine/wire/control.ts'
import { reedSolomonCode } from '../../src/parity/index.ts'

const kernels = loadKernels()
const code = reedSolomonCode(4, 1)
const configuration: Configuration = {
  ...{ moduleUrl: 'file:///none', sizes: {}, storeFolder: null, traced: false, host: null },
  machine: { ...defaultSettings, timeoutMs: null },
}

function surroundings() {
  const told: FromProcessor[] = []
  const context = {
    configuration,
    peers: { beginEpoch() {}, prepareSlots() {}, slotBytes: 0 },
    touching: new TouchAhead({ sharers: 1, soonMs: null, toucher: null }),
    tell: (message: FromProcessor) => told.push(message),
    run: (work: Promise<void>) => void work,
    rehearse() {},
    trace: null,
  } as unknown as ProcessorContext
  return { context, tellsAlone: () => told.filter(({ type }) => type === 'alone') }
}

/** Process 0 in a machine that begins: all is told to it but that it may compute. */
async function process0() {
  const { context, tellsAlone } = surroundings()
  const host = new ScratchRunner(() => {})
  const run = vi.spyOn(host, 'run')
  const [rank, epoch, memory, input] = [0, 1, new WarmMemory(kernels), Promise.resolve(null)]
  const places = { rank, epoch, code, program: scratchProgram, memory, host, input, surroundings: context }
  const driver = new ApplicationDriver(places)
  const resume = () => driver.receive(1, 'conductor', { type: 'resume' }, ownPages)
  const rebuild = [{ target: 'a0' as const, sources: [] }]
  driver.receive(1, 'conductor', { type: 'plan', line: 0, rebuild, disk: null }, ownPages)
  await settled()
  return { driver, run, resume, tellsAlone }
}

it('a program takes its next step when somebody is heard, once, and that is told', async () => {
  const { driver, run, resume, tellsAlone } = await process0()
  driver.standStill()
  resume()
  expect([run.mock.calls.length, tellsAlone()]).toEqual([0, []])
  driver.goOn(3100)
  expect([run.mock.calls.length, tellsAlone()]).toEqual([1, [{ type: 'alone', silentMs: 3100 }]])
})

it('one that has its place only since then has not stood still', async () => {
  const { driver, run, resume, tellsAlone } = await process0()
  resume()
  driver.goOn(3100)
  expect([run.mock.calls.length, tellsAlone()]).toEqual([1, []])
})

it('a check processor has no program that could stand still', () => {
  const { context, tellsAlone } = surroundings()
  const driver = new CheckDriver({ place: 'c0', epoch: 1, code, kernels, surroundings: context })
  driver.standStill()
  driver.goOn(3100)
  expect(tellsAlone()).toEqual([])
})
