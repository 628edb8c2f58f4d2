import type { ProcessSight } from '../../local/process-sight.ts'

/** Beating takes next to no processor time: a thread that has used this much without a beat will not beat again. */
const cpuMsMax = 1000

/** Waiting for a device, or for memory that was swapped out, may take long, but not for ever. */
const deviceMsMax = 10_000

export interface Suspicion {
  /** How the thread that beats was when it came under suspicion, and is now; null: nobody knows. */
  readonly first: ProcessSight | null
  readonly now: ProcessSight | null
  /** Since its last beat. */
  readonly silentMs: number
  /** After so long a silence it came under suspicion. */
  readonly limitMs: number
}

/**
 * Whether a processor whose beats are missing is lost, or only slow: a thread that waits for a core had no chance to
 * beat.
 */
export function isLost({ first, now, silentMs, limitMs }: Suspicion): boolean {
  if (first === null || now === null) return true
  switch (now.state) {
    case 'R':
      return now.cpuMs - first.cpuMs >= cpuMsMax
    case 'D':
      return silentMs >= deviceMsMax
    case 'S':
    case 'I':
      // It may have beaten just now, or wait for another thread of its own that waits for a core.
      return silentMs >= 2 * limitMs
    default:
      // Stopped or ended, or a state that is not known here.
      return true
  }
}
