/**
 * The conductor: members, epoch and recovery, as a state machine.
 *
 * V1: a new epoch begins with every loss; what belongs to an older one counts no more.
 * V2: the recovery line is the newest checkpoint that all survivors can give.
 * V3: no memory is given up while some code covers the loss; what no code covers goes back to the disk, or ends the run.
 * V4: who takes over believes what the record says was lost until the holder itself says that it was restored since.
 * V5: what is lost together is lost in one recovery, and none of it is given a place.
 */
import { assert, type ProcessorId, unreachable } from '../../base/index.ts'
import type { Frame, Rebuild } from '../frames.ts'
import { type Place, rankOf } from '../places.ts'
import { rebuildPlan, toleranceFor } from './coverage.ts'
import { haveAllReported, isCovered, placeOf, placesOf, strikeOff, surelyMissing } from './members.ts'
import { endForFailure, goesRound, isLostAgain, noteAccident, noteLosses } from './repetition.ts'
import {
  type ConductorEffect,
  type ConductorEvent,
  type ConductorState,
  isOnDiskAlone,
  type ProcessorLoss,
} from './state.ts'
import {
  abandonStore,
  mayHaveMore,
  newestOnDisk,
  noteDisk,
  noteNotStored,
  noteRequest,
  noteSealed,
  noteStored,
  orderStore,
  passOverNewest,
  storageWentTo,
  takeBackOutputs,
} from './storage.ts'
import { givePlaces } from './vacant-places.ts'

/** One event of the conductor: changes its state and returns what is to be done, in order. */
export function stepConductor(state: ConductorState, event: ConductorEvent): ConductorEffect[] {
  const effects: ConductorEffect[] = []
  if (state.phase === 'ended') return effects
  switch (event.type) {
    case 'ready':
      state.spares.push(event.processor)
      if (event.host !== null) state.hosts.set(event.processor, event.host)
      fillPlaces(state, effects)
      break
    case 'lost':
      loseEnded(state, effects, [event], false)
      break
    case 'lostTogether':
      loseEnded(state, effects, event.losses, true)
      break
    case 'silent':
      noteSilent(state, effects, [event], false)
      break
    case 'silentTogether':
      noteSilent(state, effects, event.losses, true)
      break
    case 'heard':
      noteHeard(state, effects, [event.processor])
      break
    case 'heardTogether':
      noteHeard(state, effects, event.processors)
      break
    case 'tookOver':
      takeOver(state, effects, event.lost)
      break
    case 'patienceOver':
      lose(state, effects, [...state.silent])
      state.silent.clear()
      break
    case 'sealed':
    case 'notSealed':
      noteSealed(state, effects, event)
      settleEnd(state, effects)
      findLine(state, effects)
      break
    case 'diskHolds':
      noteDisk(state, event)
      if (!mayHaveMore(state)) settleEnd(state, effects)
      findLine(state, effects)
      orderStore(state, effects)
      break
    case 'frame':
      receive(state, effects, event)
      break
    default:
      return unreachable(event)
  }
  return effects
}

/** V5: all at once, so that no spare among them is given a place, and all that is missing is covered together or not. */
function loseEnded(
  state: ConductorState,
  effects: ConductorEffect[],
  losses: readonly ProcessorLoss[],
  withHost: boolean,
): void {
  const ended = losses.map(({ processor }) => processor)
  for (const processor of ended) state.silent.delete(processor)
  for (const loss of losses) noteAccident(state, loss, withHost)
  strikeOff(state, ended)
  lose(state, effects, ended)
  for (const processor of ended) state.accidents.delete(processor)
}

function noteSilent(
  state: ConductorState,
  effects: ConductorEffect[],
  losses: readonly ProcessorLoss[],
  withHost: boolean,
): void {
  for (const loss of losses) {
    state.silent.add(loss.processor)
    noteAccident(state, loss, withHost)
  }
  loseSilent(state, effects)
}

/** Silence counts as loss where a code covers it; otherwise the memory may still be there, so it is waited for (V3). */
function loseSilent(state: ConductorState, effects: ConductorEffect[]): void {
  const places = placesOf(state, state.silent)
  if (!state.fromDisk && !isCovered(state, new Set([...state.missing, ...places]))) return
  const silent = [...state.silent]
  state.silent.clear()
  strikeOff(state, silent)
  lose(state, effects, silent)
}

