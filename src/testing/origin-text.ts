import { quoted, unreachable } from '../base/index.ts'
import { placeText } from './agreement.ts'
import type { GivenMessage } from './observe.ts'
import type { Origin } from './origin.ts'

/** Where two runs began to differ, in one line. `when` is when the first of them was, such as `without losses`. */
export function originText(origin: Origin, when: string): string {
  const step = origin.step === 0 ? 'start' : `step ${origin.step}`
  switch (origin.kind) {
    case 'deed':
      return `it began in ${step} of process ${origin.process}, from the same memory and messages: ${placeText(origin, when)}`
    case 'message': {
      const { process, to, message } = origin
      return `it began in process ${process}, which has had the same memory and messages: the message ${quoted(message.tag)} that it sent to process ${to}, which came there in ${step}, is not the same`
    }
    case 'order':
      return `it began in ${step} of process ${origin.process}, by the order of messages: it was given ${givenText(origin.other)}, and ${givenText(origin.first)} ${when}`
    default:
      return unreachable(origin)
  }
}

function givenText(message: GivenMessage | null): string {
  return message === null ? 'nothing' : `${quoted(message.tag)} from process ${message.from}`
}
