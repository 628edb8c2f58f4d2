import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import {
  defaultSettings,
  type Fault,
  loadProgram,
  type MachineSettings,
  type RunNews,
  type RunOptions,
  type RunOutcome,
  runMachine,
} from '../../src/machine/index.ts'
import { parseSizes } from '../../src/program/index.ts'
import { type Place, placeName } from '../../src/protocol/index.ts'

const programsFolder = fileURLToPath(new URL('../../programs', import.meta.url))

export interface Running {
  /** A program that ships, or the path of a module. */
  readonly program: string
  /** As on the command line. */
  readonly sizes?: readonly string[]
  readonly faults?: readonly Fault[]
  readonly onNews?: (news: RunNews) => void
  /** Looks after the run's folder from before the run begins; closed when it is over. */
  readonly surround?: (folder: string) => { close(): Promise<void> }
  readonly options?: Partial<RunOptions & MachineSettings>
}

export interface Ran {
  /** What came of it, or the error that it ended with. */
  readonly outcome: RunOutcome | Error
  readonly news: readonly RunNews[]
  /** What the program's own check says about the outcome: null if all is right. */
  readonly complaint: string | null
}

/** Runs a program on a real machine of processes, and checks that none of them and no file of theirs is left. */
export async function runProgram({
  program: name,
  sizes = [],
  faults = [],
  onNews,
  surround,
  options,
}: Running): Promise<Ran> {
  const runFolder = mkdtempSync(join(tmpdir(), 'paritas-test-'))
  const news: RunNews[] = []
  try {
    const loaded = await loadProgram(name, { programsFolder, cacheFolder: runFolder })
    const files = readdirSync(runFolder)
    const chosen = parseSizes(loaded.program, sizes)
    const all: RunOptions = {
      program: loaded,
      machine: { ...defaultSettings, ...options },
      sizes: chosen,
      input: null,
      faults,
      seed: 1,
      tracePath: null,
      runFolder,
      signal: new AbortController().signal,
      onNews(one) {
        news.push(one)
        onNews?.(one)
      },
      ...options,
    }
    const surroundings = surround?.(runFolder)
    const outcome = await runMachine(all).catch((error: Error) => error)
    await surroundings?.close()
    expect(processesOf(runFolder), 'processes that were left behind').toEqual([])
    expect(readdirSync(runFolder), 'files that were left behind').toEqual(files)
    const verify = loaded.program.verify
    const { input } = all
    const { processes } = all.machine
    const complaint =
      outcome instanceof Error || !verify ? null : await verify({ size: chosen, processes, input, ...outcome })
    return { outcome, news, complaint }
  } finally {
    rmSync(runFolder, { recursive: true, force: true })
  }
}

/** Command lines of the processes that were started with `folder` as an argument. */
export function processesOf(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return command.includes(folder) ? [command] : []
      } catch {
        // It has ended since the folder was read.
        return []
      }
    })
}

/**
 * Whose losses were recovered from, recovery by recovery. Without living processors that were taken for lost because the
 * computer was too busy for their heartbeats: that is right, and may happen in any run.
 */
export function lossesOf(ran: Ran): Place[][] {
  const struck = new Set(ran.news.flatMap((one) => (one.type === 'fault' ? [one.pid] : [])))
  const losses: Place[][] = []
  let alarms: string[] = []
  for (const one of ran.news) {
    // Who is lost before the program has begun is no recovery's.
    if (one.type === 'started') alarms = []
    if (one.type === 'lost' && one.why === silent && !struck.has(one.pid)) alarms.push(one.name)
    if (one.type !== 'resumed') continue
    losses.push(without(alarms, one.recovery.lost))
    alarms = []
  }
  expect(losses).toHaveLength(finished(ran).recoveries.length)
  return losses.filter((lost) => lost.length > 0)
}

function without(alarms: readonly string[], lost: readonly Place[]): Place[] {
  const left = [...alarms]
  return lost.filter((place) => {
    const at = left.indexOf(placeName(place))
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

/** Why a processor is lost that neither beats nor ends. */
export const silent = 'its heartbeats are missing'

/** The outcome of a run that must have finished. */
export function finished({ outcome }: Ran): RunOutcome {
  if (outcome instanceof Error) throw outcome
  return outcome
}
