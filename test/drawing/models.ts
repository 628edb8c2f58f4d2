import type { Line } from '../trace/lines.ts'
import { at, modelOf, start } from '../trace/lines.ts'

/** Messages around a ring of so many processes, with a checkpoint now and then. */
export function ringTrace(processes: number, messages: number): Line[] {
  const lines: Line[] = []
  const place = (rank: number): string => `a${rank % processes}`
  for (let index = 0; index < messages; index += 1) {
    const frame = `message ${Math.floor(index / processes)} 'm' of interval 0, 8 bytes`
    lines.push(at(place(index), null).effect(index, `-> ${place(index + 1)} ${frame}`))
    lines.push(at(place(index + 1), null).event(index + 0.6, `${place(index)} -> ${frame} (epoch 1)`))
    lines.push(at(place(index + 1), null).effect(index + 0.7, `run step with 0 'm' from ${place(index)}`))
    lines.push(at(place(index + 1), null).event(index + 0.9, 'step ended: 1 sent, 0 output, then continue'))
    if (index % 50 === 0) {
      lines.push(at(place(index), null).effect(index + 0.2, `capture checkpoint ${index / 50 + 1}`))
      lines.push(at('c0', 3).effect(index + 0.3, `apply staged delta, parity is checkpoint ${index / 50 + 1}`))
    }
  }
  return lines
}

const strange = `</script><b>&"'`

/** A loss with all that belongs to it, and a tag that must not become markup. */
export const eventful = modelOf([
  ...start,
  at('a0', 1).effect(1, `-> a1 message 0 '${strange}' of interval 0, 4 bytes`),
  at('a0', 1).effect(1, "-> a1 message 1 'n' of interval 0, 4 bytes"),
  at('a1', 2).event(3, `a0 -> message 0 '${strange}' of interval 0, 4 bytes (epoch 1)`),
  at('a0', 1).effect(4, 'capture checkpoint 1'),
  at('a1', 2).effect(5, 'capture checkpoint 1'),
  at('a0', 1).effect(5, 'ship delta 1 to c0'),
  at('c0', 3).event(8, 'a0 -> deltaEnd 1 after 0 parts (epoch 1)'),
  at('c0', 3).effect(9, 'apply staged delta, parity is checkpoint 1'),
  at('conductor', null).event(12, 'processor 2 lost'),
  at('conductor', null).effect(12, 'recovery begins, epoch 2, lost: a1'),
  at('conductor', null).effect(13, 'recovery line 1'),
  at('a0', 1, 2).effect(14, 'restore checkpoint 1'),
  at('conductor', null).effect(15, 'processor 5 becomes a1 in epoch 2'),
  at('a1', 5, 2).effect(15.5, 'adopt checkpoint 1'),
  at('a0', 1, 2).event(16, 'conductor -> resume (epoch 2)'),
  at('a0', 1, 2).effect(17, "-> a1 message 1 'n' of interval 0, 4 bytes"),
  at('conductor', null).effect(18, 'resumed at checkpoint 1'),
  at('a1', 5, 2).event(19, "a0 -> message 1 'n' of interval 0, 4 bytes (epoch 2)"),
])
