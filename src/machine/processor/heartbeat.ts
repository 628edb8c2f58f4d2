/**
 * The thread that tells the launcher that this process runs, where there is no native one.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { unixFabric } from '../../fabric/index.ts'
import { ownThread, sightOfThread } from '../local/process-sight.ts'
import { heartbeatIntervalMs, type ProcessorHello } from '../wire/control.ts'
import { MainWatch } from './main-watch.ts'

export interface HeartbeatData {
  readonly address: string
  readonly hello: ProcessorHello
  /** One 32-bit number: how often the main thread has come to its event loop. */
  readonly turns: SharedArrayBuffer
  /** For tests: processor time after which a main thread that does not come to its event loop counts as hung. */
  readonly hangCpuMs?: number
}

async function beat({ address, hello, turns, hangCpuMs }: HeartbeatData): Promise<void> {
  const link = await unixFabric().connect(address, { ...hello, thread: ownThread() })
  // The launcher's end of the link is what the main thread watches for.
  link.onMessage = () => {}
  const main = new MainWatch(hangCpuMs)
  const turnCount = new Int32Array(turns)
  // The number of the main thread is that of its process.
  const mainCpuMs = (): number | null => sightOfThread(process.pid, process.pid)?.cpuMs ?? null
  setInterval(() => {
    if (!main.isHung(Atomics.load(turnCount, 0), mainCpuMs)) link.send({})
  }, heartbeatIntervalMs)
  link.send({})
  parentPort?.postMessage('beating')
}

void beat(workerData as HeartbeatData)
