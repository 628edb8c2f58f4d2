import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  type CheckpointStore,
  coordinationFor,
  type LoadedProgram,
  loadProgram,
  type ProcessorShares,
  protectionFor,
  type RunOptions,
  type RunOutcome,
  schemes,
} from '../machine/index.ts'
import { memoryLayout, parseSizes } from '../program/index.ts'
import type { PlannedRun } from './plan.ts'
import { ProcessorTimesLog } from './processor-times.ts'
import { FigureLog, planned, type RunRecord, short } from './record.ts'
import type { EvaluationSetting } from './setting.ts'

/** What runs are made with. */
export interface EvaluationBench {
  readonly programsFolder: string
  /** Of the evaluation alone, with a short path: bundles and sockets. */
  readonly folder: string
  /** Null where processors are not limited. */
  readonly shares: ProcessorShares | null
  runMachine(options: RunOptions): Promise<RunOutcome>
}

/** A run that came to a wrong result: nothing that it measured is of use. */
export class WrongRunError extends Error {
  override name = 'WrongRunError'
}

/** So large that only the timeout calls for checkpoints. */
const bufferBytes = 2 ** 40

/** Makes runs, one after another. */
export class Performer {
  readonly #bed: EvaluationBench
  readonly #setting: EvaluationSetting
  readonly #programs = new Map<string, Promise<LoadedProgram>>()

  constructor(bed: EvaluationBench, setting: EvaluationSetting) {
    this.#bed = bed
    this.#setting = setting
  }

  /** Throws a `UsageError` if a program cannot compute what is planned, for instance with so many processes. */
  async check(runs: readonly PlannedRun[], signal: AbortSignal): Promise<void> {
    const { processes } = this.#setting
    for (const { workload } of runs) {
      signal.throwIfAborted()
      const { program } = await this.#program(workload.program)
      memoryLayout(program, { rank: 0, processes, size: parseSizes(program, workload.sizes) })
    }
  }

  /** `tracePath`: gets the protocol's events; null for none. Throws a `WrongRunError` if the result is wrong. */
  async perform(run: PlannedRun, tracePath: string | null, signal: AbortSignal): Promise<RunRecord> {
    const beganAt = new Date().toISOString()
    const beganMs = performance.now()
    const options = await this.#options(run, tracePath, signal)
    const [log, times] = [new FigureLog(), new ProcessorTimesLog()]
    const onNews = run.kill === null ? times.note.bind(times) : () => {}
    const store = this.#storeFor(run)
    let outcome: RunOutcome
    try {
      const onFigure: RunOptions['onFigure'] = (rank, figure) => log.note(rank, figure)
      outcome = await this.#bed.runMachine({ ...options, store, onFigure, onNews })
    } finally {
      if (store) rmSync(store.path, { recursive: true, force: true })
    }
    await this.#verify(run, options, outcome)
    return {
      ...planned(run),
      ...{ beganAt, wallMs: short(performance.now() - beganMs), elapsedMs: short(outcome.elapsedMs) },
      ...{ committed: outcome.checkpoints.committed, ...log.figures },
      ...{ deltaBytes: keptBytes(outcome), memory: outcome.memory, recoveries: outcome.recoveries },
      processorTimes: times.times,
    }
  }

  async #options(run: PlannedRun, tracePath: string | null, signal: AbortSignal): Promise<RunOptions> {
    const { processes, resume, tolerate, tracker, seed } = this.#setting
    const program = await this.#program(run.workload.program)
    const { kill, scheme, timeoutMs, workload } = run
    return {
      ...{ program, seed, tracePath, signal, input: null },
      sizes: parseSizes(program.program, workload.sizes),
      machine: {
        ...{ processes, tracker, timeoutMs, bufferBytes },
        spares: kill === null ? 0 : 1,
        protection: protectionFor(scheme, { code: 'reed-solomon', tolerate }),
        coordination: coordinationFor(scheme, resume),
      },
      faults: kill ? [{ kind: 'kill', who: `a${kill.rank}`, when: { kind: 'progress', share: kill.atShare } }] : [],
      runFolder: this.#bed.folder,
      shares: this.#bed.shares,
      onNews() {},
    }
  }

  /** Where a scheme that writes files does so: nowhere else than this run. */
  #storeFor({ scheme }: PlannedRun): CheckpointStore | null {
    if (schemes[scheme].keeps !== 'files') return null
    const path = mkdtempSync(join(this.#bed.folder, 'checkpoints-'))
    const nothing = { from: null, older: null, lastSequence: 0 }
    return { path, run: 'evaluation', every: 1, isIncremental: true, ...nothing, about: {} }
  }

  /** Each has its bundle in a folder of its own, and is bundled once. */
  #program(name: string): Promise<LoadedProgram> {
    const known = this.#programs.get(name)
    if (known) return known
    const { programsFolder, folder } = this.#bed
    const cacheFolder = join(folder, `program-${this.#programs.size}`)
    mkdirSync(cacheFolder)
    const path = name.includes('/') ? join(programsFolder, `${name}.ts`) : name
    const loaded = loadProgram(path, { programsFolder, cacheFolder })
    this.#programs.set(name, loaded)
    return loaded
  }

  async #verify(run: PlannedRun, { program: { program }, sizes, machine }: RunOptions, outcome: RunOutcome) {
    const { results, emitted } = outcome
    const problem = await program.verify?.({ size: sizes, processes: machine.processes, input: null, results, emitted })
    if (typeof problem === 'string') throw new WrongRunError(`the result of the run '${run.key}' is wrong: ${problem}`)
  }
}

/** What a run has sent to check processors or written to files for all its checkpoints. */
function keptBytes({ checkpoints: { deltaBytes, disk } }: RunOutcome): number {
  return disk === null ? deltaBytes : disk.bytes
}
