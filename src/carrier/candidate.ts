import {
  type CandidateEffect,
  type CandidateEvent,
  type CandidateState,
  type ConductorEffect,
  stepCandidate,
} from '../protocol/index.ts'
import { Carrier, type Handlers, type Onlooker } from './carrier.ts'
import { type ConductorPorts, conductorHandlers } from './conductor.ts'
import type { CandidatePort, OfficePort, OutsidePort, RecordPort, ReleasePort } from './ports.ts'

export interface CandidatePorts extends Omit<ConductorPorts, 'state' | 'outside'> {
  readonly state: CandidateState
  readonly outside: Pick<OutsidePort, 'end'>
  readonly releases: ReleasePort
  readonly record: RecordPort
  readonly others: CandidatePort
  readonly office: OfficePort
}

export type CandidateCarrier = Carrier<CandidateState, CandidateEvent, CandidateEffect, CandidatePorts>

export function carryCandidate(
  ports: CandidatePorts,
  onlooker?: Onlooker<CandidateEvent, CandidateEffect>,
  step: (state: CandidateState, event: CandidateEvent) => readonly CandidateEffect[] = stepCandidate,
): CandidateCarrier {
  return new Carrier(ports, step, handlers, onlooker)
}

type OwnEffect = Exclude<CandidateEffect, ConductorEffect>

const ownHandlers: Handlers<OwnEffect, CandidatePorts> = {
  release: (effect, { releases }) => releases.release(effect),
  introduce: ({ epoch, members }, { office }) => office.introduce(epoch, members),
  askDisk: ({ epoch }, { office }) => office.askDisk(epoch),
  tookOffice: ({ revision }, { office }) => office.took(revision),
  resigned: ({ revision }, { office }) => office.resigned(revision),
  propose: (effect, { record }) => record.carryOut(effect),
  challenge: (effect, { record }) => record.carryOut(effect),
  answerChallenge: (effect, { record }) => record.carryOut(effect),
  tellCandidate: ({ to, message }, { others }) => others.tell(to, message),
}

const handlers: Handlers<CandidateEffect, CandidatePorts> = { ...conductorHandlers, ...ownHandlers }

/** Whether an effect of a candidate is one of the conductor's own; so is every effect of others. */
export function isOfConductor<Effect extends { readonly type: string }>(
  effect: Effect,
): effect is Exclude<Effect, OwnEffect> {
  return !(effect.type in ownHandlers)
}
