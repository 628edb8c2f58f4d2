import type { StoreClock } from '../../store/index.ts'
import { monotonicMs } from '../wire/control.ts'

/** The computer's own. What it is asked to call keeps no process from ending. */
export const systemClock: StoreClock = {
  nowMs: monotonicMs,
  after: (delayMs, then) => {
    const timer = setTimeout(then, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
