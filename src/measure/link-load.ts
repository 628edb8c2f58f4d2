import { type Link, unixFabric } from '../fabric/index.ts'
import { type Envelope, envelopeProblem } from '../protocol/index.ts'

/** What is sent over a connection, again and again. */
export interface LinkLoad {
  /** `echo`: each message waits for its answer. `flow`: all are sent, and the last byte is answered. */
  readonly kind: 'echo' | 'flow'
  /** Of one message. */
  readonly bytes: number
  readonly count: number
}

/** One end of a connection: sends messages of one size and hears how many bytes of messages have come. */
export interface LoadEnd {
  /** Resolves when more may be sent; null when it may be at once. */
  send(): Promise<void> | null
  onBytes(handler: (bytes: number) => void): void
  close(): void
}

const queuedBytesMax = 2 ** 20

/** A link that carries envelopes; each that arrives is checked as between processors, unless `isChecked` is false. */
export function linkEnd(link: Link, bytes: number, isChecked = true): LoadEnd {
  const frame = { type: 'message', sequence: 7, interval: 3, tag: 'x', payload: new Uint8Array(bytes) } as const
  const message: Envelope = { epoch: 1, from: 'a0', to: 'a1', frame }
  return {
    send() {
      link.send(message)
      return link.queuedBytes > queuedBytesMax ? link.whenDrained() : null
    },
    onBytes(handler) {
      link.onMessage = (received) => {
        if (isChecked && envelopeProblem(received) !== null) throw new Error('an envelope that is none')
        handler((received as { readonly frame: typeof frame }).frame.payload.length)
      }
    },
    close: () => link.close(),
  }
}

/** The other process's part: answers every message, or one for a whole flow. */
export function answerLoad(end: LoadEnd, { kind, bytes, count }: LinkLoad): void {
  const answered = kind === 'echo' ? bytes : bytes * count
  let received = 0
  end.onBytes((more) => {
    received += more
    if (received < answered) return
    received -= answered
    // One message never fills the queue for long: there is nothing to wait for.
    void end.send()
  })
}

/** Sends a load so many times, and returns the milliseconds of each round. `onRound` may throw to stop it. */
export async function timeLoad(
  end: LoadEnd,
  { kind, bytes, count }: LinkLoad,
  rounds: number,
  onRound: () => void = () => {},
): Promise<number[]> {
  let received = 0
  let wake = (): void => {}
  end.onBytes((more) => {
    received += more
    if (received >= bytes) wake()
  })
  const answer = async (): Promise<void> => {
    if (received < bytes) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    received -= bytes
  }
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const startMs = performance.now()
    for (let sent = 0; sent < count; sent += 1) {
      const drained = end.send()
      if (kind === 'echo') await answer()
      else if (drained) await drained
    }
    if (kind === 'flow') await answer()
    times.push(performance.now() - startMs)
    onRound()
  }
  return times
}

/** Connects to `address` and answers a load until the link is over, and this process with it. */
export async function serveLoad(address: string, load: LinkLoad): Promise<void> {
  const link = await unixFabric().connect(address, {})
  link.onClose = () => process.exit(0)
  answerLoad(linkEnd(link, load.bytes), load)
}
