// What a place of a chain passes on: in slots, for which it waits if it is in one chain only.
import { setImmediate as settled } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { loadKernels } from '../../src/machine/kernels.ts'
import { CheckDriver } from '../../src/machine/processor/check-driver.ts'
import { type ProcessorContext, pageSizeBytes } from '../../src/machine/processor/place-driver.ts'
import { reedSolomonCode } from '../../src/parity/index.ts'
import type { Envelope, Frame } from '../../src/protocol/index.ts'

const kernels = loadKernels()

type Rebuild = Extract<Frame, { type: 'plan' }>['rebuild'][number]

const chainTo = (target: 'a0' | 'a2'): Rebuild => ({
  target,
  sources: [
    { place: 'a1', coefficient: 1 },
    { place: 'c0', coefficient: 1 },
  ],
})

/** The checkpoint processor in a recovery, between process 1 and those that are rebuilt. `slots`: how many are free. */
function inChains(...rebuild: readonly Rebuild[]) {
  const free = { slots: 0 }
  const sent: string[] = []
  let wake = (): void => {}
  const send = ({ frame }: Envelope): void => {
    sent.push(frame.type === 'image' ? `part ${frame.part} for ${frame.target}` : frame.type)
  }
  const peers = {
    beginEpoch: () => {},
    isReadyFor: () => free.slots > 0,
    whenReadyFor: () =>
      new Promise<void>((resolve) => {
        wake = resolve
      }),
    sendPages: (_: string, make: (room: (bytes: number) => Uint8Array) => Envelope) => {
      free.slots -= 1
      send(make((bytes) => new Uint8Array(bytes)))
    },
    sendPaced: () => Promise.resolve(0),
    send,
  } as unknown as ProcessorContext['peers']
  const failures: unknown[] = []
  const surroundings = {
    peers,
    tell() {},
    trace: null,
    run: (work: Promise<void>) => void work.catch((error: unknown) => failures.push(error)),
  } as unknown as ProcessorContext
  const driver = new CheckDriver({ place: 'c0', epoch: 1, code: reedSolomonCode(3, 1), kernels, surroundings })
  const kept = { now: 0 }
  const keep = () => {
    kept.now += 1
    return () => {
      kept.now -= 1
    }
  }
  const tell = (frame: Frame, from: 'conductor' | 'a1' = 'conductor', epoch = 2): void =>
    driver.receive(epoch, from, frame, keep)
  const image = (part: number, target: 'a0' | 'a2' = 'a0'): void => {
    const batch = { numbers: [256 * part], bytes: new Uint8Array(pageSizeBytes).fill(part + 1) }
    tell({ type: 'image', target, part, batch }, 'a1')
  }
  const give = async (slots: number): Promise<void> => {
    free.slots += slots
    wake()
    await settled()
  }
  tell({ type: 'recover', rollback: true })
  tell({ type: 'plan', line: 0, rebuild, disk: null })
  return { sent, kept, tell, image, give, failures }
}

describe('a place in one chain', () => {
  it('passes on at once what it has a slot for', async () => {
    const { sent, kept, image, give } = inChains(chainTo('a0'))
    await give(2)
    image(0)
    image(1)
    expect(sent).toEqual(['part 0 for a0', 'part 1 for a0'])
    expect(kept.now).toBe(0)
  })

  it('waits for slots, keeps what came meanwhile where it is, and sends all in order, the end behind it', async () => {
    const { sent, kept, tell, image, give, failures } = inChains(chainTo('a0'))
    image(0)
    image(1)
    tell({ type: 'imageEnd', target: 'a0', parts: 2, checksums: [] }, 'a1')
    await settled()
    expect([sent, kept.now]).toEqual([[], 2])
    await give(1)
    expect([sent, kept.now]).toEqual([['part 0 for a0'], 1])
    await give(1)
    expect([sent, kept.now]).toEqual([['part 0 for a0', 'part 1 for a0', 'imageEnd'], 0])
    expect(failures).toEqual([])
  })

  it('lets nothing overtake what waits, though there is a slot again', async () => {
    const { sent, image, give } = inChains(chainTo('a0'))
    image(0)
    const given = give(5)
    image(1)
    await given
    await settled()
    expect(sent).toEqual(['part 0 for a0', 'part 1 for a0'])
  })

  it('drops what waits when a further loss begins the recovery anew', async () => {
    const { sent, kept, tell, image, give } = inChains(chainTo('a0'))
    image(0)
    image(1)
    await settled()
    tell({ type: 'recover', rollback: true }, 'conductor', 3)
    await give(5)
    expect([sent, kept.now]).toEqual([[], 0])
  })
})

it('a place in two chains waits for nothing: the others could wait for it', async () => {
  const { sent, kept, image } = inChains(chainTo('a0'), chainTo('a2'))
  await settled()
  image(0)
  image(0, 'a2')
  expect(sent).toEqual(['part 0 for a0', 'part 0 for a2'])
  expect(kept.now).toBe(0)
})
