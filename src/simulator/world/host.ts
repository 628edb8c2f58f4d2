import type { Epoch } from '../../base/index.ts'
import type {
  ApplicationEffect,
  ApplicationEvent,
  CheckEffect,
  CheckEvent,
  Frame,
  Place,
} from '../../protocol/index.ts'

export type HostEvent = ApplicationEvent | CheckEvent
export type HostEffect = ApplicationEffect | CheckEffect

/** What a processor's host can do in the world. */
export interface Port {
  send(to: Place, epoch: Epoch, frame: Frame): void
  /** False: the processor was crashed before this effect, so neither it nor any after it is carried out. */
  survives(): boolean
  /** An event comes; called before it is handled. */
  comes(event: HostEvent): void
  /** An event was handled; called before its effects are carried out. */
  saw(event: HostEvent, effects: readonly HostEffect[]): void
  /** The effect was carried out. */
  did(effect: HostEffect): void
}

/** Pages on their way behind the computation's back; it ends when the epoch changes. */
export interface Shipment {
  readonly epoch: Epoch
  readonly to: Place
  readonly frames: Iterator<Frame>
}

/** Few, so that what is shipped takes several frames and can be interrupted between them. */
export const pagesPerBatch = 6

export const memoryBytesMax = 8 * 2 ** 20
