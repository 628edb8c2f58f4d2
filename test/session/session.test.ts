import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as session from '../../src/session/index.ts'
import { exploreSession, type ModelOptions, type SessionRules } from './model.ts'

const bag: ModelOptions = { channel: 'bag', framesMax: 2, epochsMax: 2, cutsMax: 0 }
const streams: ModelOptions = { channel: 'streams', framesMax: 2, epochsMax: 2, cutsMax: 2 }

describe('every state of a small session', () => {
  it('over channels that lose, double and reorder', () => {
    expect(exploreSession(bag)).toEqual({ states: 1146, problem: null })
  })

  it('over connections that are cut, and that the receiver reads on for a while', () => {
    expect(exploreSession(streams)).toEqual({ states: 13_514, problem: null })
  })

  it.each<[string, ModelOptions, Partial<SessionRules>]>([
    ['a receiver that takes what comes too early', bag, { takeFrame: (one, ...frame) => unless('early', one, frame) }],
    ['a receiver that takes what comes again', bag, { takeFrame: (one, ...frame) => unless('again', one, frame) }],
    ['a receiver that takes frames of an old epoch', bag, { takeFrame: (one, ...frame) => unless('old', one, frame) }],
    ['a sender that forgets what it has sent', streams, { toSend: forgetting }],
    ['a sender that does not send again after a break', streams, { noteBroken: onlyClosing }],
    ['a sender that takes an answer of an old epoch for one of this', bag, { noteHas: ofAnyEpoch }],
    ['a sender that goes on counting in a new epoch', streams, { beginEpoch: countingOn }],
  ])('canary: %s is found', (_, options, rules) => {
    expect(exploreSession({ ...options, rules }).problem).not.toBeNull()
  })
})

function unless(
  broken: session.Taken,
  receiver: session.SessionReceiver,
  [epoch, number]: readonly [number, number],
): session.Taken {
  const { epoch: known } = receiver
  const taken = session.takeFrame(receiver, epoch, number)
  if (taken !== broken) return taken
  Object.assign(receiver, { epoch: Math.max(known, epoch), received: Math.max(receiver.received, number) })
  return 'next'
}

function forgetting<Frame>(sender: session.SessionSender<Frame>): session.Kept<Frame>[] {
  const frames = session.toSend(sender)
  sender.acknowledged += sender.connection === 'open' ? sender.kept.length : 0
  if (sender.connection === 'open') Object.assign(sender, { kept: [], keptBytes: 0 })
  return frames
}

function onlyClosing(sender: session.SessionSender<unknown>): void {
  sender.connection = 'none'
}

function ofAnyEpoch<Frame>(sender: session.SessionSender<Frame>, _: number, received: number) {
  return session.noteHas(sender, sender.epoch, Math.min(received, sender.acknowledged + sender.kept.length))
}

function countingOn<Frame>(sender: session.SessionSender<Frame>, epoch: number): session.Kept<Frame>[] {
  const dropped = sender.kept
  const acknowledged = sender.acknowledged + dropped.length
  Object.assign(sender, { epoch, kept: [], keptBytes: 0, acknowledged, sent: acknowledged })
  return dropped
}

/** What a channel does with one of the frames, or of the answers, that were sent so far. */
const deed = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constantFrom('put', 'answer', 'again', 'open', 'cut', 'epoch'),
      which: fc.nat(99),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constantFrom('frame', 'frame', 'lastFrame', 'has'), which: fc.nat(99) }),
  },
)
const keptMax = 200