/** Signs of life from processors that were silent: still welcome, or replaced meanwhile (trap 9). */
function noteHeard(state: ConductorState, effects: ConductorEffect[], processors: readonly ProcessorId[]): void {
  let isWelcome = false
  for (const processor of processors) {
    if (state.silent.delete(processor)) {
      state.accidents.delete(processor)
      isWelcome = true
    } else if (!state.spares.includes(processor) && !placeOf(state, processor)) {
      effects.push({ type: 'fence', processor })
    }
  }
  if (!isWelcome) return
  // Those that are still silent may be covered without them.
  if (state.silent.size > 0) loseSilent(state, effects)
  // And a spare that was silent can be given a place.
  if (state.hosts.size > 0) fillPlaces(state, effects)
}

function lose(state: ConductorState, effects: ConductorEffect[], processors: readonly ProcessorId[]): void {
  const places = placesOf(state, processors)
  if (places.length > 0) recoverFrom(state, effects, places)
}

/** The record says who took part; those who still do say the rest. */
function takeOver(state: ConductorState, effects: ConductorEffect[], lost: readonly ProcessorId[]): void {
  state.takingOver = true
  // The last output was released, or will be, and nobody will say so again.
  if (endIfFinished(state, effects)) return
  strikeOff(state, lost)
  recoverFrom(state, effects, placesOf(state, lost))
}

function recoverFrom(state: ConductorState, effects: ConductorEffect[], lost: readonly Place[]): void {
  vacate(state, lost)
  if (isLostAgain(state, effects)) return
  if (state.fromDisk || isOnDiskAlone(state) || !isCovered(state, surelyMissing(state))) {
    returnToDisk(state, effects, lost)
    return
  }
  const takesBack = lost.some((place) => rankOf(place) !== null)
  beginRecovery(state, effects, lost, takesBack)
}

function vacate(state: ConductorState, places: readonly Place[]): void {
  noteLosses(state, places)
  for (const place of places) {
    state.members.set(place, null)
    state.vacant.push(place)
    state.missing.add(place)
    state.unheard.delete(place)
  }
}

/** F3: as nothing that is held counts, everybody is missing until it is restored, and no further loss needs a code. */
function returnToDisk(state: ConductorState, effects: ConductorEffect[], lost: readonly Place[]): void {
  if (newestOnDisk(state) === null && !isOnDiskAlone(state)) {
    const needed = toleranceFor(state.options.code, state.missing)
    state.endsWith ??= { type: 'uncovered', lost: [...state.missing], needed }
    // The manifest that is being written may become the first, or the disk may hold one that is not known here yet.
    if (!mayHaveMore(state)) {
      settleEnd(state, effects)
      return
    }
  }
  state.fromDisk = true
  // What the silent ones hold is not needed any more.
  const gone = [...state.silent]
  const silent = placesOf(state, gone)
  state.silent.clear()
  strikeOff(state, gone)
  vacate(state, silent)
  for (const place of state.members.keys()) state.missing.add(place)
  state.unheard.clear()
  beginRecovery(state, effects, [...lost, ...silent], true)
}

/** V3: no manifest is being written any more, so the run ends if it relied on that one in vain. */
function settleEnd(state: ConductorState, effects: ConductorEffect[]): void {
  const { endsWith } = state
  state.endsWith = null
  if (endsWith === null || newestOnDisk(state) !== null) return
  state.phase = 'ended'
  effects.push(endsWith)
}

/** V1. A recovery that has stopped programs already takes them back whatever comes after. */
function beginRecovery(
  state: ConductorState,
  effects: ConductorEffect[],
  lost: readonly Place[],
  takesBack: boolean,
): void {
  state.epoch += 1
  state.rollback = takesBack || (state.phase !== 'running' && state.rollback)
  state.phase = 'collecting'
  state.reports.clear()
  state.restored.clear()
  abandonStore(state)
  effects.push({ type: 'recoveryBegan', epoch: state.epoch, lost, rollback: state.rollback })
  const asked = state.takingOver ? ({ takeOver: true } as const) : {}
  broadcast(state, effects, { type: 'recover', rollback: state.rollback, ...asked })
  fillPlaces(state, effects)
}

