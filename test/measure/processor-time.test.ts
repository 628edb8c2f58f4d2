import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ProcessorShare, processorTime } from '../../src/measure/processor-time.ts'

const priority = new URL('../../dist/machine/program-priority.js', import.meta.url).href

/** Computes as a program's thread does whenever it is told to, until it has had `ms` of the processor. */
const script = `
  import { readFileSync } from 'node:fs'
  import { parentPort } from 'node:worker_threads'
  import { giveWayToProtocol } from '${priority}'
  giveWayToProtocol()
  const hadMs = () => Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6
  parentPort.on('message', (ms) => {
    const untilMs = hadMs() + ms
    while (hadMs() < untilMs);
    parentPort.postMessage('done')
  })
  parentPort.postMessage('ready')`

describe('processor time', () => {
  let worker: Worker
  beforeEach(async () => {
    worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`))
    await once(worker, 'message')
  })
  afterEach(async () => {
    await worker.terminate()
  })

  async function compute(ms: number): Promise<void> {
    worker.postMessage(ms)
    await once(worker, 'message')
  }

  it('is told apart by who gives way', async () => {
    const before = processorTime([process.pid])!
    await compute(100)
    const after = processorTime([process.pid])!
    expect(after.programMs - before.programMs).toBeGreaterThanOrEqual(90)
    expect(after.otherMs).toBeGreaterThan(before.otherMs)
  })

  it('is not known of who is gone, nor where nobody gives way', async () => {
    expect(processorTime([2 ** 22 + 1])).toBeNull()
    await worker.terminate()
    expect(processorTime([process.pid])).toBeNull()
  })

  it('counts between two points of the progress, and only there', async () => {
    const share = new ProcessorShare(0.4, 0.9)
    share.note({ type: 'started', processors: [] })
    await compute(200)
    for (const at of [0.3, 0.5]) share.note({ type: 'progress', share: at })
    const before = processorTime([process.pid])!
    await compute(100)
    share.note({ type: 'progress', share: 0.6 })
    expect(share.otherByProgram).toBeNull()
    const after = processorTime([process.pid])!
    share.note({ type: 'progress', share: 0.95 })
    const expected = (after.otherMs - before.otherMs) / (after.programMs - before.programMs)
    expect(share.otherByProgram! / expected).toBeGreaterThan(0.5)
    const counted = share.otherByProgram
    await compute(100)
    share.note({ type: 'progress', share: 1 })
    expect(share.otherByProgram).toBe(counted)
  })
})
