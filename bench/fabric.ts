// What a link carries between two processes of this machine, by Unix sockets and by TCP, beside a bare socket of the same
// kind in the same run, in turns.
// A link carries envelopes, and each that arrives is checked, as between processors.
// A session carries the same, keeps it until it is acknowledged, and would send it again. Pages are what a session carries
// that is made in slots, as the pages of checkpoints are: by Unix sockets they go by shared memory.
// Bare: bytes without frames, written one message at a time, small ones too.
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Fabric,
  type Link,
  ReceivingSession,
  SendingSession,
  SlotPool,
  tcpFabric,
  unixFabric,
  usualTiming,
} from '../src/fabric/index.ts'
import { slotsOfProcessor } from '../src/machine/processor/place-driver.ts'
import { answerLoad, type LinkLoad, type LoadEnd, linkEnd, timeLoad } from '../src/measure/link-load.ts'
import { sharedMemory } from '../src/memory/native/index.ts'
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
const rounds = 5
const warmUpRounds = 2
const turns = 3

/** `npm run bench:fabric -- unchecked` shows what the check costs. */
const isChecked = !process.argv.includes('unchecked')

/** A session, as between processors, has a link for each direction. */
const carriers = ['paritas session', 'paritas pages', 'paritas link', 'bare socket'] as const
type Carrier = (typeof carriers)[number]

/** `npm run bench:fabric -- tcp` measures TCP alone. */
const kinds = ['unix', 'tcp'] as const
type Kind = (typeof kinds)[number]

const fabricOf = (kind: Kind, slots?: SlotPool): Fabric => {
  const options = slots ? { slots } : {}
  return kind === 'unix' ? unixFabric(options) : tcpFabric(options)
}

/** For net: of a socket at an address of a fabric. */
function placeOf(
  kind: Kind,
  address: string,
): { readonly path: string } | { readonly host: string; readonly port: number } {
  const [host, port] = address.split(':') as [string, string]
  return kind === 'unix' ? { path: address } : { host, port: Number(port) }
}

/** Where the other process listens. */
const peerOf = (kind: Kind, address: string): string =>
  kind === 'unix' ? `${address}.peer` : address.replace('127.0.0.1', '127.0.0.2')

function socketEnd(socket: Socket, bytes: number): LoadEnd {
  const message = new Uint8Array(bytes)
  return {
    send: () => (socket.write(message) ? null : new Promise((resolve) => socket.once('drain', resolve))),
    onBytes: (handler) => socket.on('data', (chunk) => handler(chunk.length)),
    close: () => socket.end(),
  }
}

/** `own` listens; the other end does so at `other` when it is needed. */
async function sessionEnd(connection: Connection, own: string, other: string, bytes: number): Promise<LoadEnd> {
  const { carrier, kind } = connection
  const slots = carrier === 'paritas pages' ? new SlotPool({ ...slotsOfProcessor, sharing: sharedMemory() }) : null
  const fabric = fabricOf(kind, slots ?? undefined)
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
  await fabric.listen(own, (link: Link) => receiving.accept(link, Number(link.peer?.attempt)))
  const sending = new SendingSession({
    timing: { ...usualTiming, retryMs: 5 },
    slots,
    isRemote: kind === 'tcp',
    connect: (attempt) => fabric.connect(other, { attempt }),
    onDown: () => process.exit(0),
    onUp: () => {},
  })
  const envelope = (payload: Uint8Array): Envelope => {
    const frame = { type: 'message', sequence: 7, interval: 3, tag: 'x', payload } as const
    return { epoch: 1, from: 'a0', to: 'a1', frame }
  }
  const message = envelope(new Uint8Array(bytes))
  return {
    send() {
      if (slots) slots.using(() => sending.send(envelope(slots.room(bytes))))
      else sending.send(message)
      if (slots && !slots.isFree) return slots.whenFree()
      return sending.queuedBytes > 2 ** 20 ? sending.whenDrained() : null
    },
    onBytes(handler) {
      onBytes = handler
    },
    close: () => sending.drop(),
  }
}

interface Connection {
  readonly carrier: Carrier
  readonly kind: Kind
  readonly address: string
}

