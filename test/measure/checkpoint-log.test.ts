import { expect, test } from 'vitest'
import { CheckpointLog } from '../../src/measure/checkpoint-log.ts'
import { captureFigure } from '../machine/capture-figure.ts'

function loggedTwoCheckpoints(): CheckpointLog {
  let nowMs = 0
  const log = new CheckpointLog(2, () => nowMs)
  const capture = (rank: number, checkpoint: number, atMs: number, blockedMs: number): void =>
    log.note(rank, captureFigure(checkpoint, { atMs, blockedMs }))
  const commit = (rank: number, checkpoint: number, atMs: number, latencyMs: number | null): void => {
    nowMs = atMs
    log.note(rank, { type: 'committed', checkpoint, latencyMs })
  }
  capture(0, 1, 100, 2)
  log.note(0, { type: 'shipped', deltaBytes: 4096 })
  capture(1, 1, 120, 3)
  log.note(1, { type: 'shipped', deltaBytes: 8192 })
  log.note(1, { type: 'shipped', deltaBytes: 4096 })
  commit(0, 1, 150, 55)
  // Ahead of its neighbour, which has not heard of the commit yet.
  capture(0, 2, 155, 1)
  commit(1, 1, 160, null)
  return log
}

test('a checkpoint is complete when every process has told of its commit', () => {
  expect(new CheckpointLog(2, () => 0).complete).toBe(0)
  const log = loggedTwoCheckpoints()
  expect(log.complete).toBe(1)
  log.note(0, { type: 'committed', checkpoint: 2, latencyMs: 4 })
  expect(log.complete).toBe(1)
})

test('costs go to their checkpoint, deltas to the newest capture of their process', () => {
  const log = loggedTwoCheckpoints()
  expect(log.costOf(1)).toEqual({ heldUpMs: [2, 3], latencyMs: [55], deltaBytes: [4096, 12_288], commitMs: 30 })
  log.note(0, { type: 'shipped', deltaBytes: 1 })
  expect(log.costOf(2)).toMatchObject({ heldUpMs: [1], deltaBytes: [1] })
})
