import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sendPaced, unixFabric } from '../../src/fabric/index.ts'
import { ended, pattern, received, useFabric } from './harness.ts'

const bytes = pattern(256 * 1024)
const frameBytes = 262_200

describe('sendPaced', () => {
  const bench = useFabric({
    name: 'unixFabric',
    make: unixFabric,
    freshAddress: (directory) => join(directory, 'a0.sock'),
  })
  const goOn = { queuedBytesMax: 500_000, stop: () => false }

  it('sends every item in order and says how many', async () => {
    const { near, far } = await bench.pair()
    const all = received(far, 5)
    const sent = await sendPaced([near], ['a', 'b', 'c', 'd', 'e'], (item, part) => ({ item, part }), goOn)
    expect(sent).toBe(5)
    expect(await all).toEqual(['a', 'b', 'c', 'd', 'e'].map((item, part) => ({ item, part })))
  })

  it('makes the next part only when the queue is under the mark', async () => {
    const { near, far } = await bench.pair()
    const queuedBytes: number[] = []
    const all = received(far, 100)
    const frame = (): unknown => {
      queuedBytes.push(near.queuedBytes)
      return { bytes }
    }
    expect(await sendPaced([near], new Array(100), frame, goOn)).toBe(100)
    await all
    expect(Math.max(...queuedBytes)).toBeLessThanOrEqual(500_000)
    expect(near.queuedBytes).toBeLessThanOrEqual(500_000)
  })

  it('stands still while the peer does not read, and goes on after', async () => {
    const { near, far } = await bench.pair()
    far.onMessage = () => {}
    far.pause()
    let made = 0
    const frame = (): unknown => {
      made += 1
      return { bytes }
    }
    const sending = sendPaced([near], new Array(200), frame, goOn)
    let turnsUnchanged = 0
    for (let last = -1; turnsUnchanged < 20; last = made) {
      await new Promise((resolve) => setImmediate(resolve))
      turnsUnchanged = made === last ? turnsUnchanged + 1 : 0
    }
    expect(made).toBeLessThan(20)
    expect(near.queuedBytes).toBeLessThanOrEqual(500_000 + frameBytes)
    far.resume()
    expect(await sending).toBe(200)
    expect(made).toBe(200)
  })

  it('gives the event loop a turn between parts', async () => {
    const { near, far } = await bench.pair()
    far.onMessage = () => {}
    let made = 0
    const madeAtPong: number[] = []
    near.onMessage = () => madeAtPong.push(made)
    far.onMessage = (message) => {
      if (message === 'ping') far.send('pong')
    }
    near.send('ping')
    const frame = (): unknown => {
      made += 1
      return made
    }
    await sendPaced([near], new Array(1000), frame, goOn)
    expect(madeAtPong).toHaveLength(1)
    expect(madeAtPong[0]).toBeLessThan(1000)
  })

  it('ends when told to stop, and closes the iterable', async () => {
    const { near, far } = await bench.pair()
    const all = received(far, 3)
    let isReturned = false
    function* endless(): Generator<number> {
      try {
        for (let item = 0; ; item += 1) yield item
      } finally {
        isReturned = true
      }
    }
    let parts = 0
    const frame = (item: number): unknown => {
      parts += 1
      return { item }
    }
    expect(await sendPaced([near], endless(), frame, { ...goOn, stop: () => parts === 3 })).toBe(3)
    expect(isReturned).toBe(true)
    expect(await all).toEqual([{ item: 0 }, { item: 1 }, { item: 2 }])
  })

  it('ends when the link is lost in the middle, even while it waits', async () => {
    const { near, far } = await bench.pair()
    const end = ended(near)
    far.pause()
    const sending = sendPaced([near], new Array(1000), () => ({ bytes }), goOn)
    await near.whenDrained()
    far.destroy()
    expect(await sending).toBeLessThan(1000)
    await end
    expect(await sendPaced([near], new Array(1000), () => ({ bytes }), goOn)).toBe(0)
  })
})