async function accept({ carrier, kind, address }: Connection, bytes: number, begin: () => void): Promise<LoadEnd> {
  if (carrier === 'paritas session' || carrier === 'paritas pages') {
    const end = await sessionEnd({ carrier, kind, address }, address, peerOf(kind, address), bytes)
    begin()
    return end
  }
  if (carrier === 'paritas link') {
    return new Promise((resolve) => {
      fabricOf(kind)
        .listen(address, (link) => resolve(linkEnd(link, bytes, isChecked)))
        .then(begin)
    })
  }
  return new Promise((resolve) => {
    const server = createServer({ noDelay: true }, (socket) => {
      server.close()
      resolve(socketEnd(socket, bytes))
    })
    server.listen(placeOf(kind, address), begin)
  })
}

async function call(connection: Connection, bytes: number): Promise<LoadEnd> {
  const { carrier, kind, address } = connection
  if (carrier === 'paritas session' || carrier === 'paritas pages') {
    return sessionEnd(connection, peerOf(kind, address), address, bytes)
  }
  if (carrier === 'paritas link') return linkEnd(await fabricOf(kind).connect(address, {}), bytes, isChecked)
  const socket = connect({ ...placeOf(kind, address), noDelay: true })
  await new Promise((resolve) => socket.once('connect', resolve))
  return socketEnd(socket, bytes)
}

/** The other process: answers every message, or one for a whole flow. */
async function serve(connection: Connection, load: LinkLoad): Promise<void> {
  answerLoad(await call(connection, load.bytes), load)
}

/** A port that is free at the addresses of this computer, as far as anybody can tell. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => void server.close(resolve))
  return port
}

/** Milliseconds that each round took. */
async function measure(carrier: Carrier, kind: Kind, load: LinkLoad): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'paritas-bench-'))
  const address = kind === 'unix' ? join(folder, 'socket') : `127.0.0.1:${await freePort()}`
  const connection: Connection = { carrier, kind, address }
  const told = [JSON.stringify(connection), JSON.stringify(load), ...(isChecked ? [] : ['unchecked'])]
  const peer = fork(fileURLToPath(import.meta.url), ['peer', ...told], { stdio: 'ignore' })
  // The peer calls as soon as it runs, so it is told when there is somebody to call.
  const end = await accept(connection, load.bytes, () => peer.send('begin'))
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

const head = ['median', 'min', 'max', 'of bare'].map((word) => word.padStart(10)).join('')

async function main(): Promise<void> {
  console.log(`${'two processes'.padEnd(48)}${head}`)
  const chosen = kinds.filter((kind) => process.argv.includes(kind))
  for (const kind of chosen.length > 0 ? chosen : kinds) {
    for (const load of loads) await compare(kind, load)
  }
  process.exit(0)
}

/** All carriers in turns, so that what else the computer does befalls each of them. */
async function compare(kind: Kind, load: NamedLoad): Promise<void> {
  const compared = carriers.filter(
    (carrier) => carrier !== 'paritas pages' || load.bytes === slotsOfProcessor.slotBytes,
  )
  const all = new Map<Carrier, number[]>(compared.map((carrier) => [carrier, []]))
  for (let turn = 0; turn < turns; turn += 1) {
    for (const carrier of compared) {
      const times = await measure(carrier, kind, load)
      all.get(carrier)!.push(...times.map((ms) => figure(load, ms)))
    }
  }
  const medianOf = (carrier: Carrier): number => all.get(carrier)!.sort((a, b) => a - b)[(turns * rounds) >> 1]!
  const bare = medianOf('bare socket')
  for (const [carrier, figures] of all) {
    const shown = [medianOf(carrier), figures[0]!, figures.at(-1)!]
    const numbers = shown.map((value) => value.toFixed(value < 100 ? 1 : 0).padStart(10)).join('')
    const share = (medianOf(carrier) / bare).toFixed(2).padStart(10)
    console.log(`${`${load.what}, ${kind}, ${carrier}`.padEnd(48)}${numbers}${share}`)
  }
}

const [role, connection, load] = process.argv.slice(2)
if (role !== 'peer') await main()
else process.once('message', () => serve(JSON.parse(connection!) as Connection, JSON.parse(load!) as LinkLoad))
process.on('disconnect', () => process.exit(0))
