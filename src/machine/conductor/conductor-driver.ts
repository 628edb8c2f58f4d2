import { type CandidateCarrier, type CandidatePorts, carryCandidate, isOfConductor } from '../../carrier/index.ts'
import { arrangeSpares } from '../../placement/index.ts'
import {
  type CandidateEffect,
  type CandidateEvent,
  type CandidateState,
  type ConductorEffect,
  type ConductorEvent,
  type ConductorState,
  createCandidate,
  isForConductor,
} from '../../protocol/index.ts'
import { CandidateStore, type Store, type StoreClock } from '../../store/index.ts'
import { codeFor } from '../protection.ts'
import {
  type CandidateConfiguration,
  type ConductorOrder,
  type CrewEvent,
  candidateMessage,
  type FromConductor,
  linkedMessage,
  type MachineView,
} from '../wire/conducting.ts'

/** So much released output is kept until it is fetched; further output waits where it was made. */
const unfetchedBytesMax = 64 * 1024 * 1024

/** Of the store's entries; each run has a store of its own. */
export const runName = 'local'

/**
 * A candidate whose process hangs for so long is gone, and its challenge with it. Of its end the store hears at once. It says
 * again that it is there when it goes on.
 */
const ttlMs = 2000

/** How long a conductor that is not heard has for an answer by the store. */
const answerMs = 100

export interface ConductorDriverOptions {
  readonly configuration: CandidateConfiguration
  readonly store: Store
  readonly clock: StoreClock
  send(message: FromConductor): void
  /** What goes into the conductor's state machine and what comes out, in the epoch it has then. */
  onEvent(event: ConductorEvent, epoch: number): unknown
  onEffect(effect: ConductorEffect, epoch: number): unknown
}

/**
 * One that may conduct: gives its state machine the events, and tells the crew what it decides. It holds nothing that the
 * record, the release log and the survivors' reports cannot give back.
 */
export class ConductorDriver {
  readonly #options: ConductorDriverOptions
  readonly #state: CandidateState
  readonly #carrier: CandidateCarrier
  readonly #record: CandidateStore
  /** The crew knows the machine as it was before. */
  #isViewOld = true
  #isBusy = false

  constructor(options: ConductorDriverOptions) {
    const { configuration, store, clock } = options
    const { id, processes, protection, storage } = configuration
    this.#options = options
    const code = codeFor(processes, protection)
    this.#state = createCandidate({ id, processes, code, storage, unfetchedBytesMax, arrange: arrangeSpares })
    this.#record = new CandidateStore({
      ...{ run: runName, id, store, clock, answerMs, ttlMs },
      onEvent: (event) => this.#dispatch(event),
      onDamaged: (reason) => options.send({ type: 'defect', reason }),
    })
    this.#carrier = carryCandidate(this.#makePorts(), {
      comes: (event) => this.#tellEvent(event),
      begins: (effect) => this.#tellEffect(effect),
    })
    this.#record.open()
  }

  take(event: CrewEvent): void {
    if (event.type !== 'fromCandidate') this.#dispatch(event)
    else this.#dispatch({ type: 'fromCandidate', from: event.from, message: candidateMessage(event.message) })
  }

  /** Leaves the store. */
  close(): void {
    this.#record.close()
  }

  get #epoch(): number {
    return this.#state.tenure?.core.epoch ?? this.#state.found.record?.epoch ?? 0
  }

  /** What comes while an event is handled waits, and so does the view. */
  #dispatch(event: CandidateEvent): void {
    if (changesView(event)) this.#isViewOld = true
    const isFirst = !this.#isBusy
    this.#isBusy = true
    try {
      this.#carrier.dispatch(event)
    } finally {
      if (isFirst) this.#isBusy = false
    }
    if (isFirst) this.#showView()
  }

  /** Not before all that was decided may be told. */
  #showView(): void {
    const { tenure } = this.#state
    if (!this.#isViewOld || !tenure?.isAgreed || tenure.held.length > 0) return
    this.#isViewOld = false
    this.#order({ type: 'view', view: viewOf(tenure.core) })
  }

  #tellEvent(event: CandidateEvent): void {
    if (this.#state.tenure && isForConductor(event)) this.#options.onEvent(event, this.#epoch)
  }

  #tellEffect(effect: CandidateEffect): void {
    const { onEvent, onEffect } = this.#options
    if (isOfConductor(effect)) onEffect(effect, this.#epoch)
    else if (effect.type === 'release' && effect.entry.type === 'output') onEffect(effect.entry, this.#epoch)
    else if (effect.type === 'tookOffice' && effect.revision > 1) onEvent({ type: 'tookOver', lost: [] }, this.#epoch)
  }

  #order(order: ConductorOrder, epoch = this.#state.found.record?.epoch ?? 0): void {
    this.#options.send({ type: 'order', epoch, order })
  }

  #makePorts(): CandidatePorts {
    const { send } = this.#options
    const state = this.#state
    const tellRecovery = (effect: Extract<ConductorOrder, { type: 'recovery' }>['effect']): void =>
      this.#order({ type: 'recovery', effect, rollback: state.tenure?.core.rollback ?? false }, effect.epoch)
    const tellStorage = (effect: Extract<ConductorOrder, { type: 'storage' }>['effect']): void =>
      this.#order({ type: 'storage', effect })
    return {
      state,
      transport: { send: (to, epoch, frame) => this.#order({ type: 'frame', to, frame }, epoch) },
      crew: {
        assign: (place, processor, epoch) => this.#order({ type: 'assign', place, processor }, epoch),
        fence: (processor) => this.#order({ type: 'fence', processor }),
      },
      recovery: { began: tellRecovery, lineFound: tellRecovery, resumed: tellRecovery },
      store: { seal: tellStorage, tell: tellStorage },
      outside: { end: (effect) => this.#order({ type: 'end', effect }) },
      releases: { release: ({ number, entry }) => this.#order({ type: 'release', number, entry }) },
      record: this.#record,
      others: { tell: (to, message) => send({ type: 'tellCandidate', to, message: linkedMessage(message) }) },
      office: {
        took: (revision) => send({ type: 'tookOffice', revision }),
        resigned: (revision) => send({ type: 'resigned', revision }),
        introduce: (before, members) => this.#order({ type: 'introduce', members, before }),
        askDisk: (epoch) => this.#order({ type: 'askDisk' }, epoch),
      },
    }
  }
}

function viewOf({ phase, begun, members, spares, silent, missing, fromDisk }: ConductorState): MachineView {
  return {
    ...{ phase, begun, members: [...members], spares: [...spares], silent: [...silent] },
    ...{ missing: [...missing], fromDisk },
  }
}

/** Frames that come often leave the machine as it is, and so does what candidates say to each other. */
function changesView(event: CandidateEvent): boolean {
  if (event.type !== 'frame') return event.type !== 'fetched' && event.type !== 'fromCandidate'
  const { type } = event.frame
  return type !== 'output' && type !== 'request' && type !== 'stored'
}
