import type { ListenOptions, Server, Socket } from 'node:net'
import { isRecord } from '../base/index.ts'
import { bytesOfFrame } from './encode-frame.ts'
import type { Hello, Link, Listener } from './link.ts'
import type { SlotPool } from './slot-pool.ts'
import { SocketLink } from './socket-link.ts'
import { Strangers } from './strangers.ts'

/** Number of the wire format; both ends must have the same. */
const wireVersion = 3

/** A stranger that has not said hello may send no more than this. */
const helloBytesMax = 64 * 1024

const errorTexts: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'this computer has no such address',
  EADDRINUSE: 'something else listens there',
  ECONNREFUSED: 'nobody listens there',
  ENOENT: 'there is no such socket',
}

/** Longest time that connecting takes, in milliseconds: a computer that is gone refuses nothing. */
const connectMsMax = 5000

const helloMsMax = 5000
const strangersMax = 1000

const defaultFrameBytesMax = 1024 ** 3 + 16 * 1024 ** 2

export interface FabricOptions {
  /** Longest frame, in bytes; a longer one closes the link. 1 GiB and 16 MiB if not given. */
  readonly frameBytesMax?: number
  /** Where long fields are made that are to be sent; they go by shared memory where that can be had. */
  readonly slots?: SlotPool
  /** Connecting takes no longer than this; 5 s if not given. */
  readonly connectMsMax?: number
  /** Who connects says hello within this, or is ended; 5 s if not given. */
  readonly helloMsMax?: number
  /** So many may be connected that have not said hello yet: the next one ends the oldest. 1000 if not given. */
  readonly strangersMax?: number
}

/** What links of one fabric have in common. */
export interface LinkMeans {
  readonly frameBytesMax: number
  readonly slots: SlotPool | null
  readonly connectMsMax: number
  readonly helloMsMax: number
  readonly strangersMax: number
  /** Whether both ends are on one computer, so that memory may be shared beside a link. */
  readonly isLocal: boolean
}

export function meansOf(options: FabricOptions, isLocal: boolean): LinkMeans {
  return {
    ...{ frameBytesMax: defaultFrameBytesMax, connectMsMax, helloMsMax, strangersMax, slots: null },
    ...options,
    isLocal,
  }
}

const opening = (hello: Hello): unknown => ({ paritas: wireVersion, hello })

/** What a link begins with, for who sends it by other means than a link. */
export const bytesOfOpening = (hello: Hello): Uint8Array => bytesOfFrame(opening(hello))

/** Says `hello` on `socket`, which is about to connect to `address`. */
export async function openLink(socket: Socket, address: string, hello: Hello, means: LinkMeans): Promise<Link> {
  const link = new SocketLink(socket, means.frameBytesMax)
  if (means.slots) link.useSlots(means.slots, means.isLocal)
  const { connectMsMax: limitMs } = means
  const late = new Error(`no answer within ${limitMs / 1000} s`)
  const timer = setTimeout(() => socket.destroy(late), limitMs)
  await happening(socket, 'connect', `cannot connect to ${address}`).finally(() => clearTimeout(timer))
  link.send(opening(hello))
  return link
}

/** Makes `server` listen; `onLink` gets each connection that says hello, the others are ended. */
export async function acceptLinks(
  server: Server,
  options: ListenOptions,
  address: string,
  means: LinkMeans,
  onLink: (link: Link) => void,
  onTurnedAway: (why: string) => void,
): Promise<Listener> {
  const strangers = new Strangers(means)
  const links = new Set<SocketLink>()
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    const link = new SocketLink(socket, helloBytesMax)
    strangers.admit(link)
    socket.on('close', () => {
      sockets.delete(socket)
      strangers.forget(link)
      links.delete(link)
    })
    link.onClose = ({ kind, detail }) => {
      if (kind === 'damaged') onTurnedAway(detail)
    }
    link.onMessage = (message) => {
      strangers.forget(link)
      const hello = readHello(message)
      if (!hello) return link.reject('the first frame is no hello of this version')
      links.add(link)
      link.peer = hello
      link.frameBytesMax = means.frameBytesMax
      if (means.slots) link.useSlots(means.slots, means.isLocal)
      link.onMessage = null
      link.onClose = null
      onLink(link)
    }
  })
  server.listen(options)
  await happening(server, 'listening', `cannot listen on ${address}`)
  return {
    address,
    async close(what = 'keep') {
      server.close()
      strangers.destroy()
      if (what === 'keep') return
      for (const link of links) link[what]()
      await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    },
  }
}

function readHello(message: unknown): Hello | null {
  const { paritas, hello }: Readonly<Record<string, unknown>> = isRecord(message) ? message : {}
  return paritas === wireVersion && isRecord(hello) ? (hello as Hello) : null
}

/** Waits for `event`; an error before it is thrown as one clear line. */
function happening(emitter: Server | Socket, event: string, failure: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => {
      reject(new Error(`${failure}: ${errorTexts[cause.code ?? ''] ?? cause.message}`, { cause }))
    }
    emitter.once('error', failed)
    emitter.once(event, () => {
      emitter.off('error', failed)
      resolve()
    })
  })
}
