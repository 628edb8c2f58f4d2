import type {
  ApplicationEffect,
  ApplicationEvent,
  ApplicationState,
  BackupState,
  CandidateEffect,
  CandidateEvent,
  CandidateState,
  CheckEffect,
  CheckEvent,
  CheckpointState,
  ConductorEffect,
  ConductorEvent,
  ConductorState,
  Coordination,
  Rest,
  Rules,
} from '../../protocol/index.ts'

/** Stands around one step of a state machine: may change its state, the event and the effects, or leave it out. */
export type Around<State, Event, Effect> = (
  step: (event: Event) => Effect[],
  state: State,
  event: Event,
) => readonly Effect[]

/** A protocol that is broken on purpose, to see that the checkers find it. Production code knows nothing of it. */
export interface Canary {
  readonly rules?: Partial<Rules>
  /** What it breaks is a rule of this coordination; of the independent one if nothing is said. */
  readonly coordination?: Coordination
  /** Where checkpoints are kept that it breaks: on disk beside the parity, or there alone; not on disk if nothing is said. */
  readonly storage?: 'beside' | 'alone'
  /** It also keeps more than it should, which is not what is looked for: bounds are not checked. */
  readonly isUnbounded?: true
  readonly application?: Around<ApplicationState, ApplicationEvent, ApplicationEffect>
  readonly check?: Around<CheckpointState | BackupState, CheckEvent, CheckEffect>
  /** What a process says instead when it is asked whether it rests. */
  readonly rest?: (answer: Rest) => Rest
  readonly conductor?: Around<ConductorState, ConductorEvent, ConductorEffect>
  /** So many have to be there that may conduct; one, that is never lost, if nothing is said. */
  readonly conductors?: number
  /** So many hosts; one computer if nothing is said. */
  readonly hosts?: number
  /** What it breaks shows where a program ends its processor each time. */
  readonly isDeadly?: true
  readonly candidate?: Around<CandidateState, CandidateEvent, CandidateEffect>
  /** Processors obey whoever conducted before, too (C3). */
  readonly obeysStale?: true
}

/** The step of a state machine with a canary around it, if there is one. */
export function stepAround<State, Event, Effect>(
  canary: Around<State, Event, Effect> | undefined,
  step: (state: State, event: Event) => Effect[],
): (state: State, event: Event) => readonly Effect[] {
  return canary ? (state, event) => canary((one) => step(state, one), state, event) : step
}
