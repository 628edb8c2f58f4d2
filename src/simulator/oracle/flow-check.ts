/**
 * O7 for what is in transit: no step begins while more bytes than `logBytesMax` are not consumed by others, unless one
 * of them has said since the step before that it waits for more. And their count, which that goes by, is right.
 */
import type { ApplicationHost } from '../world/application-host.ts'
import type { HostEffect, HostEvent } from '../world/host.ts'

export class FlowCheck {
  readonly #report: (detail: string) => void
  /** Who was told by a receiver, since it last began a step, that it waits. */
  readonly #told = new WeakSet<ApplicationHost>()

  constructor(report: (detail: string) => void) {
    this.#report = report
  }

  /** To be called when an event was handled, before what it sends is on its way. */
  saw(host: ApplicationHost, event: HostEvent, effects: readonly HostEffect[]): void {
    const { epoch } = host.state
    if (event.type === 'restored') this.#told.delete(host)
    if (event.type === 'frame' && event.frame.type === 'stuck' && event.epoch === epoch) this.#told.add(host)
    if (!effects.some(({ type }) => type === 'runStep')) return
    const wasTold = this.#told.delete(host)
    const { flow, options, place } = host.state
    const bytes = bytesInTransit(host)
    if (bytes !== flow.unconsumedBytes)
      this.#report(`${place} counts ${flow.unconsumedBytes} of ${bytes} bytes in transit`)
    if (bytes <= options.logBytesMax || wasTold) return
    this.#report(`${place} goes on with ${bytes} bytes in transit, where ${options.logBytesMax} are allowed`)
  }
}

function bytesInTransit({ state: { options, process } }: ApplicationHost): number {
  let bytes = 0
  for (const [to, entries] of process.log.sent) {
    if (to === options.rank) continue
    for (const { consumedIn, payload } of entries) {
      if (consumedIn === null) bytes += payload.byteLength + options.rowBytes
    }
  }
  return bytes
}
