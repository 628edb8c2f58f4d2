// What a link carries between two processes of this machine, beside a bare Unix socket in the same run.
// A link carries envelopes, and each that arrives is checked, as between processors.
// A session carries the same, keeps it until it is acknowledged, and would send it again.
// Bare: bytes without frames, written one message at a time, small ones too.
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Link, ReceivingSession, SendingSession, unixFabric, usualTiming } from '../src/fabric/index.ts'
import { answerLoad, type LinkLoad, type LoadEnd, linkEnd, timeLoad } from '../src/measure/link-load.ts'
import { type Envelope, envelopeProblem } from '../src/protocol/index.ts'

interface NamedLoad extends LinkLoad {
  readonly what: string
}

const loads: readonly NamedLoad[] = [
  { what: 'round trip of 64 B, us', kind: 'echo', bytes: 64, count: 4000 },
  { what: 'messages of 64 B, thousand/s', kind: 'flow', bytes: 64, count: 200_000 },
  { what: 'messages of 64 KiB, MB/s', kind: 'flow', bytes: 64 * 1024, count: 8000 },
  { what: 'messages of 1 MiB, MB/s', kind: 'flow', bytes: 2 ** 20, count: 600 },
]
const rounds = 7
const warmUpRounds = 2

/** `npm run bench:fabric -- unchecked` shows what the check costs. */
const isChecked = !process.argv.includes('unchecked')

/** A session, as between processors, has a link for each direction. */
type Carrier = 'paritas session' | 'paritas link' | 'bare socket'

function socketEnd(socket: Socket, bytes: number): LoadEnd {
  const message = new Uint8Array(bytes)
  return {
    send: () => (socket.write(message) ? null : new Promise((resolve) => socket.once('drain', resolve))),
    onBytes: (handler) => socket.on('data', (chunk) => handler(chunk.length)),
    close: () => socket.end(),
  }
}

/** `own` listens; the other end does so at `other` when it is needed. */
async function sessionEnd(own: string, other: string, bytes: number): Promise<LoadEnd> {
  let onBytes = (_: number): void => {}
  const receiving = new ReceivingSession({
    ackMs: usualTiming.ackMs,
    problemWith: envelopeProblem,
    onMessage(message) {
      const { frame } = message as Envelope
      if (frame.type === 'message') onBytes(frame.payload.length)
    },
    onEnd: () => {},
  })
  await unixFabric().listen(own, (link: Link) => receiving.accept(link, Number(link.peer?.attempt)))
  const sending = new SendingSession({
    timing: { ...usualTiming, retryMs: 5 },
    slots: null,
    connect: (attempt) => unixFabric().connect(other, { attempt }),
    onDown: () => process.exit(0),
    onUp: () => {},
  })
  const frame = { type: 'message', sequence: 7, interval: 3, tag: 'x', payload: new Uint8Array(bytes) } as const
  const message: Envelope = { epoch: 1, from: 'a0', to: 'a1', frame }
  return {
    send() {
      sending.send(message)
      return sending.queuedBytes > 2 ** 20 ? sending.whenDrained() : null
    },
    onBytes(handler) {
      onBytes = handler
    },
    close: () => sending.drop(),
  }
}

async function accept(carrier: Carrier, address: string, bytes: number, begin: () => void): Promise<LoadEnd> {
  if (carrier === 'paritas session') {
    const end = await sessionEnd(address, `${address}.peer`, bytes)
    begin()
    return end
  }
  if (carrier === 'paritas link') {
    return new Promise((resolve) => {
      unixFabric()
        .listen(address, (link) => resolve(linkEnd(link, bytes, isChecked)))
        .then(begin)
    })
  }
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      server.close()
      resolve(socketEnd(socket, bytes))
    })
    server.listen(address, begin)
  })
}

async function call(carrier: Carrier, address: string, bytes: number): Promise<LoadEnd> {
  if (carrier === 'paritas session') return sessionEnd(`${address}.peer`, address, bytes)
  if (carrier === 'paritas link') return linkEnd(await unixFabric().connect(address, {}), bytes, isChecked)
  const socket = connect(address)
  await new Promise((resolve) => socket.once('connect', resolve))
  return socketEnd(socket, bytes)
}

/** The other process: answers every message, or one for a whole flow. */
async function serve(carrier: Carrier, address: string, load: LinkLoad): Promise<void> {
  answerLoad(await call(carrier, address, load.bytes), load)
}

/** Milliseconds that each round took. */
async function measure(carrier: Carrier, load: LinkLoad): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'paritas-bench-'))
  const address = join(folder, 'socket')
  const peer = fork(
    fileURLToPath(import.meta.url),
    [carrier, address, JSON.stringify(load), ...(isChecked ? [] : ['unchecked'])],
    { stdio: 'ignore' },
  )
  // The peer calls as soon as it runs, so it is told when there is somebody to call.
  const end = await accept(carrier, address, load.bytes, () => peer.send('begin'))
  const times = await timeLoad(end, load, warmUpRounds + rounds)
  end.close()
  peer.kill()
  rmSync(folder, { recursive: true })
  return times.slice(warmUpRounds)
}

/** A round's time in the unit that `what` names. */
function figure({ kind, bytes, count }: LinkLoad, ms: number): number {
  if (kind === 'echo') return (ms * 1000) / count
  return bytes < 1024 ? count / ms : (bytes * count) / ms / 1000
}

async function main(): Promise<void> {
  console.log(`${'two processes'.padEnd(48)}${['median', 'min', 'max'].map((head) => head.padStart(10)).join('')}`)
  for (const load of loads) {
    for (const carrier of ['paritas session', 'paritas link', 'bare socket'] as const) {
      const times = await measure(carrier, load)
      const figures = times.map((ms) => figure(load, ms)).sort((a, b) => a - b)
      const shown = [figures[figures.length >> 1]!, figures[0]!, figures.at(-1)!]
      const numbers = shown.map((value) => value.toFixed(value < 100 ? 1 : 0).padStart(10)).join('')
      console.log(`${`${load.what}, ${carrier}`.padEnd(48)}${numbers}`)
    }
  }
  process.exit(0)
}

const [carrier, address, load] = process.argv.slice(2).filter((word) => word !== 'unchecked')
if (carrier === undefined) await main()
else process.once('message', () => serve(carrier as Carrier, address!, JSON.parse(load!) as LinkLoad))
process.on('disconnect', () => process.exit(0))
