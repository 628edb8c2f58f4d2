import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ThreadTimes, threadTimes } from '../../src/machine/index.ts'
import { otherByProgram, ProcessorShare } from '../../src/measure/processor-time.ts'

const priority = new URL('../../dist/machine/program/program-priority.js', import.meta.url).href

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

  const sumMs = (times: ThreadTimes, ofPrograms: boolean): number =>
    [...times.values()].reduce((sum, { ms, isProgram }) => sum + (isProgram === ofPrograms ? ms : 0), 0)

  it('is told apart by who gives way', async () => {
    const before = threadTimes([process.pid])!
    await compute(100)
    const after = threadTimes([process.pid])!
    const programMs = sumMs(after, true) - sumMs(before, true)
    expect(programMs).toBeGreaterThanOrEqual(90)
    expect(sumMs(after, false)).toBeGreaterThan(sumMs(before, false))
    expect(otherByProgram(before, after)).toBeCloseTo((sumMs(after, false) - sumMs(before, false)) / programMs, 9)
  })

  it('is not known of who is gone', async () => {
    expect(threadTimes([2 ** 22 + 1])).toBeNull()
    const before = threadTimes([process.pid])!
    await worker.terminate()
    expect(otherByProgram(before, threadTimes([process.pid])!)).toBeNull()
  })

  it('is not known where no program computed', () => {
    const thread = (ms: number, isProgram: boolean) => ({ ms, isProgram })
    const times = (programMs: number): ThreadTimes =>
      new Map([
        ['program', thread(programMs, true)],
        ['other', thread(7, false)],
      ])
    expect(otherByProgram(times(3), times(3))).toBeNull()
    expect(otherByProgram(times(3), new Map([...times(4), ['new', thread(5, false)]]))).toBe(5)
  })

  it('counts between two points of the progress, and only there', async () => {
    const share = new ProcessorShare(0.4, 0.9)
    share.note({ type: 'started', processors: [] })
    await compute(200)
    for (const at of [0.3, 0.5]) share.note({ type: 'progress', share: at })
    const before = threadTimes([process.pid])!
    await compute(100)
    share.note({ type: 'progress', share: 0.6 })
    expect(share.otherByProgram).toBeNull()
    const after = threadTimes([process.pid])!
    share.note({ type: 'progress', share: 0.95 })
    expect(share.otherByProgram! / otherByProgram(before, after)!).toBeGreaterThan(0.5)
    const counted = share.otherByProgram
    await compute(100)
    share.note({ type: 'progress', share: 1 })
    expect(share.otherByProgram).toBe(counted)
  })
})
