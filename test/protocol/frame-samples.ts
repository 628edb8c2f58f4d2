import type { Envelope, Frame } from '../../src/protocol/index.ts'

type Samples = { readonly [Type in Frame['type']]: Extract<Frame, { type: Type }> }

const batch = { numbers: [0, 7], bytes: new Uint8Array(128).fill(3) }
const checksums = [{ rank: 1, sums: new Uint8Array(16) }]

/** One frame of each type, as it travels. */
export const frameSamples: Samples = {
  message: { type: 'message', sequence: 4, interval: 2, tag: 'chunk', payload: new Uint8Array(5) },
  ack: { type: 'ack', sequence: 4, interval: 2 },
  pressed: { type: 'pressed' },
  stuck: { type: 'stuck' },
  marker: { type: 'marker', checkpoint: 3, messages: 5 },
  captured: { type: 'captured', checkpoint: 3 },
  request: { type: 'request', checkpoint: 3, urgent: true },
  grant: { type: 'grant', checkpoint: 3 },
  delta: { type: 'delta', checkpoint: 3, part: 0, batch },
  deltaEnd: { type: 'deltaEnd', checkpoint: 3, parts: 1, checksums: new Uint8Array(8) },
  merged: { type: 'merged', checkpoint: 3, part: 0, batch },
  mergedEnd: { type: 'mergedEnd', checkpoint: 3, parts: 1, checksums },
  held: { type: 'held', checkpoint: 3 },
  begun: { type: 'begun', checkpoint: 3 },
  hurry: { type: 'hurry', checkpoint: 3 },
  commit: { type: 'commit', checkpoint: 3 },
  output: { type: 'output', index: 0, kind: 'emit', payload: new Uint8Array(2) },
  outputAck: { type: 'outputAck', index: 0 },
  failure: { type: 'failure', step: 9, site: 'a.ts:3:1', error: 'Error: no' },
  recover: { type: 'recover', rollback: true },
  report: { type: 'report', checkpoints: [2, 3] },
  plan: { type: 'plan', line: 2, rebuild: [{ target: 'a1', sources: [{ place: 'c0', coefficient: 1 }] }], disk: null },
  store: { type: 'store', checkpoint: 4, sequence: 2, since: null },
  stored: {
    type: 'stored',
    sequence: 2,
    committed: 5,
    released: 1,
    isFinished: false,
    file: { bytes: 70, checksum: 9, isFull: true },
  },
  notStored: { type: 'notStored', sequence: 2, committed: 5, reason: 'no space left on the disk' },
  image: { type: 'image', target: 'a1', part: 0, batch: { numbers: [], bytes: new Uint8Array(0) } },
  imageEnd: { type: 'imageEnd', target: 'a1', parts: 1, checksums },
  restored: { type: 'restored' },
  damaged: { type: 'damaged', reason: 'page groups 3' },
  resume: { type: 'resume' },
}

export const envelopeSamples: readonly Envelope[] = Object.values(frameSamples).map((frame) => ({
  epoch: 1,
  from: 'a0',
  to: 'c12',
  frame,
}))
