import type { CandidatePorts } from '../../carrier/index.ts'
import type { CandidateId, CandidateMessage, ReleaseEffect, StorageOrder } from '../../protocol/index.ts'
import type { Links } from '../world/links.ts'
import type { RunEnding } from '../world/options.ts'
import type { SimulatedCandidate } from './candidate.ts'

/** What becomes of what one of several that may conduct does, beside what it puts on links. */
interface Around {
  readonly links: Links
  tell(to: CandidateId, message: CandidateMessage): void
  release(effect: ReleaseEffect): void
  end(outcome: RunEnding): void
  took(revision: number): void
  resigned(): void
}

export function candidatePorts({ end, orders, state }: SimulatedCandidate, around: Around): CandidatePorts {
  const { links } = around
  const onRecord = (): number => state.found.record?.epoch ?? 0
  const tellDisk = (epoch: number, order: StorageOrder): void =>
    links.put(end, 'disk', { type: 'diskOrder', epoch, order })
  return {
    state,
    transport: { send: (to, epoch, frame) => orders.frame(to, epoch, frame) },
    crew: {
      assign: (place, processor, epoch) => orders.assign(place, processor, epoch),
      fence: (processor) => orders.fence(processor, onRecord()),
    },
    recovery: {
      began: ({ lost }) => {
        for (const place of lost) orders.holders.delete(place)
      },
      lineFound: () => {},
      resumed: () => {},
    },
    outside: { end: (effect) => around.end(effect) },
    store: {
      seal: (effect) => tellDisk(onRecord(), effect),
      tell: (effect) => {
        tellDisk(onRecord(), effect)
        if (effect.type === 'notStored' && effect.ends) around.end(effect)
      },
    },
    releases: { release: (effect) => around.release(effect) },
    record: { carryOut: (effect) => links.put(end, 'store', { type: 'asked', effect }) },
    others: { tell: (to, message) => around.tell(to, message) },
    office: {
      took: (revision) => around.took(revision),
      resigned: () => around.resigned(),
      introduce: (epoch, members) => orders.introduce(members, epoch),
      askDisk: (epoch) => tellDisk(epoch, { type: 'askDisk', epoch }),
    },
  }
}
