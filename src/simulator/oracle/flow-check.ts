/**
 * O7 for what others, or the outside world, have yet to take from a process (B1 to B3 in flow.ts): no step begins while
 * more bytes than `logBytesMax` are not consumed by others, unless one of them has said since the step before that it is
 * stuck; nor with more than twice as much, unless all have. Nor while more than `logBytesMax` wait for a checkpoint. Who
 * says that it is stuck has nothing to do, or is held itself and says it once. And the counts of what is in transit and
 * of output are right.
 */
import type { Epoch, Rank } from '../../base/index.ts'
import { messagesIn, rankOf } from '../../protocol/index.ts'
import type { ApplicationHost } from '../world/application-host.ts'
import type { HostEffect, HostEvent } from '../world/host.ts'

/** What was said in this epoch since a process last began a step. */
interface Said {
  readonly epoch: Epoch
  /** By receivers: that they are stuck. */
  readonly stuck: Set<Rank>
  /** To senders, while there was something to do. */
  readonly answered: Set<Rank>
}

export class FlowCheck {
  readonly #report: (detail: string) => void
  readonly #said = new WeakMap<ApplicationHost, Said>()

  constructor(report: (detail: string) => void) {
    this.#report = report
  }

  /** To be called when an event was handled, before what it sends is on its way. */
  saw(host: ApplicationHost, event: HostEvent, effects: readonly HostEffect[]): void {
    const { epoch } = host.state
    const before = this.#said.get(host)
    const said = before?.epoch === epoch ? before : { epoch, stuck: new Set<Rank>(), answered: new Set<Rank>() }
    this.#said.set(host, said)
    if (event.type === 'frame' && event.frame.type === 'stuck' && event.epoch === epoch)
      said.stuck.add(rankOf(event.from)!)
    if (effects.some(({ type }) => type === 'runStep')) {
      this.#said.delete(host)
      this.#checkStep(host, said.stuck)
    }
    // What was held comes with it, one after the other, and more may have come when this was said.
    if (event.type === 'frame' && event.frame.type === 'resume') return
    for (const effect of effects) {
      if (effect.type === 'send' && effect.frame.type === 'stuck') this.#checkStuck(host, said, rankOf(effect.to)!)
    }
  }

  #checkStep(host: ApplicationHost, stuck: ReadonlySet<Rank>): void {
    const { flow, options, place } = host.state
    const { logBytesMax } = options
    const { unconsumed, ahead, output, busy } = kept(host, stuck)
    const counted = `${flow.unconsumedBytes}, ${flow.outputBytes}`
    if (counted !== `${unconsumed}, ${output}`) {
      this.#report(`${place} counts ${counted} of ${unconsumed}, ${output} bytes in transit and of output`)
    }
    const isAllowed = unconsumed <= logBytesMax || (unconsumed <= 2 * logBytesMax ? stuck.size > 0 : busy === null)
    if (!isAllowed)
      this.#report(`${place} goes on with ${unconsumed} bytes in transit, where ${logBytesMax} are allowed`)
    if (ahead + output > logBytesMax) {
      this.#report(
        `${place} goes on with ${ahead + output} bytes that wait for a checkpoint, of ${logBytesMax} allowed`,
      )
    }
  }

  #checkStuck(host: ApplicationHost, { answered }: Said, to: Rank): void {
    const { state } = host
    if (isIdle(host)) return
    const isHeld = kept(host, answered).unconsumed > state.options.logBytesMax
    if (isHeld && !answered.has(to)) answered.add(to)
    else this.#report(`${state.place} tells a${to} that it is stuck${isHeld ? ' again' : ''}, and will go on by itself`)
  }
}

/** Whether it has finished, or waits for a message that is not there. */
function isIdle({ state }: ApplicationHost): boolean {
  const { waiting } = state.process
  if (waiting.kind !== 'receive') return waiting.kind === 'finished'
  const messages = [...messagesIn(state.mailbox)]
  for (const { from, tag } of waiting.patterns) {
    const found = messages.findIndex((one) => [null, one.from].includes(from) && [null, one.tag].includes(tag))
    if (found < 0) return true
    messages.splice(found, 1)
  }
  return false
}

/** What a process holds, in bytes; `busy`: somebody who has yet to consume some, and has not said that it is stuck. */
function kept({ state: { options, process, captured } }: ApplicationHost, stuck: ReadonlySet<Rank>) {
  let [unconsumed, ahead, output] = [0, 0, 0]
  let busy: Rank | null = null
  const cost = ({ payload }: { readonly payload: Uint8Array }): number => payload.byteLength + options.rowBytes
  for (const [to, entries] of process.log.sent) {
    if (to === options.rank) continue
    for (const entry of entries) {
      if (entry.consumedIn === null) {
        unconsumed += cost(entry)
        if (!stuck.has(to)) busy = to
      } else if (entry.consumedIn > captured) ahead += cost(entry)
    }
  }
  for (const one of process.outputs) output += cost(one)
  return { unconsumed, ahead, output, busy }
}
