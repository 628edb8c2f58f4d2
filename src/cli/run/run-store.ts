/** The folder of checkpoints of one run, from its begin, or from where `paritas resume` takes it up, to its end. */
import { randomBytes } from 'node:crypto'
import { UsageError } from '../../base/index.ts'
import { clearUnnamed, DamagedFileError, findNewest, nodeFolder, readingProblem } from '../../checkpoint-files/index.ts'
import { fileError, isSystemError } from '../../file-errors/index.ts'
import { type CheckpointStore, type LoadedProgram, resumeCommand } from '../../machine/index.ts'
import type { AnySizes, TypedArray } from '../../program/index.ts'
import type { RunArguments } from './arguments.ts'
import { type CheckpointFolder, emptyFolder, inBrackets } from './checkpoint-folder.ts'
import { describeRun, type RunDescription, requireSameProgram } from './run-description.ts'
import { loadInput, storeInput } from './stored-input.ts'

/** What a run that is resumed was given when it began. */
interface Given {
  readonly sizes: AnySizes
  readonly input: TypedArray | null
}

export class RunStore {
  readonly #folder: CheckpointFolder
  /** Null: the run begins now. */
  readonly #description: RunDescription | null
  #isOpen = false

  constructor(folder: CheckpointFolder, description: RunDescription | null) {
    this.#folder = folder
    this.#description = description
  }

  /** Null for a run that begins now. Throws a `UsageError` if program or input are not those of the checkpoint. */
  async given(loaded: LoadedProgram): Promise<Given | null> {
    const description = this.#description
    if (description === null) return null
    requireSameProgram(this.#folder.path, description, loaded)
    try {
      return { sizes: description.sizes, input: await loadInput(this.#folder.path, description.input) }
    } catch (error) {
      if (!isSystemError(error) && !(error instanceof DamagedFileError)) throw error
      const why = readingProblem(error)
      throw new UsageError(`${this.#folder.path}: ${why}, and nobody can go on without what --input gave`)
    }
  }

  /** For the machine. Throws a `UsageError` if the input cannot be written. */
  async open(
    args: RunArguments,
    loaded: LoadedProgram,
    { sizes, input }: Given,
    version: string,
  ): Promise<CheckpointStore> {
    const { path, newest, older, lastSequence } = this.#folder
    try {
      if (newest === null) await emptyFolder(path)
      // What cannot be removed takes room, and the run tells of it when it removes more.
      else await clearUnnamed(nodeFolder(path)).catch(() => {})
      const stored = this.#description ? this.#description.input : await storeInput(path, input)
      const about = describeRun(args, loaded, { paritas: version, sizes, input: stored })
      this.#isOpen = true
      const run = randomBytes(4).toString('hex')
      return { path, run, ...args.files, from: newest, older, lastSequence, about: { ...about } }
    } catch (error) {
      throw this.#usageError(error)
    }
  }

  /** The run is done: nobody will go on with it. */
  async finish(): Promise<void> {
    await emptyFolder(this.#folder.path)
  }

  /**
   * The run has ended before its end. Returns how to go on with it, in one line; null if nothing is there, or if the
   * checkpoint was refused that was to be resumed, since it would be refused again.
   */
  async abandon(): Promise<string | null> {
    const { path } = this.#folder
    if (this.#description !== null && !this.#isOpen) return null
    const { newest, passedOver } = await findNewest(nodeFolder(path), 1)
    if (newest) return `checkpoint ${newest.checkpoint} is on disk: '${resumeCommand(path)}' goes on from there`
    if (passedOver.length > 0) return `no checkpoint in ${path} is whole${inBrackets(passedOver)}`
    await emptyFolder(path)
    return null
  }

  #usageError(error: unknown): unknown {
    return isSystemError(error) ? fileError(this.#folder.what, error) : error
  }
}