function fillPlaces(state: ConductorState, effects: ConductorEffect[]): void {
  givePlaces(state, effects)
  findLine(state, effects)
}

function receive(state: ConductorState, effects: ConductorEffect[], event: ConductorEvent & { type: 'frame' }): void {
  const { from, frame, processor } = event
  if (state.members.get(from) !== processor) {
    effects.push({ type: 'fence', processor })
    return
  }
  if (event.epoch < state.epoch) return
  assert(event.epoch === state.epoch, 'V1: only the conductor begins an epoch')
  switch (frame.type) {
    case 'report':
      if (state.phase === 'collecting') noteReport(state, effects, from, frame)
      return
    case 'restored':
      if (state.phase !== 'rebuilding') return
      state.restored.add(from)
      state.missing.delete(from)
      if (state.restored.size === state.members.size) resume(state, effects)
      // With one more that is whole, a member that fell silent may be covered now.
      else if (state.silent.size > 0) loseSilent(state, effects)
      return
    case 'output':
      noteOutput(state, effects, from, frame)
      return
    case 'failure':
      noteFailure(state, effects, from, frame)
      return
    case 'damaged':
      noteDamage(state, effects, from, frame.reason)
      return
    case 'request':
      noteRequest(state, effects, frame.checkpoint)
      return
    case 'stored':
      noteStored(state, effects, from, frame)
      return
    case 'notStored':
      noteNotStored(state, effects, from, frame)
      return
    default:
      throw new Error(`the conductor got a frame that is not for it: ${frame.type} from ${from}`)
  }
}

function noteReport(
  state: ConductorState,
  effects: ConductorEffect[],
  from: Place,
  { checkpoints, stopped }: Extract<Frame, { type: 'report' }>,
): void {
  // V4
  const isNews = state.unheard.delete(from)
  if (isNews && checkpoints.length > 0) state.missing.delete(from)
  if (!state.missing.has(from)) state.reports.set(from, checkpoints)
  if (stopped && !state.rollback) {
    // Nobody was told to go back, so whoever was stopped by another conductor would stay so.
    beginRecovery(state, effects, [], true)
    return
  }
  if (isNews && !isCovered(state, surelyMissing(state))) {
    returnToDisk(state, effects, [])
    return
  }
  if (isNews && state.silent.size > 0) loseSilent(state, effects)
  if (state.hosts.size > 0) givePlaces(state, effects)
  findLine(state, effects)
}

/** V2: as soon as every survivor has reported and every missing place has a processor. Only survivors report. */
function findLine(state: ConductorState, effects: ConductorEffect[]): void {
  if (state.phase !== 'collecting' || state.vacant.length > 0 || !haveAllReported(state)) return
  if (state.fromDisk) {
    planFromDisk(state, effects)
    return
  }
  let common: readonly number[] | null = null
  for (const report of state.reports.values()) {
    common = common ? common.filter((checkpoint) => report.includes(checkpoint)) : report
  }
  assert(common === null || common.length > 0, 'V2: survivors have a checkpoint in common')
  state.line = common ? Math.max(...common) : 0
  if (goesRound(state, effects)) return
  state.phase = 'rebuilding'
  state.takingOver = false
  effects.push({ type: 'lineFound', epoch: state.epoch, line: state.line, disk: null })
  storageWentTo(state, state.line)
  const { code } = state.options
  const rebuild = state.begun && code ? rebuildPlan(code, state.missing) : fromZeros(state.missing)
  broadcast(state, effects, { type: 'plan', line: state.line, rebuild, disk: null })
}

/** Whoever has nothing to go back to begins with zeros. */
function fromZeros(places: Iterable<Place>): Rebuild[] {
  return [...places].map((target) => ({ target, sources: [] }))
}

/**
 * Application processors read their files; check processors are made of what those read. Where nothing but files keeps
 * checkpoints and none is whole yet, all begin anew.
 */
