/** Makes lines of a trace about what is just happening. */
import type { Epoch } from '../../base/index.ts'
import {
  type AnyEffect,
  type AnyEvent,
  describeEffect,
  describeEvent,
  type OutsideEvent,
  type Place,
  recordEffect,
  recordEvent,
} from '../../protocol/index.ts'
import { monotonicMs, type TraceLine } from './control.ts'

export function eventLine(place: Place, epoch: Epoch, event: AnyEvent | OutsideEvent): TraceLine {
  return { atMs: monotonicMs(), place, epoch, text: describeEvent(event), ...recordEvent(event) }
}

export function effectLine(place: Place, epoch: Epoch, effect: AnyEffect): TraceLine {
  return { atMs: monotonicMs(), place, epoch, text: describeEffect(effect), ...recordEffect(effect) }
}
