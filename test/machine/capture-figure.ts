import type { CheckpointFigure } from '../../src/machine/index.ts'

/** What a process tells of a capture, with an empty log. */
export function captureFigure(
  checkpoint: number,
  { atMs = 0, blockedMs = 1 } = {},
): CheckpointFigure & {
  readonly type: 'captured'
} {
  return { type: 'captured', checkpoint, atMs, blockedMs, cpuMs: 0.5, loggedMessages: 0, loggedBytes: 0, heldBytes: 0 }
}
