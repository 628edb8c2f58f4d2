import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Link, unixFabric } from '../fabric/index.ts'
import { type Conditions, type Figure, figureOf } from './figure.ts'
import { type LinkLoad, linkEnd, timeLoad } from './link-load.ts'

export interface LinkSpeed {
  /** `echo`: a message and its answer, one after another. `flow`: messages one behind the other. */
  readonly kind: LinkLoad['kind']
  readonly messageBytes: number
  /** Microseconds of a round trip, or of one message in a flow: those of all, divided by how many they are. */
  readonly messageUs: Figure
}

const loads: readonly LinkLoad[] = [
  { kind: 'echo', bytes: 64, count: 2000 },
  { kind: 'echo', bytes: 64 * 1024, count: 1000 },
  { kind: 'echo', bytes: 2 ** 20, count: 100 },
  { kind: 'flow', bytes: 64, count: 200_000 },
  { kind: 'flow', bytes: 64 * 1024, count: 4000 },
  { kind: 'flow', bytes: 2 ** 20, count: 300 },
]
const warmUpRounds = 2

/** The compiled peer: it runs as plain JavaScript, wherever this module itself runs from. */
const peerEntry = fileURLToPath(new URL('../../dist/measure/link-peer.js', import.meta.url))

/** What a link over a Unix socket carries between two processes. `folder` takes the socket; its path must be short. */
export async function measureLinks(folder: string, conditions: Conditions): Promise<LinkSpeed[]> {
  const speeds: LinkSpeed[] = []
  for (const [index, load] of loads.entries()) {
    const onProgress = (share: number): void => conditions.onProgress((index + share) / loads.length, 'links')
    const times = await withPeer(join(folder, `link${index}.sock`), load, conditions.signal, (link, stop) =>
      timed(link, load, { ...conditions, onProgress }, stop),
    )
    const messageUs = figureOf(times.map((ms) => (1000 * ms) / load.count))
    speeds.push({ kind: load.kind, messageBytes: load.bytes, messageUs })
  }
  return speeds
}

/** The milliseconds of each round. `stop` rejects when there is nobody to send to any more. */
async function timed(link: Link, load: LinkLoad, conditions: Conditions, stop: Promise<never>): Promise<number[]> {
  const { rounds, signal, onProgress } = conditions
  let done = 0
  const onRound = (): void => {
    signal.throwIfAborted()
    done += 1
    onProgress(done / (warmUpRounds + rounds), '')
  }
  const times = await Promise.race([timeLoad(linkEnd(link, load.bytes), load, warmUpRounds + rounds, onRound), stop])
  return times.slice(warmUpRounds)
}

/** Starts the peer and hands its link to `measure`; afterwards peer, link and socket are gone. */
async function withPeer<Value>(
  address: string,
  load: LinkLoad,
  signal: AbortSignal,
  measure: (link: Link, stop: Promise<never>) => Promise<Value>,
): Promise<Value> {
  let welcome = (_link: Link): void => {}
  const arrived = new Promise<Link>((resolve) => {
    welcome = resolve
  })
  const listener = await unixFabric().listen(address, (link) => welcome(link))
  const peer = spawn(process.execPath, [peerEntry, address, JSON.stringify(load)], { stdio: ['ignore', 'ignore', 2] })
  const ended = endOf(peer)
  let interrupt = (): void => {}
  const stop = new Promise<never>((_, reject) => {
    interrupt = () => reject(signal.reason as Error)
    void ended.then((why) => reject(new Error(`the other end of the link has gone: its process ${why}`)))
  })
  // It is looked at only while something is awaited.
  stop.catch(() => {})
  signal.addEventListener('abort', interrupt)
  try {
    signal.throwIfAborted()
    const link = await Promise.race([arrived, stop])
    return await measure(link, stop)
  } finally {
    signal.removeEventListener('abort', interrupt)
    peer.kill('SIGKILL')
    await ended
    await listener.close('destroy')
  }
}

/** Resolves, never rejects, with how the process ended. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started (${error.message})`))
    child.once('exit', (code, signal) => resolve(signal === null ? `ended with ${code}` : `ended by ${signal}`))
  })
}
