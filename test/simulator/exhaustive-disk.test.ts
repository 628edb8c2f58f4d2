import { describe, expect, it } from 'vitest'
import { type FilePart, SimulatedFolder } from '../../src/simulator/disk/folder.ts'
import { afterPowerCuts, emptyDisk, finishOrder } from '../../src/simulator/exhaustive/symbolic-disk.ts'
import { Universe } from '../../src/simulator/exhaustive/universe.ts'
import {
  type Canary,
  type CanaryName,
  canaries,
  describeMoves,
  type ExhaustiveWorld,
  exhaustiveWorlds,
  exploreExhaustively,
  type Violation,
  writeCounterExample,
} from '../../src/simulator/index.ts'

const { disk, 'disk-beside': beside }: Record<string, ExhaustiveWorld> = exhaustiveWorlds
const besideCut: ExhaustiveWorld = { ...beside!, crashes: 0, powerCuts: 1 }

const pages: FilePart = { type: 'pages', batch: { numbers: [1], bytes: new Uint8Array(0) } }
const end: FilePart = { type: 'end', checksums: null }
const writing = (rank: number) => ({ type: 'write', epoch: 1, rank, sequence: 1, parts: [pages, end] }) as const
const share = { released: 0, isFinished: false, file: { bytes: 0, checksum: 0, isFull: true } }
const sealing = { type: 'seal', sequence: 1, checkpoint: 1, since: null, shares: [share, share] } as const

describe('what a power cut leaves of the disk as a value', () => {
  const { checkpoints } = new Universe(disk!, false).surroundings
  const left = (...args: Parameters<typeof afterPowerCuts>): Set<string> =>
    new Set(afterPowerCuts(...args).map(({ value }) => [...value.names.keys()].sort().join(' ')))
  const written = [0, 1].reduce((value, rank) => finishOrder(value, writing(rank), checkpoints).value, emptyDisk)

  it('of files that are being written: each is lost or whole, whatever becomes of the other', () => {
    const [first, second] = ['pages-1-1-0', 'pages-1-1-1']
    expect(left(emptyDisk, [writing(0)])).toEqual(new Set(['', first]))
    expect(left(emptyDisk, [writing(0), writing(1)])).toEqual(new Set(['', first, second, `${first} ${second}`]))
  })

  it('of a manifest that is being written: it is there or not, and what is durable stays', () => {
    const files = 'pages-1-1-0 pages-1-1-1'
    expect(left(written, [sealing])).toEqual(new Set([files, `manifest-1 ${files}`]))
    expect(left(written, [])).toEqual(new Set([files]))
  })

  it('of what was removed: any of it is there again', () => {
    const removed = { ...emptyDisk, durableNames: written.durableNames }
    expect(left(removed, []).size).toBe(4)
    expect(left(finishOrder(removed, writing(0), checkpoints).value, [])).toEqual(new Set(['pages-1-1-0']))
  })

  it('and what nobody has synced is not durable there either', () => {
    const folder = new SimulatedFolder()
    const file = folder.create('pages-1-1-0')
    for (const part of [pages, end]) folder.write(file, part)
    const value = { ...emptyDisk, ...folder.content }
    expect(SimulatedFolder.holding(value).isReadable('pages-1-1-0')).toBe(true)
    expect(SimulatedFolder.holding(value).isDurable('pages-1-1-0')).toBe(false)
    expect(left(value, [])).toEqual(new Set(['', 'pages-1-1-0']))
  })
})

describe('every interleaving is right where checkpoints are kept on disk', { timeout: 120_000 }, () => {
  it.each([
    ['alone, with a crash and a power cut', disk!, 400_000],
    ['beside the parity, with a power cut', besideCut, 100_000],
  ])('%s', (_, world: ExhaustiveWorld, statesLeast) => {
    const found = exploreExhaustively(world)
    expect(found.counterExample).toBeNull()
    expect(found.isComplete).toBe(true)
    expect(found.uncovered).toBe(0)
    expect(found.finished).toBeGreaterThan(1000)
    expect(found.states).toBeGreaterThan(statesLeast)
  })

  it('beside the parity, with more lost than it covers, in every schedule with one delay', () => {
    const found = exploreExhaustively(beside!, { delays: 1 })
    expect(found.counterExample).toBeNull()
    expect(found.isComplete).toBe(true)
    // Before anything is whole on disk.
    expect(found.uncovered).toBeGreaterThan(100)
    expect(found.states).toBeGreaterThan(100_000)
  })
})

