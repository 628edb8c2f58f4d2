import { once } from 'node:events'
import { getPriority } from 'node:os'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { wantedNice } from '../../src/machine/program/program-priority.ts'

const module = new URL('../../dist/machine/program/program-priority.js', import.meta.url).href

it('lowers the thread that asks for it, and no other', async () => {
  const script = `
    import { readlinkSync } from 'node:fs'
    import { getPriority } from 'node:os'
    import { parentPort } from 'node:worker_threads'
    import { giveWayToProtocol } from '${module}'
    giveWayToProtocol()
    parentPort.postMessage(getPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1))))`
  const before = getPriority(process.pid)
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`))
  const [priority] = (await once(worker, 'message')) as [number]
  expect(priority).toBe(Math.min(19, before + 10))
  expect(getPriority(process.pid)).toBe(before)
  await worker.terminate()
})

it.each([
  [undefined, 10],
  ['0', 0],
  ['5', 5],
  ['19', 19],
  ['20', 10],
  ['-5', 10],
  ['', 10],
  ['x', 10],
])('takes a whole number from 0 to 19 for the setting: %s', (setting, nice) => {
  expect(wantedNice(setting)).toBe(nice)
})
