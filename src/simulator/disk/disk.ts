import type { Random } from '../../base/index.ts'
import type { ProtectedMemory } from '../../memory/index.ts'
import type { StorageOptions } from '../../protocol/index.ts'
import { SimulatedFolder } from './folder.ts'
import { SimulatedManifests, type StorageSetting } from './manifests.ts'
import { SimulatedShare } from './share.ts'

/** The disk of a simulated machine: all its processors write to one folder. */
export class SimulatedDisk {
  readonly folder: SimulatedFolder
  manifests: SimulatedManifests
  /** One more after each power cut. */
  run: number
  readonly #setting: StorageSetting

  constructor(setting: StorageSetting, folder = new SimulatedFolder(), run = 1) {
    this.#setting = setting
    this.folder = folder
    this.run = run
    this.manifests = new SimulatedManifests(this.folder, this.run)
  }

  /** For the conductor. */
  get options(): StorageOptions {
    return this.manifests.optionsFor(this.#setting)
  }

  shareOf(rank: number, memory: ProtectedMemory): SimulatedShare {
    return new SimulatedShare(this.folder, this.run, rank, memory)
  }

  /** The power fails, and comes back: whoever goes on from here goes on from what is whole. */
  cutPower(random: Pick<Random, 'integer'>): void {
    this.folder.cutPower(random)
    this.run += 1
    this.manifests = new SimulatedManifests(this.folder, this.run)
  }
}
