import { type ConductorPorts, type ManifestPort, noManifests } from '../../carrier/index.ts'
import type { ConductorEffect, ConductorState } from '../../protocol/index.ts'
import type { SimulatedDisk } from '../disk/disk.ts'
import type { RunEnding, WorldOptions } from './options.ts'
import type { Orders } from './orders.ts'

/** The world around a conductor that is never lost. */
interface Conducted {
  readonly conductor: ConductorState
  readonly disk: SimulatedDisk | null
  readonly options: Pick<WorldOptions, 'respawns'>
  outcome: RunEnding | null
  startProcessor(): unknown
}

/** `released`: told of all output. */
export function conductorPorts(
  world: Conducted,
  orders: Orders,
  released: (effect: Extract<ConductorEffect, { type: 'output' }>) => void,
): ConductorPorts {
  return {
    state: world.conductor,
    transport: { send: (to, epoch, frame) => orders.frame(to, epoch, frame) },
    crew: {
      assign: (place, processor, epoch) => orders.assign(place, processor, epoch),
      fence: (processor) => orders.fence(processor, world.conductor.epoch),
    },
    recovery: {
      began: ({ lost }) => {
        for (const place of lost) {
          orders.holders.delete(place)
          if (world.options.respawns) world.startProcessor()
        }
      },
      lineFound: () => {},
      resumed: () => {},
    },
    outside: {
      output: released,
      end: (effect) => {
        world.outcome = effect
      },
    },
    store: world.disk ? manifestsOn(world.disk, world) : noManifests,
  }
}

function manifestsOn(disk: SimulatedDisk, world: Conducted): ManifestPort {
  return {
    seal: (effect) => disk.manifests.seal(effect),
    tell: (effect) => {
      disk.manifests.tell(effect)
      if (effect.type === 'notStored' && effect.ends) world.outcome = effect
    },
  }
}