function planFromDisk(state: ConductorState, effects: ConductorEffect[]): void {
  const { storage, options, members } = state
  // What is about to be whole is newer than what is.
  if (storage?.order || storage?.isUnheard) return
  const disk = newestOnDisk(state)
  assert(disk !== null || isOnDiskAlone(state), 'F1: nobody goes back to the disk without a whole checkpoint there')
  state.line = disk?.checkpoint ?? 0
  if (goesRound(state, effects)) return
  state.phase = 'rebuilding'
  state.takingOver = false
  if (disk) takeBackOutputs(state, disk)
  storageWentTo(state, state.line)
  effects.push({ type: 'lineFound', epoch: state.epoch, line: state.line, disk })
  const checks = new Set([...members.keys()].filter((place) => rankOf(place) === null))
  const unread = disk ? [] : fromZeros(members.keys())
  const rebuild = options.code ? rebuildPlan(options.code, checks) : unread
  broadcast(state, effects, { type: 'plan', line: state.line, rebuild, disk: disk?.sequence ?? null })
}

/** Bytes that are not those that were captured: an older checkpoint on disk may be whole. */
function noteDamage(state: ConductorState, effects: ConductorEffect[], place: Place, reason: string): void {
  const { line, fromDisk } = state
  if (fromDisk && passOverNewest(state)) {
    effects.push({ type: 'passedOver', checkpoint: line, place, reason })
    returnToDisk(state, effects, [])
    return
  }
  const damaged: ConductorEffect = { type: 'damaged', place, onDisk: fromDisk ? line : null, reason }
  if (!fromDisk && (newestOnDisk(state) !== null || mayHaveMore(state))) {
    if (newestOnDisk(state) === null) state.endsWith = damaged
    returnToDisk(state, effects, [])
    return
  }
  state.phase = 'ended'
  effects.push(damaged)
}

function resume(state: ConductorState, effects: ConductorEffect[]): void {
  state.phase = 'running'
  state.begun = true
  state.rollback = false
  state.fromDisk = false
  broadcast(state, effects, { type: 'resume' })
  effects.push({ type: 'resumed', epoch: state.epoch, line: state.line })
  // What was missing is whole again, so that a member that fell silent meanwhile may be covered now.
  if (state.silent.size > 0) loseSilent(state, effects)
  orderStore(state, effects)
}

function noteOutput(
  state: ConductorState,
  effects: ConductorEffect[],
  from: Place,
  frame: Extract<Frame, { type: 'output' }>,
): void {
  const rank = rankOf(from)
  assert(rank !== null, 'output comes from application processors')
  const { index, kind, payload } = frame
  const next = state.nextOutput.get(rank) ?? 0
  assert(index <= next, 'output comes in order')
  effects.push({ type: 'send', to: from, epoch: state.epoch, frame: { type: 'outputAck', index } })
  if (index < next) return
  state.nextOutput.set(rank, next + 1)
  effects.push({ type: 'output', rank, index, kind, payload })
  if (kind !== 'done') return
  state.finished.add(rank)
  endIfFinished(state, effects)
}

function endIfFinished(state: ConductorState, effects: ConductorEffect[]): boolean {
  if (state.finished.size < state.options.processes) return false
  state.phase = 'ended'
  effects.push({ type: 'finished' })
  return true
}

/** A failed step gets one more chance from the recovery line; it may have been the machine's fault. */
function noteFailure(
  state: ConductorState,
  effects: ConductorEffect[],
  from: Place,
  frame: Extract<Frame, { type: 'failure' }>,
): void {
  const rank = rankOf(from)
  assert(rank !== null, 'steps run on application processors')
  const { step, site, error } = frame
  const before = state.failures.find((one) => one.site === site)
  // It was not taken back yet, if the one who was to do it was lost before.
  const isRepeated = before?.rank === rank && before.step === step && before.line === null
  const isSameStep = before?.rank === rank && before.step === step && !isRepeated
  const onDiskAlone = isOnDiskAlone(state)
  if ((!state.options.code && !onDiskAlone) || isSameStep) {
    endForFailure(state, effects, rank, error)
    return
  }
  if (!isRepeated) state.failures.push({ rank, step, site, error, line: null })
  if (onDiskAlone) returnToDisk(state, effects, [])
  else beginRecovery(state, effects, [], true)
}

/** To every member that has a place in this epoch, newcomers too. */
function broadcast(state: ConductorState, effects: ConductorEffect[], frame: Frame): void {
  for (const [place, member] of state.members) {
    if (member !== null) effects.push({ type: 'send', to: place, epoch: state.epoch, frame })
  }
}
