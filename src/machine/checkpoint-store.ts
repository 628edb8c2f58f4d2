import type { Manifest } from '../checkpoint-files/index.ts'

/** Which checkpoints are written to disk, and how. */
export interface FileSettings {
  /** Every this many committed checkpoints one is written. */
  readonly every: number
  /** Files may hold only what has changed since the one before; false: each holds a whole memory. */
  readonly isIncremental: boolean
}

/** Where checkpoints are written to disk, and what a run goes on from. */
export interface CheckpointStore extends FileSettings {
  /** A folder that nobody else uses. */
  readonly path: string
  /** Part of the names of this run's files: letters and digits that no other run in the folder has had. */
  readonly run: string
  /** Null: the program starts from its beginning. */
  readonly from: Manifest | null
  /** The whole one before `from`, to go back to if that turns out to be damaged; null if there is none. */
  readonly older: Manifest | null
  /** The highest number that a checkpoint in the folder has. */
  readonly lastSequence: number
  /** What manifests say of the run, for whoever is to go on with it. */
  readonly about: Readonly<Record<string, unknown>>
}

/** What processors have to know of it. */
export type StoreFolder = Pick<CheckpointStore, 'path' | 'run'>

/** The command that goes on from a folder, as it can be typed into a shell. */
export function resumeCommand(path: string): string {
  const isPlain = /^[\w./@%+=:,][\w./@%+=:,-]*$/.test(path)
  return `paritas resume ${isPlain ? path : `"${path.replace(/["\\$`]/g, '\\$&')}"`}`
}

/** What the operating system said, without the name of its call. */
export function diskProblem(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split(', ')[0]!
}
