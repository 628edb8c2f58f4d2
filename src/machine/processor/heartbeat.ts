/**
 * The thread that tells the launcher that this process runs, where there is no native one.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { unixFabric } from '../../fabric/index.ts'
import { ownThread, sightOfThread } from '../local/process-sight.ts'
import type { ConductorHello } from '../wire/conducting.ts'
import { heartbeatIntervalMs, monotonicMs, type ProcessorHello } from '../wire/control.ts'
import { EchoWatch } from './echo-watch.ts'
import { MainWatch } from './main-watch.ts'

export interface HeartbeatData {
  readonly address: string
  readonly hello: ProcessorHello | ConductorHello
  /** One 32-bit number: how often the main thread has come to its event loop. */
  readonly turns: SharedArrayBuffer
  /** For tests: processor time after which a main thread that does not come to its event loop counts as hung. */
  readonly hangCpuMs?: number
  /** For tests: so long without an echo is told. */
  readonly silenceMs?: number
}

async function beat({ address, hello, turns, hangCpuMs, silenceMs }: HeartbeatData): Promise<void> {
  const link = await unixFabric().connect(address, { ...hello, thread: ownThread() })
  const echoes = new EchoWatch(silenceMs)
  // The launcher's end of the link is what the main thread watches for.
  link.onMessage = () => echoes.echoed()
  const main = new MainWatch(hangCpuMs)
  const turnCount = new Int32Array(turns)
  // The number of the main thread is that of its process.
  const mainCpuMs = (): number | null => sightOfThread(process.pid, process.pid)?.cpuMs ?? null
  setInterval(() => {
    if (!main.isHung(Atomics.load(turnCount, 0), mainCpuMs)) link.send({})
    const come = echoes.look(monotonicMs())
    if (come !== null) tell(come)
  }, heartbeatIntervalMs)
  link.send({})
  tell('beating')
}

/** `beating`: from now on. Then whether echoes come, whenever that changes. */
export type HeartbeatNews = 'beating' | boolean

function tell(news: HeartbeatNews): void {
  parentPort?.postMessage(news)
}

void beat(workerData as HeartbeatData)
