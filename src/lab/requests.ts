import {
  type Check,
  flag,
  listOf,
  number,
  objectOf,
  orNull,
  text,
  type VariantChecks,
  variantOf,
} from '../base/index.ts'
import type { HostDoor } from './enter.ts'
import type { HostState, LabState } from './state.ts'

/** What commands ask of a laboratory: one line of JSON each, over its socket. */
export type LabRequest =
  | { readonly type: 'list' | 'heal' }
  | { readonly type: 'door' | 'power-off' | 'power-on'; readonly host: string }
  | { readonly type: 'cut'; readonly a: string; readonly b: string; readonly isOneWay: boolean }
  | { readonly type: 'lose'; readonly a: string; readonly b: string; readonly percent: number }
  | { readonly type: 'slow'; readonly host: string; readonly rateBits: number }

const requests: VariantChecks<LabRequest> = {
  list: {},
  heal: {},
  door: { host: text },
  'power-off': { host: text },
  'power-on': { host: text },
  cut: { a: text, b: text, isOneWay: flag },
  lose: { a: text, b: text, percent: number },
  slow: { host: text, rateBits: number },
}
export const requestCheck: Check = variantOf<LabRequest>(requests)

/** The answer, in one line too. */
export type LabAnswer =
  | { readonly type: 'done' }
  /** What is wrong with the request, in words for its user. */
  | { readonly type: 'refused'; readonly error: string }
  | { readonly type: 'state'; readonly state: LabState }
  | { readonly type: 'door'; readonly door: HostDoor }

const numberOrNull = orNull(number)
const stateCheck = objectOf<LabState>({
  ...{ name: text, cores: numberOrNull, memoryBytes: numberOrNull, bandwidthBits: numberOrNull, delayMs: numberOrNull },
  hosts: listOf(
    objectOf<HostState>({ name: text, address: text, isOn: flag, pid: numberOrNull, slowBits: numberOrNull }),
  ),
  cuts: listOf(objectOf({ from: text, to: text, isOneWay: flag })),
  losses: listOf(objectOf({ between: listOf(text), percent: number })),
})
const doorCheck = objectOf<HostDoor>({
  ...{ lab: text, host: text, pid: number, groups: listOf(text), isInUserNamespace: flag },
})
const answers: VariantChecks<LabAnswer> = {
  done: {},
  refused: { error: text },
  state: { state: stateCheck },
  door: { door: doorCheck },
}
export const answerCheck: Check = variantOf<LabAnswer>(answers)
