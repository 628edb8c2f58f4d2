import { type Check, count, flag, isRecord, objectOf, oneOf, orMissing, problemWith, text } from '../base/index.ts'
import type { Hello } from './link.ts'

/** What goes over the connections of a resumed link: each frame says how many messages its sender has taken. */
export type ResumedFrame =
  | { readonly has: number; readonly number: number; readonly message: unknown; readonly isLast?: boolean }
  /** `asks`: an answer is wanted, to know that the connection is good. */
  | { readonly has: number; readonly asks: boolean }
  /** There will be no more connections. */
  | { readonly has: number; readonly over: Over }

/** How a link has ended that the other end has ended. */
export interface Over {
  readonly kind: 'ended' | 'lost'
  readonly detail: string
}

/** What the end that calls says of each connection, in its hello. */
export interface Resumption {
  /** The same for all connections of one link, and for no other link. */
  readonly session: string
  /** Counts the connections from 1: one that comes behind a later one was given up. */
  readonly attempt: number
  /** Whether it has heard of the other end before, which then knows of the session. */
  readonly isKnown: boolean
}

const over = objectOf<Over>({ kind: oneOf(['ended', 'lost']), detail: text })
const frame = objectOf<Readonly<Record<'has' | 'number' | 'asks' | 'over' | 'isLast', unknown>>>({
  ...{ has: count, number: orMissing(count), asks: orMissing(flag), over: orMissing(over), isLast: orMissing(flag) },
})

/** Why what has come is no frame of a resumed link, in a few words; null if it is one. */
export function resumedFrameProblem(came: unknown): string | null {
  return problemWith('a frame', came, frame)
}

const sessionText: Check = (value) =>
  typeof value === 'string' && /^[0-9a-f-]{8,64}$/.test(value) ? null : ' is no session'
const resumption = objectOf<Resumption>({ session: sessionText, attempt: count, isKnown: flag })

export function resumedHello(hello: Hello, resumed: Resumption): Hello {
  return { hello, resumed }
}

/** What the hello of a connection says; null if it is not one of a resumed link. */
export function readResumedHello(said: Hello | null): { readonly hello: Hello; readonly resumed: Resumption } | null {
  if (said === null || !isRecord(said.hello) || resumption(said.resumed) !== null) return null
  return { hello: said.hello, resumed: said.resumed as Resumption }
}
