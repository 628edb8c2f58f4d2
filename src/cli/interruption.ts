import { InterruptedError } from '../machine/index.ts'
import type { Surroundings } from './surroundings.ts'

/** What ends a command from outside. */
export const signalNames = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs `action` so that Ctrl-C and the like abort it, with an `InterruptedError`, instead of ending this process on the
 * spot: `action` cleans up behind itself. `onInterrupt` is told the first time; further signals change nothing.
 */
export async function interruptible<Value>(
  signals: Surroundings['signals'],
  onInterrupt: () => void,
  action: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const controller = new AbortController()
  const { signal } = controller
  const interrupt = (): void => {
    if (signal.aborted) return
    onInterrupt()
    controller.abort(new InterruptedError('interrupted'))
  }
  for (const name of signalNames) signals.on(name, interrupt)
  try {
    const value = await action(signal)
    signal.throwIfAborted()
    return value
  } finally {
    for (const name of signalNames) signals.off(name, interrupt)
  }
}
