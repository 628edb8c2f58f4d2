/**
 * O7: memory and log are bounded to two intervals. What exactly that means:
 *
 * - A memory keeps the committed checkpoint and, until that is committed too, the captured one; nothing else.
 * - A sent message that its receiver has consumed stays in the log only while that is on its way to be known, or if it
 *   was consumed in the interval that its sender is in, or in the next: it crosses the sender's newest checkpoint.
 * - Receipts are kept only above a gap: of a message that was not consumed while later ones of its channel were.
 * - Output stays only until the outside world has taken it, and the news of that is here.
 * - A check processor holds a staged delta only of the checkpoint after its parity's, from those who have sent one.
 *
 * What nobody has consumed yet is in transit, and bounded by flow control, not by age.
 */
import type { Rank } from '../../base/index.ts'
import type { LogRules, MessageLog } from '../../log/index.ts'
import { applicationPlace, type ConductorState, type Place } from '../../protocol/index.ts'
import type { ApplicationHost } from '../world/application-host.ts'
import type { CheckHost } from '../world/check-host.ts'
import type { End, Links, SimulatedLink } from '../world/links.ts'
import type { SimulatedProcessor } from '../world/processor.ts'

export interface Bounded {
  readonly conductor: ConductorState
  readonly links: Links
  holder(place: Place): SimulatedProcessor | null
}

export class BoundsCheck {
  readonly #world: Bounded
  readonly #rules: LogRules
  readonly #report: (detail: string) => void

  constructor(world: Bounded, rules: LogRules, report: (detail: string) => void) {
    this.#world = world
    this.#rules = rules
    this.#report = report
  }

  /** To be called between events, whenever all processes compute in the same epoch. */
  checkMemories(hosts: readonly ApplicationHost[]): void {
    for (let rank = 0; rank < hosts.length; rank += 1) {
      const { memory, state } = hosts[rank]!
      const { kept } = memory.real
      const { length } = kept
      if (length > 2 || (length === 2 && state.committed === state.captured)) {
        this.#report(`a${rank} keeps checkpoints ${kept.join(' and ')} when ${state.committed} is committed`)
      }
    }
  }

  /** More costly: to be called at commits, whenever all processes compute in the same epoch. */
  checkLogs(hosts: readonly ApplicationHost[]): void {
    for (const [rank, { state }] of hosts.entries()) {
      this.#checkSent(rank, hosts)
      this.#checkReceipts(rank, state.process.log)
      if (this.#world.conductor.phase === 'running') this.#checkOutputs(rank, hosts[rank]!)
    }
  }

  /** To be called when a recovery has settled the commit that was under way. */
  checkStaged({ state, parity }: CheckHost): void {
    if (parity.stagedPages === 0 || state.staging.senders.size > 0) return
    this.#report(
      `${state.place} has ${parity.stagedPages} pages staged after checkpoint ${state.parityCheckpoint}, from nobody`,
    )
  }

  #checkSent(from: Rank, hosts: readonly ApplicationHost[]): void {
    const { captured, process } = hosts[from]!.state
    for (const [to, entries] of process.log.sent) {
      const receiver = hosts[to]!.state.process.log
      for (const { sequence, consumedIn } of entries) {
        const what = `message ${sequence} from a${from} to a${to}`
        if (consumedIn !== null) {
          if (consumedIn >= captured) continue
          this.#report(`${what}, consumed in interval ${consumedIn}, is kept after checkpoint ${captured}`)
        } else if (this.#rules.wasConsumed(receiver, from, sequence) && !this.#isNewsOnItsWay(from, to, sequence)) {
          this.#report(`${what} is consumed, and its sender will never know`)
        }
      }
    }
  }

  /** An acknowledgement comes back, or the message once more, which is acknowledged again. */
  #isNewsOnItsWay(from: Rank, to: Rank, sequence: number): boolean {
    const [sender, receiver] = [this.#endOf(from), this.#endOf(to)]
    return this.#carries(receiver, sender, 'ack', sequence) || this.#carries(sender, receiver, 'message', sequence)
  }

  #carries(from: End, to: End, type: 'ack' | 'message', sequence: number): boolean {
    const link = this.#world.links.between(from, to)
    return link.broken || frames(link).some((frame) => frame.type === type && frame.sequence === sequence)
  }

  #checkReceipts(rank: Rank, log: MessageLog): void {
    for (const [from, { watermark, receipts }] of log.received) {
      const needless = receipts.find(({ sequence }) => sequence <= watermark)
      if (needless) this.#report(`a${rank} keeps receipt ${needless.sequence} from a${from} at watermark ${watermark}`)
    }
  }

  #checkOutputs(rank: Rank, { state }: ApplicationHost): void {
    const next = this.#world.conductor.nextOutput.get(rank) ?? 0
    // Taking one drops all before it.
    const kept = state.process.outputs.findLast(({ index }) => index < next)
    if (!kept) return
    const own = this.#endOf(rank)
    const [to, from] = [this.#world.links.between(own, 'conductor'), this.#world.links.between('conductor', own)]
    const isOnItsWay =
      to.broken ||
      frames(to).some((frame) => frame.type === 'output' && frame.index >= kept.index) ||
      frames(from).some((frame) => frame.type === 'outputAck' && frame.index >= kept.index)
    if (!isOnItsWay) this.#report(`a${rank} keeps output ${kept.index}, which was taken`)
  }

  #endOf(rank: Rank): End {
    return this.#world.holder(applicationPlace(rank))!.id
  }
}

function frames({ packets, channel }: SimulatedLink) {
  return [...packets, ...(channel?.kept ?? [])].flatMap((packet) => (packet.type === 'frame' ? [packet.frame] : []))
}
