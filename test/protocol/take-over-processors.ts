/** The processors of the take-over tests: they obey, report and put out, and compute nothing. */
import { processorId } from '../../src/base/index.ts'
import type { Frame } from '../../src/protocol/index.ts'
import { loseProcessor, type Order, type Processor, post, type TakeOverState } from './take-over-state.ts'

/** What processors get wrong. */
export interface Wrong {
  readonly obeysStale?: boolean
  readonly newcomersSayNothing?: boolean
}

export function obey(wrong: Wrong, state: TakeOverState, one: Processor, candidate: number, order: Order): void {
  if (!one.alive) return
  const say = (frame: Frame): void => {
    const from = one.place!
    post(state, `p${one.id}`, `c${one.follows}`, {
      type: 'frame',
      processor: processorId(one.id),
      epoch: one.epoch,
      from,
      frame,
    })
  }
  if (order.epoch < one.epoch && !wrong.obeysStale) {
    post(state, `p${one.id}`, `c${candidate}`, { type: 'orderRefused', epoch: one.epoch })
    return
  }
  if (order.epoch < one.epoch) state.violation ??= 'STALE ORDER'
  one.follows = candidate
  if (order.type === 'fenced') {
    loseProcessor(state, one.id)
    return
  }
  if (order.type === 'introduced' || order.type === 'assigned') {
    one.epoch = order.epoch
    const place =
      order.type === 'assigned' ? order.place : (order.members.find(([, holder]) => holder === one.id)?.[0] ?? null)
    if (place === null)
      post(state, `p${one.id}`, `c${candidate}`, { type: 'ready', processor: processorId(one.id), host: null })
    else one.place ??= place
    return
  }
  if (one.place !== null) hear(wrong, state, one, order, say)
}

function hear(
  wrong: Wrong,
  state: TakeOverState,
  one: Processor,
  { epoch, frame }: Order & { type: 'frame' },
  say: (frame: Frame) => void,
): void {
  const isProcess = one.place!.startsWith('a')
  const putOut = (): void => {
    if (isProcess && one.runs && !one.isAcknowledged)
      say({ type: 'output', index: 0, kind: 'done', payload: new Uint8Array(1) })
  }
  switch (frame.type) {
    case 'recover': {
      if (epoch <= one.epoch) return
      one.epoch = epoch
      one.goesBack = frame.rollback
      if (!one.holds) {
        if (frame.takeOver && !wrong.newcomersSayNothing) say({ type: 'report', checkpoints: [] })
        return
      }
      const wasStopped = one.isStopped
      if (isProcess && (frame.rollback || wasStopped)) Object.assign(one, { isStopped: true, runs: false })
      else putOut()
      say({ type: 'report', checkpoints: [0], ...(frame.takeOver && wasStopped ? { stopped: true } : {}) })
      return
    }
    case 'plan': {
      const own = frame.rebuild.find(({ target }) => target === one.place)
      if (own && own.sources.length === 0 && state.hasComputed) state.violation ??= 'ZEROS'
      if (own && isProcess) one.isStopped = true
      one.holds = true
      say({ type: 'restored' })
      return
    }
    case 'resume':
      state.hasComputed = true
      if (!isProcess) return
      if (one.isStopped && !one.goesBack) state.violation ??= 'STAYS STOPPED'
      one.isStopped = false
      one.runs = true
      putOut()
      return
    case 'outputAck':
      one.isAcknowledged = true
      return
    default:
  }
}
