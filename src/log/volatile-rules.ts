/**
 * The tables under a synchronous scheme, whose checkpoints no message crosses: nothing has to be sent again after a
 * rollback, so the sent table is no part of a checkpoint. It only lives from the sending to the acknowledgement, for
 * when a link's other end forgets what was under way: the loss of a check processor raises the epoch, and whoever
 * computes on sends again what the old epoch may have swallowed.
 */
import { defaultLogRules } from './default-rules.ts'
import type { LogRules } from './rules.ts'
import { indexOfSequence } from './tables.ts'

export const volatileLogRules: LogRules = {
  ...defaultLogRules,

  acknowledge(log, { to, sequence }) {
    const entries = log.sent.get(to)
    const index = entries ? indexOfSequence(entries, sequence) : -1
    if (!entries || index < 0) return null
    return entries.splice(index, 1)[0]!
  },

  capture() {},

  rollBack() {},
}
