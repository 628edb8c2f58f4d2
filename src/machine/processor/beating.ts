import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { bytesOfFrame, bytesOfOpening } from '../../fabric/index.ts'
import { makeHeart } from '../../memory/native/index.ts'
import { heartbeatIntervalMs, type ProcessorHello } from '../wire/control.ts'
import type { HeartbeatData } from './heartbeat.ts'
import { hangCpuMsMax } from './main-watch.ts'

/** The compiled thread: it runs as plain JavaScript, wherever this module itself runs from. */
const heartbeatUrl = new URL('../../../dist/bundles/heartbeat.cjs', import.meta.url)
const littleMemory = { resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 } }

/**
 * Has a thread of this process beat from here on, as `hello`. A thread of its own, since the main thread cannot beat while
 * it captures a large memory, and being busy must not look like being lost. It beats no more when the main thread hangs.
 * `onError`: it fails later.
 */
export async function beginBeating(
  address: string,
  hello: ProcessorHello,
  onError: (error: Error) => void,
): Promise<void> {
  const heart = makeHeart(address, heartbeatIntervalMs, hangCpuMsMax)
  if (heart !== null) {
    heart.begin(bytesOfOpening({ ...hello, thread: heart.thread }), bytesOfFrame({}))
    return
  }
  const workerData: HeartbeatData = { address, hello, turns: countTurns() }
  const worker = new Worker(heartbeatUrl, { workerData, ...littleMemory })
  await once(worker, 'message')
  worker.on('error', onError)
}

/** Counts how often this thread comes to its event loop, where the thread can see it that beats. */
function countTurns(): SharedArrayBuffer {
  const turns = new SharedArrayBuffer(4)
  const count = new Int32Array(turns)
  setInterval(() => Atomics.add(count, 0, 1), heartbeatIntervalMs)
  return turns
}