/** Goes on as if the disk were empty. */
const disregardsTheDisk: Canary = {
  conductor(step, state, event) {
    if (event.type === 'ready' && state.epoch === 1) state.fromDisk = false
    return step(event)
  },
}

/** A loss does not end what was being written. */
const goesOnStoring: Canary = {
  conductor(step, { storage }, event) {
    const order = storage?.order ?? null
    const effects = step(event)
    if (storage && effects.some(({ type }) => type === 'recoveryBegan')) storage.order = order
    return effects
  },
}

describe('every interleaving finds what is broken on purpose about checkpoints on disk:', { timeout: 60_000 }, () => {
  it.each<[CanaryName, Violation['kind']]>([
    ['manifest-before-all-files', 'NOT DURABLE'],
    ['counts-before-its-manifest', 'NOT DURABLE'],
    ['two-checkpoints-at-once', 'UNBOUNDED'],
    ['outputs-not-taken-back', 'LOST'],
    ['one-does-not-go-back-to-the-disk', 'STUCK'],
    ['outputs-marked-too-late', 'TAKEN BACK'],
    ['commit-before-its-manifest', 'NOT DURABLE'],
    ['output-before-it-is-on-disk', 'TAKEN BACK'],
  ])('%s', (name, kind) => {
    const canary: Canary = canaries[name]
    const world: ExhaustiveWorld = { ...disk!, canary, rules: { ...disk!.rules, ...canary.rules } }
    expect(exploreExhaustively(world).counterExample?.violation.kind).toBe(kind)
  })

  it.each<[CanaryName, Violation['kind']]>([
    ['manifest-before-all-files', 'NOT DURABLE'],
    ['counts-before-its-manifest', 'NOT DURABLE'],
    ['two-checkpoints-at-once', 'UNBOUNDED'],
    ['one-does-not-go-back-to-the-disk', 'STUCK'],
    ['outputs-marked-too-late', 'TAKEN BACK'],
  ])('%s, beside the parity, with a power cut', (name, kind) => {
    expect(exploreExhaustively({ ...besideCut, canary: canaries[name] }).counterExample?.violation.kind).toBe(kind)
  })

  it('one that does not go back to the disk, beside the parity, when more is lost than that covers', () => {
    const canary: Canary = canaries['one-does-not-go-back-to-the-disk']
    const found = exploreExhaustively({ ...beside!, canary }, { delays: 1 })
    expect(found.counterExample?.violation.kind).toBe('STUCK')
  })

  it('a machine that starts on nothing though a checkpoint is whole, which only a power cut shows', () => {
    const world: ExhaustiveWorld = { ...disk!, canary: disregardsTheDisk }
    const { counterExample } = exploreExhaustively(world)
    expect(counterExample?.violation).toEqual({ kind: 'TAKEN BACK', detail: 'output of a0' })
    const lines = describeMoves(world, counterExample!.moves)
    expect(lines).toContain('the power is cut; on disk is then: pages-1-1-0, pages-1-1-1, manifest-1')
    expect(writeCounterExample(world, counterExample!, [])).toBeNull()
    expect(exploreExhaustively({ ...world, powerCuts: 0 }).counterExample).toBeNull()
  })

  it('what was being written when one was lost, and is waited for, which only a crash shows', () => {
    const world: ExhaustiveWorld = { ...disk!, powerCuts: 0, canary: goesOnStoring }
    expect(exploreExhaustively(world).counterExample?.violation.kind).toBe('STUCK')
    expect(exploreExhaustively({ ...world, crashes: 0 }).counterExample).toBeNull()
  })
})
