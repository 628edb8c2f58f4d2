/** A host that takes processors, and how many it has. */
export interface StartingHost {
  /** The most that it takes; null: any number. */
  readonly processorsMax: number | null
  readonly processors: number
}

/**
 * Which of the hosts the next processor is started on: the one with fewest, of those that have room; of those that are alike
 * the first. Null where none has.
 */
export function whereToStart<Host extends StartingHost>(hosts: readonly Host[]): Host | null {
  let best: Host | null = null
  for (const host of hosts) {
    const hasRoom = host.processorsMax === null || host.processors < host.processorsMax
    if (hasRoom && (best === null || host.processors < best.processors)) best = host
  }
  return best
}
