import { expect, it } from 'vitest'
import { processorId } from '../../src/base/index.ts'
import { type Fabric, type Link, SlotPool } from '../../src/fabric/index.ts'
import { Peers } from '../../src/machine/processor/peers.ts'
import type { Envelope } from '../../src/protocol/index.ts'

/** Peers whose links open when the test says so; `c0` is one of them. */
function withLinksToOpen() {
  const sent: unknown[] = []
  let open = (): void => {}
  let refuse = (): void => {}
  const link = {
    ...{ closed: false, queuedBytes: 0, destroy: () => {} },
    send: (one: unknown) => sent.push(one),
    whenDrained: () => Promise.resolve(),
  }
  const opening = new Promise<Link>((resolve, reject) => {
    open = () => resolve(link as unknown as Link)
    refuse = () => reject(new Error('nobody answers'))
  })
  const fabric = { connect: () => opening } as unknown as Fabric
  const slots = new SlotPool({ slotBytes: 4096, slots: 2, sharing: null })
  const ignored = { onEnvelope: () => {}, onUnreachable: () => {}, onReachable: () => {}, onRejected: () => {} }
  const peers = new Peers({ fabric, slots, folder: '/nowhere', own: processorId(1), ...ignored })
  peers.update([{ place: 'c0', processor: processorId(2), host: null, address: null }])
  const made: string[] = []
  const makeItems = (): Iterable<number> => {
    made.push('items')
    return [1, 2, 3]
  }
  let isStopped = false
  const pacing = { queuedBytesMax: 1024, stop: () => isStopped }
  const makeEnvelope = (item: number): Envelope => ({ epoch: 1, item }) as unknown as Envelope
  const sending = peers.sendPaced(['c0'], makeItems, makeEnvelope, pacing)
  const stop = (): void => {
    isStopped = true
  }
  const giveUp = (): void => peers.update([])
  return { sending, sent, made, open, refuse, stop, giveUp }
}

it('makes nothing of what it was told to stop while its links opened', async () => {
  const { sending, sent, made, open, stop } = withLinksToOpen()
  stop()
  open()
  expect(await sending).toBe(0)
  expect(made, 'what they would be made of may be gone').toEqual([])
  expect(sent).toEqual([])
})

it('makes nothing for links that nobody has opened', async () => {
  const { sending, made, refuse, giveUp } = withLinksToOpen()
  refuse()
  giveUp()
  expect(await sending).toBe(0)
  expect(made).toEqual([])
})

it('sends everything once the links are open', async () => {
  const { sending, sent, made, open } = withLinksToOpen()
  open()
  expect(await sending).toBe(3)
  expect(made).toEqual(['items'])
  expect(sent).toEqual([['at', 1, 1], ...[1, 2, 3].map((item) => ({ epoch: 1, item }))])
})
