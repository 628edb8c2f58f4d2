import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { bytesOfFrame, bytesOfOpening } from '../../fabric/index.ts'
import { makeHeart } from '../../memory/native/index.ts'
import type { ConductorHello } from '../wire/conducting.ts'
import { heartbeatIntervalMs, type ProcessorHello } from '../wire/control.ts'
import { crewSilenceMsMax } from './echo-watch.ts'
import type { HeartbeatData, HeartbeatNews } from './heartbeat.ts'
import { hangCpuMsMax } from './main-watch.ts'

/** The compiled thread: it runs as plain JavaScript, wherever this module itself runs from. */
const heartbeatUrl = new URL('../../../dist/bundles/heartbeat.cjs', import.meta.url)
const littleMemory = { resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 } }

export interface BeatingListener {
  /** Beats are echoed no more, or again. */
  onEchoes(come: boolean): void
  /** The thread that beats fails later. */
  onError(error: Error): void
}

/**
 * Has a thread of this process beat from here on, as `hello`. A thread of its own, since the main thread cannot beat while
 * it captures a large memory, and being busy must not look like being lost. It beats no more when the main thread hangs.
 */
export async function beginBeating(
  address: string,
  hello: ProcessorHello | ConductorHello,
  { onEchoes, onError }: BeatingListener,
): Promise<void> {
  const heart = makeHeart(address, heartbeatIntervalMs, hangCpuMsMax, crewSilenceMsMax)
  if (heart !== null) {
    heart.begin(bytesOfOpening({ ...hello, thread: heart.thread }), bytesOfFrame({}), onEchoes)
    return
  }
  const workerData: HeartbeatData = { address, hello, turns: countTurns() }
  const worker = new Worker(heartbeatUrl, { workerData, ...littleMemory })
  await once(worker, 'message')
  worker.on('message', (news: HeartbeatNews) => void (news !== 'beating' && onEchoes(news)))
  worker.on('error', onError)
}

/** Counts how often this thread comes to its event loop, where the thread can see it that beats. */
function countTurns(): SharedArrayBuffer {
  const turns = new SharedArrayBuffer(4)
  const count = new Int32Array(turns)
  setInterval(() => Atomics.add(count, 0, 1), heartbeatIntervalMs)
  return turns
}
