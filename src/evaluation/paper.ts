import { optimalIntervalSeconds, optimalOverheadRatio } from '../metrics/index.ts'
import type { ApplicationName } from './setting.ts'

/** lambda of the paper's evaluation, failures in a second. */
export const paperFailuresPerSecond = 6.301e-6

/** A row of Tables 10 to 12 of Subba Rao and Naidu, as printed; seconds. */
interface PrintedRow {
  readonly application: ApplicationName
  readonly table: number
  readonly scheme: 'n+1-parity' | 'enhanced'
  readonly overhead: number
  readonly latency: number
  readonly recovery: number
  readonly ratio: string
}

const printed: readonly PrintedRow[] = [
  row('merge-sort', 10, 'n+1-parity', 420, 43.34, 140.2, '0.07482'),
  row('merge-sort', 10, 'enhanced', 209, 32.15, 142.5, '0.05277'),
  row('matrix-multiplication', 11, 'n+1-parity', 391, 90, 190.2, '0.07286'),
  row('matrix-multiplication', 11, 'enhanced', 183, 52, 190.2, '0.049993'),
  row('shortest-paths', 12, 'n+1-parity', 391, 90, 190.2, '0.07286'),
  row('shortest-paths', 12, 'enhanced', 183, 52, 190.2, '0.049993'),
]

function row(
  ...[application, table, scheme, overhead, latency, recovery, ratio]: [
    PrintedRow['application'],
    number,
    PrintedRow['scheme'],
    number,
    number,
    number,
    string,
  ]
): PrintedRow {
  return { application, table, scheme, overhead, latency, recovery, ratio }
}

export interface PaperRow extends PrintedRow {
  /** T_opt and r that the equations give for the row's O, L and R. */
  readonly intervalSeconds: number
  readonly derivedRatio: number
  /** The printed r is the derived one, to every digit that is printed. */
  readonly agrees: boolean
  /** The table that prints the same four figures for another application; null if none does. */
  readonly sameAsTable: number | null
}

/** The paper's tables, with its own figures derived again from its equations. */
export function paperRows(): PaperRow[] {
  return printed.map((one) => {
    const costs = {
      failuresPerSecond: paperFailuresPerSecond,
      overheadSeconds: one.overhead,
      latencySeconds: one.latency,
      recoverySeconds: one.recovery,
    }
    const derivedRatio = optimalOverheadRatio(costs)
    const decimals = one.ratio.split('.')[1]!.length
    return {
      ...one,
      intervalSeconds: optimalIntervalSeconds(costs),
      derivedRatio,
      agrees: derivedRatio.toFixed(decimals) === one.ratio,
      sameAsTable: twinOf(one)?.table ?? null,
    }
  })
}

function twinOf(one: PrintedRow): PrintedRow | undefined {
  return printed.find(
    (other) =>
      other.table !== one.table &&
      other.scheme === one.scheme &&
      [other.overhead, other.latency, other.recovery].join() === [one.overhead, one.latency, one.recovery].join(),
  )
}

/** The paper's ratios of the enhanced scheme to N+1 parity; of r as printed. */
export interface PaperRatios {
  readonly overhead: number
  readonly ratio: number
}

export function paperRatios(application: string): PaperRatios | null {
  const find = (scheme: string) => printed.find((one) => one.application === application && one.scheme === scheme)
  const [above, below] = [find('enhanced'), find('n+1-parity')]
  if (!above || !below) return null
  return { overhead: above.overhead / below.overhead, ratio: Number(above.ratio) / Number(below.ratio) }
}
