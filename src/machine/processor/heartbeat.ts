/**
 * The thread that tells the launcher that this process runs. A thread of its own, since the processor's main thread
 * cannot beat while it captures a large memory, and being busy must not look like being lost.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { unixFabric } from '../../fabric/index.ts'
import { ownThread } from '../local/process-sight.ts'
import { heartbeatIntervalMs, type ProcessorHello } from '../wire/control.ts'

const { address, hello } = workerData as { readonly address: string; readonly hello: ProcessorHello }

const link = await unixFabric().connect(address, { ...hello, thread: ownThread() })
// The launcher's end of the link is what the main thread watches for.
link.onMessage = () => {}
setInterval(() => link.send({}), heartbeatIntervalMs)
link.send({})
parentPort?.postMessage('beating')
