/**
 * Whether what came on the control link of a conductor is a message of it. Each field of each message is looked at; a
 * message that is added does not compile until it has its line here.
 */
import {
  bytes,
  type Check,
  count,
  flag,
  listOf,
  objectOf,
  oneOf,
  orNull,
  pairOf,
  problemWith,
  text,
  variantOf,
} from '../../base/index.ts'
import {
  accidentCheck,
  type DiskCheckpoint,
  frame,
  lossesCheck,
  memberCheck,
  type OutputMark,
  outcomeChecks,
  outputKinds,
  processorPlace as place,
  type Released,
  type StorageOptions,
  type StoredShare,
  storedFile,
} from '../../protocol/index.ts'
import { fromStoreProblem, toStoreProblem } from '../../store/index.ts'
import { protectionCheck } from '../protection.ts'
import type {
  CandidateConfiguration,
  ConductorOrder,
  CrewEvent,
  FromConductor,
  LinkedCandidateMessage,
  MachineView,
  ToConductor,
} from './conducting.ts'
import { traceLineCheck } from './validate-control.ts'

/** Numbers that occur in many of them. */
const [processor, epoch, sequence, checkpoint] = [count, count, count, count]
const [revision, candidate, rank] = [count, count, count]

/** The next index of output of a rank. */
const next = pairOf('a rank and an index', count, count)

const members = listOf(memberCheck)
const marks = listOf(objectOf<OutputMark>({ released: count, isFinished: flag }))
const disk = objectOf<DiskCheckpoint>({ sequence, checkpoint, changesInARow: count, outputs: marks })
const shares = listOf(objectOf<StoredShare>({ released: count, isFinished: flag, file: storedFile }))

const released = variantOf<Released>({
  output: { rank, index: count, kind: oneOf(outputKinds), payload: bytes },
  tookBack: { outputs: marks },
})

const betweenCandidates = variantOf<LinkedCandidateMessage>({
  copy: {
    ...{ revision, fetched: count, bytes: count, entries: listOf(released) },
    ...{ next: listOf(next), finished: listOf(rank) },
  },
  append: { revision, number: count, entry: released },
  fetched: { revision, upTo: count },
  logged: { revision, upTo: count },
  surpassed: { revision },
})

const configuration = objectOf<CandidateConfiguration>({
  id: candidate,
  processes: count,
  protection: orNull(protectionCheck),
  storage: orNull(
    objectOf<StorageOptions>({ every: count, isIncremental: flag, whole: listOf(disk), lastSequence: count }),
  ),
  isTraced: flag,
})

const event = variantOf<CrewEvent>({
  ready: { processor, host: orNull(text) },
  lost: { processor, accident: accidentCheck },
  silent: { processor, accident: accidentCheck },
  heard: { processor },
  lostTogether: { losses: lossesCheck },
  silentTogether: { losses: lossesCheck },
  heardTogether: { processors: listOf(processor) },
  patienceOver: {},
  diskHolds: { epoch: count, whole: listOf(disk), sealing: orNull(disk), lastSequence: count },
  sealed: { sequence },
  notSealed: { sequence, reason: text },
  frame: { processor, epoch, from: place, frame },
  appointed: { replicas: listOf(candidate) },
  conductorUnheard: {},
  candidateFound: { candidate },
  candidateLost: { candidate },
  fromCandidate: { from: candidate, message: betweenCandidates },
  orderRefused: { epoch },
  fetched: { upTo: count },
})

const view = objectOf<MachineView>({
  phase: oneOf(['collecting', 'rebuilding', 'running', 'ended']),
  begun: flag,
  members,
  spares: listOf(processor),
  silent: listOf(processor),
  missing: listOf(place),
  fromDisk: flag,
})

type EffectIn<Type extends ConductorOrder['type']> = Extract<ConductorOrder, { type: Type; effect: unknown }>['effect']

const recovery = variantOf<EffectIn<'recovery'>>({
  recoveryBegan: { epoch, lost: listOf(place), rollback: flag },
  lineFound: { epoch, line: count, disk: orNull(disk) },
  resumed: { epoch, line: count },
})

const { notStored, ...endings } = outcomeChecks

const storage = variantOf<EffectIn<'storage'>>({
  seal: { sequence, checkpoint, since: orNull(count), shares },
  stored: { checkpoint },
  notStored,
  passedOver: { checkpoint, place, reason: text },
})

const order = variantOf<ConductorOrder>({
  frame: { to: place, frame },
  assign: { place, processor },
  fence: { processor },
  introduce: { members, before: epoch },
  recovery: { effect: recovery, rollback: flag },
  storage: { effect: storage },
  askDisk: {},
  release: { number: count, entry: released },
  view: { view },
  end: { effect: variantOf<EffectIn<'end'>>(endings) },
})

/** Looked into by the store's own. */
const ofStore =
  (problem: (message: unknown) => string | null): Check =>
  (value) => {
    const found = problem(value)
    return found === null ? null : ` (${found})`
  }

const toConductor = variantOf<ToConductor>({
  configure: { configuration },
  event: { event },
  store: { message: ofStore(fromStoreProblem) },
})

const fromConductor = variantOf<FromConductor>({
  order: { epoch, order },
  tookOffice: { revision },
  resigned: { revision },
  tellCandidate: { to: candidate, message: betweenCandidates },
  store: { message: ofStore(toStoreProblem) },
  trace: { lines: listOf(traceLineCheck(oneOf(['conductor']))) },
  defect: { reason: text },
})

/** Why `message` is none to a conductor, in a few words that name it; null if it is one. */
export function toConductorProblem(message: unknown): string | null {
  return problemWith('a message', message, toConductor)
}

/** Why `message` is none of a conductor's, in a few words that name it; null if it is one. */
export function fromConductorProblem(message: unknown): string | null {
  return problemWith('a message', message, fromConductor)
}