describe('whatever a channel does', () => {
  property.prop([fc.array(deed, { maxLength: 400 }), fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1 })])(
    'each epoch arrives in order, once and without a gap; what is kept is bounded; and all arrives when it lets it',
    (deeds, sizes) => {
      const sender = session.createSender<string>(1)
      const receiver = session.createReceiver()
      const [sent, answers, taken] = [
        [] as { epoch: number; number: number; frame: string }[],
        [session.createReceiver()],
        [] as string[],
      ]
      let puts = 0
      const send = (): void => {
        for (const { number, frame } of session.toSend(sender)) sent.push({ epoch: sender.epoch, number, frame })
      }
      const take = ({ epoch, number, frame } = sent[0]!): void => {
        if (session.takeFrame(receiver, epoch, number) === 'next') taken.push(frame)
      }
      const hear = ({ epoch, received }: session.SessionReceiver): void => {
        expect(session.noteHas(sender, epoch, received)).not.toBeNull()
        send()
      }
      for (const { what, which } of deeds) {
        if (what === 'put' && sender.keptBytes <= keptMax) {
          session.putFrame(sender, `${sender.epoch}:${puts}`, sizes[puts % sizes.length]!)
          puts += 1
        }
        if (what === 'answer') answers.push({ ...receiver })
        if (what === 'again') session.sendAgain(sender)
        if (what === 'open' && sender.connection === 'none') session.noteOpened(sender)
        if (what === 'cut') session.noteBroken(sender)
        if (what === 'epoch' && which < 10) session.beginEpoch(sender, sender.epoch + 1)
        if (what === 'frame' && sent.length > 0) take(sent[which % sent.length])
        if (what === 'lastFrame' && sent.length > 0) take(sent.at(-1))
        if (what === 'has') hear(answers[which % answers.length]!)
        send()
        expect(sender.keptBytes).toBeLessThanOrEqual(keptMax + 100)
      }
      session.noteBroken(sender)
      session.noteOpened(sender)
      hear({ ...receiver })
      for (const one of sent.slice()) take(one)
      hear({ ...receiver })
      const numbers = taken.map((frame) => frame.split(':').map(Number) as [number, number])
      const inOrder = numbers.toSorted(([a, b], [c, d]) => a - c || b - d)
      expect(numbers).toEqual(inOrder)
      expect(new Set(taken).size).toBe(taken.length)
      expect(sender.kept).toEqual([])
      expect(receiver.epoch === sender.epoch ? receiver.received : 0).toBe(sender.acknowledged)
    },
  )
})

describe('a sender', () => {
  it('asks only where something was sent before, and then sends the rest', () => {
    const sender = session.createSender<string>(1)
    session.noteOpened(sender)
    expect(sender.connection).toBe('open')
    for (const frame of ['a', 'b', 'c']) session.putFrame(sender, frame, 10)
    expect(session.toSend(sender).map(({ frame }) => frame)).toEqual(['a', 'b', 'c'])
    session.noteBroken(sender)
    session.noteOpened(sender)
    expect(sender.connection).toBe('asking')
    expect(session.toSend(sender)).toEqual([])
    expect(session.noteHas(sender, 1, 2)!.map(({ frame }) => frame)).toEqual(['a', 'b'])
    expect(session.toSend(sender)).toEqual([{ number: 3, frame: 'c', bytes: 10 }])
    expect(sender.keptBytes).toBe(10)
  })

  it('counts what those who can wait shall wait for, which is all while nobody listens', () => {
    const sender = session.createSender<string>(1)
    for (const frame of ['a', 'b', 'c']) session.putFrame(sender, frame, 10)
    expect([session.excessBytes(sender, 20), session.isAtRest(sender)]).toEqual([30, false])
    session.noteOpened(sender)
    expect([10, 30, 40].map((window) => session.excessBytes(sender, window))).toEqual([20, 0, 0])
    session.noteSent(sender)
    session.noteHas(sender, 1, 3)
    expect([session.excessBytes(sender, 0), session.isAtRest(sender)]).toEqual([0, true])
    session.noteBroken(sender)
    expect(session.isAtRest(sender)).toBe(false)
  })

  it('gives back what a new epoch drops, and refuses answers that nobody can mean', () => {
    const sender = session.createSender<string>(3)
    session.noteOpened(sender)
    session.putFrame(sender, 'a', 10)
    expect(session.toSend(sender)).toHaveLength(1)
    expect(session.noteHas(sender, 3, 2)).toBeNull()
    expect(session.noteHas(sender, 4, 0)).toBeNull()
    expect(session.beginEpoch(sender, 3)).toEqual([])
    expect(session.beginEpoch(sender, 5).map(({ frame }) => frame)).toEqual(['a'])
    expect(session.noteHas(sender, 3, 1)).toEqual([])
    expect(sender).toMatchObject({ epoch: 5, acknowledged: 0, keptBytes: 0, sent: 0 })
  })
})
