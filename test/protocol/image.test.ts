import { expect, it } from 'vitest'
import { logRules } from '../../src/log/index.ts'
import {
  type ApplicationEffect,
  createApplication,
  decodeProcess,
  encodeProcess,
  type ProcessState,
  stepApplication,
} from '../../src/protocol/index.ts'

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)

function processWith(lengths: readonly number[]): ProcessState {
  const process = decodeProcess(new Map())
  lengths.forEach((length, index) => {
    const message = { to: 1 + (index % 3), interval: 4, tag: 'tag ü', payload: bytes(length, index % 256) }
    logRules('default').send(process.log, message)
    process.outputs.push({ index, kind: 'emit', interval: 4, payload: bytes(length, index % 251) })
  })
  process.nextOutput = lengths.length
  return process
}

it('comes back as it was, whatever the lengths of the payloads', () => {
  const process = processWith([0, 1, 7, 2047, 2048, 2049, 0, 70_000, 3])
  expect(decodeProcess(encodeProcess(process))).toEqual(process)
})

it('keeps short payloads together, since each blob takes whole pages', () => {
  const blobs = encodeProcess(processWith(Array.from({ length: 1000 }, () => 5)))
  expect(blobs.size).toBe(2)
  expect([...blobs.values()].reduce((sum, blob) => sum + blob.byteLength, 0)).toBeLessThan(40_000)
})

it('lets a flood of empty messages wait for its receiver', () => {
  const state = createApplication(1, { rank: 0, processes: 2, code: null, logBytesMax: 10_000, rowBytes: 100 })
  const tell = (frame: Parameters<typeof stepApplication>[1]): ApplicationEffect[] => stepApplication(state, frame)
  const frame = { type: 'frame', epoch: 1, from: 'conductor' } as const
  tell({ ...frame, frame: { type: 'plan', line: 0, rebuild: [{ target: 'a0', sources: [] }], disk: null } })
  tell({ type: 'restored', epoch: 1, checkpoint: 0, blobs: new Map() })
  tell({ ...frame, frame: { type: 'resume' } })
  const sends = Array.from({ length: 60 }, () => ({ to: 1, tag: '', payload: bytes(0, 0) }))
  const stepEnded = {
    type: 'stepEnded',
    result: { sends, outputs: [], waiting: { kind: 'continue' }, vars: null },
  } as const
  expect(tell(stepEnded).at(-1)).toMatchObject({ type: 'runStep' })
  expect(tell(stepEnded).at(-1)).toMatchObject({ type: 'send', to: 'a1', frame: { type: 'pressed' } })
})
