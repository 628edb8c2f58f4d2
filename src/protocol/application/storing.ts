/**
 * An application processor's part in writing a checkpoint to disk: the conductor says which one, and as soon as that is
 * committed it is written behind the computation's back. Where nothing else keeps it, it is written as soon as it is
 * captured, and committed only then.
 */
import type { StoredFile } from '../frames.ts'
import { tellConductor } from '../receiving.ts'
import type { ApplicationEffect } from './events.ts'
import { type ApplicationState, isOnDiskAlone, type OutputMark, type ProcessState, type Storing } from './state.ts'

/** Notes what the checkpoint that is captured now says of output. */
export function markOutput(state: ApplicationState, checkpoint: number): void {
  if (!state.options.isStored) return
  state.marks.set(checkpoint, markOf(state.process))
}

/** Only `checkpoint` is left, as after a recovery. */
export function restartMarks(state: ApplicationState, checkpoint: number): void {
  state.marks.clear()
  markOutput(state, checkpoint)
}

function markOf({ outputs, nextOutput, waiting }: ProcessState): OutputMark {
  const [first] = outputs
  return { released: first?.index ?? nextOutput, isFinished: waiting.kind === 'finished' && first === undefined }
}

export function noteStore(state: ApplicationState, effects: ApplicationEffect[], order: Omit<Storing, 'mark'>): void {
  const { sequence, checkpoint, since } = order
  // An order that comes twice is answered once: the manifest may count on the first answer already.
  if (state.storing?.sequence === sequence) return
  if (checkpoint < state.committed) {
    const { committed } = state
    tellConductor(state, effects, { type: 'notStored', sequence, committed, reason: null })
    return
  }
  state.storing = { sequence, checkpoint, since, mark: null }
  storeIfDue(state, effects)
}

/** Called whenever something is captured or a commit is learnt. */
export function storeIfDue(state: ApplicationState, effects: ApplicationEffect[]): void {
  for (const checkpoint of [...state.marks.keys()]) if (checkpoint < state.committed) state.marks.delete(checkpoint)
  const { storing, epoch } = state
  const due = isOnDiskAlone(state) ? state.captured : state.committed
  if (storing === null || storing.mark !== null || storing.checkpoint !== due) return
  storing.mark = state.marks.get(due) ?? markOf(state.process)
  const { checkpoint, sequence, since } = storing
  effects.push({ type: 'store', epoch, checkpoint, sequence, since })
}

/** The file is durable, or could not be written. */
export function noteWritten(
  state: ApplicationState,
  effects: ApplicationEffect[],
  sequence: number,
  written: StoredFile | string,
): void {
  const { storing, committed } = state
  if (storing?.sequence !== sequence || storing.mark === null) return
  const { mark } = storing
  if (typeof written === 'string') {
    tellConductor(state, effects, { type: 'notStored', sequence, committed, reason: written })
  } else {
    tellConductor(state, effects, { type: 'stored', sequence, committed, ...mark, file: written })
  }
}
