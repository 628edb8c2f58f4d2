import { signalNames } from '../interruption.ts'
import type { Surroundings } from '../surroundings.ts'

export type EndingSignal = (typeof signalNames)[number]

/** Until what it returns is called, signals do not end this process: `take` is told of them. */
export function onSignals(signals: Surroundings['signals'], take: (name: EndingSignal) => void): () => void {
  const listeners = signalNames.map((name) => [name, () => take(name)] as const)
  for (const [name, listener] of listeners) signals.on(name, listener)
  return () => {
    for (const [name, listener] of listeners) signals.off(name, listener)
  }
}

/** A terminal's Ctrl-C reaches a command as well, which is in the same group of processes: it must not get it twice. */
export function hasReachedAll(name: EndingSignal): boolean {
  return name === 'SIGINT' && process.stdin.isTTY
}
