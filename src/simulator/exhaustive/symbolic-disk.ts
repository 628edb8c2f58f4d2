/**
 * The disk of a world as a value. Its files are those of `disk/folder.ts`, with symbols for pages; every change is made by
 * the folder and the launcher's part that random runs have, on a folder that holds what the value says.
 */
import type { Random, Rank } from '../../base/index.ts'
import { decodeProcess, type StorageOptions } from '../../protocol/index.ts'
import { SimulatedDisk } from '../disk/disk.ts'
import { DiskError, type FilePart, pagesName, SimulatedFolder, writeWhole } from '../disk/folder.ts'
import type { SimulatedManifests } from '../disk/manifests.ts'
import { DiskCheck, type DiskTally } from '../oracle/disk-check.ts'
import { idOf } from '../oracle/journal.ts'
import type { Violation } from '../oracle/oracle.ts'
import type { CapturedValue, Checkpoints } from './checkpoints.ts'
import type { ConductorObservation, DiskOrder, DiskValue } from './node.ts'

/** Every checkpoint is written, and all of it. */
const setting = { every: 1, isIncremental: false }

/** More than any file takes. */
const operationsMax = 6

export interface DiskChange {
  readonly value: DiskValue
  readonly violation: Violation | null
}

export const emptyDisk: DiskValue = { run: 1, names: new Map(), durableNames: new Map(), ordered: null, counted: null }

function open(value: DiskValue): SimulatedDisk {
  return new SimulatedDisk(setting, SimulatedFolder.holding(value), value.run)
}

/** What a conductor that starts goes on from. */
export function storageOf(value: DiskValue): StorageOptions {
  return open(value).options
}

/** One operation at a time. */
function carryOut({ folder, run, manifests }: SimulatedDisk, order: DiskOrder): Iterator<void> {
  if (order.type === 'seal') return sealing(manifests, order)
  return writeWhole(folder, pagesName(order.sequence, run, order.rank), order.parts)
}

function* sealing(manifests: SimulatedManifests, order: Extract<DiskOrder, { type: 'seal' }>): Generator<void, void> {
  manifests.seal(order)
  while (manifests.write() === null) yield
}

/** What was ordered is durable. */
export function finishOrder(value: DiskValue, order: DiskOrder, checkpoints: Checkpoints): DiskChange {
  const disk = open(value)
  const steps = carryOut(disk, order)
  while (!steps.next().done);
  const { ordered, counted } = value
  const after = { run: disk.run, ...disk.folder.content, ordered, counted }
  return { value: after, violation: order.type === 'seal' ? checkMarks(after, order, checkpoints) : null }
}

/** What the checkers say of what the conductor has done, as the disk is now. */
export function judge(value: DiskValue, seen: ConductorObservation, checkpoints: Checkpoints): DiskChange {
  const { conductor, event, effects } = seen
  const change = judged(open(value), value, (check) => check.conductorSaw(conductor, event, effects))
  return { ...change, violation: change.violation ?? checkKept(value, seen, checkpoints) }
}

/**
 * Everything that a power cut may leave while this is being written: each may have come to any of its operations, what it
 * had written is torn anywhere, and each name that was not durable is there or not.
 */
export function afterPowerCuts(value: DiskValue, orders: readonly DiskOrder[]): DiskChange[] {
  return everyChoice((random) => {
    const disk = open(value)
    for (const order of orders) {
      const steps = carryOut(disk, order)
      for (let left = random.integer(0, operationsMax); left > 0 && !steps.next().done; left -= 1);
    }
    disk.cutPower(random)
    return judged(disk, value, (check) => check.powerWasCut())
  })
}

function judged(disk: SimulatedDisk, before: DiskTally, ask: (check: DiskCheck) => void): DiskChange {
  let violation: Violation | null = null
  const check = new DiskCheck(disk, (one) => (violation ??= one), before)
  ask(check)
  return { value: { run: disk.run, ...disk.folder.content, ...check.tally }, violation }
}

/** What is done with every sequence of numbers that it may be given. */
function everyChoice<Result>(run: (random: Pick<Random, 'integer'>) => Result): Result[] {
  const results: Result[] = []
  const digits: number[] = []
  do {
    const ranges: number[] = []
    const integer = (min: number, max: number): number => {
      const place = ranges.push(max - min) - 1
      digits[place] ??= 0
      return min + digits[place]
    }
    results.push(run({ integer }))
    while (digits.length > 0 && digits.at(-1) === ranges[digits.length - 1]) digits.pop()
    if (digits.length > 0) digits[digits.length - 1]! += 1
  } while (digits.length > 0)
  return results
}

/** F4: where nothing but files keeps checkpoints, what was released is in the one that everybody goes back to. */
function checkKept(
  value: DiskValue,
  { conductor, effects, released }: ConductorObservation,
  checkpoints: Checkpoints,
): Violation | null {
  const found = effects.find((effect) => effect.type === 'lineFound')
  if (!found || conductor.options.code) return null
  for (const [rank, ids] of released) {
    const file = found.disk ? findFile(value, found.disk.sequence, rank) : 'nothing is there'
    const emitted = typeof file === 'string' ? [] : (capturedIn(file, checkpoints)?.journal.emittedIds ?? [])
    if (ids.some((id, index) => emitted[index] !== id)) return { kind: 'TAKEN BACK', detail: `output of a${rank}` }
  }
  return null
}

function capturedIn(file: readonly FilePart[], checkpoints: Checkpoints): CapturedValue | null {
  const end = file.at(-1)
  return end?.type === 'end' && end.checksums !== null ? checkpoints.captured(idOf(end.checksums)) : null
}

/** The file of a process in a checkpoint, or what is wrong with it. */
export function findFile(value: DiskValue, sequence: number, rank: Rank): readonly FilePart[] | string {
  const folder = SimulatedFolder.holding(value)
  try {
    const { parts, checksums } = folder.read(folder.chainOf(sequence, rank).at(-1)!)
    return [...parts, { type: 'end', checksums }]
  } catch (error) {
    if (error instanceof DiskError) return error.message
    throw error
  }
}

/** F3: a manifest says of output what was released when its checkpoint was captured. */
function checkMarks(
  value: DiskValue,
  { sequence, shares }: Extract<DiskOrder, { type: 'seal' }>,
  checkpoints: Checkpoints,
): Violation | null {
  for (const [rank, { released }] of shares.entries()) {
    const captured = capturedIn(value.names.get(pagesName(sequence, value.run, rank))?.parts ?? [], checkpoints)
    // F1 is asked elsewhere.
    if (captured === null) continue
    const { outputs, nextOutput } = decodeProcess(captured.blobs)
    const counted = outputs[0]?.index ?? nextOutput
    const detail = `writing ${sequence} says ${released} outputs of a${rank}, which had ${counted}`
    if (released !== counted) return { kind: 'TAKEN BACK', detail }
  }
  return null
}
