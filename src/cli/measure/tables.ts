import { inBytes } from '../../base/index.ts'
import type {
  CodeSpeed,
  CodeSpeeds,
  Figure,
  FirstWrite,
  LinkSpeed,
  MeasuredCosts,
  MeasuredSetting,
  Slowdown,
} from '../../measure/index.ts'
import { byRole } from '../run/summary.ts'
import { counted } from '../wording.ts'
import { type FigureRow, type FigureTable, shareOfSpeed, timesAsLong } from './table.ts'

/** How long a plain copy takes, in milliseconds, of so many bytes. */
export type CopyMs = (bytes: number) => number

const workNames: Record<CodeSpeed['work'], string> = {
  xor: 'XOR into a row (m = 1)',
  update: 'Reed–Solomon into two rows (m = 2)',
}

export function codesTable({ sourceBytes, copyBytesPerSecond, codes }: CodeSpeeds): FigureTable {
  const speed = (label: string, figure: Figure, toCopy: string): FigureRow => ({
    ...{ label, figure, toCopy },
    ...{ scale: 1e-9, unit: 'GB/s' },
  })
  const rows = Object.entries(workNames).flatMap(([work, name]) => [
    name,
    ...codes
      .filter((one) => one.work === work)
      .map(({ kernels, isUsed, bytesPerSecond, toCopy }) =>
        speed(`  ${kernels}${isUsed ? ', used here' : ''}`, bytesPerSecond, shareOfSpeed(toCopy.median)),
      ),
  ])
  return {
    title: `Copies and codes, ${inBytes(sourceBytes)}`,
    rows: [speed('plain copy (memcpy)', copyBytesPerSecond, '100 %'), ...rows],
    notes: [],
  }
}

export function firstWriteTable({ tracker, pageBytes, pageUs }: FirstWrite, copyMs: CopyMs): FigureTable {
  const toCopy = timesAsLong(pageUs.median / 1000 / copyMs(pageBytes))
  const label = `first write to a page, ${tracker}`
  return { title: 'Page tracking', rows: [{ label, figure: pageUs, scale: 1, unit: 'us', toCopy }], notes: [] }
}

export function linksTable(links: readonly LinkSpeed[], copyMs: CopyMs): FigureTable {
  const rows = links.map(({ kind, messageBytes, messageUs }): FigureRow => {
    const copyUs = copyMs(messageBytes) * 1000
    const size = messageBytes < 1024 ? `${messageBytes} B` : inBytes(messageBytes).replace('.0', '')
    if (kind === 'echo') {
      const isTiny = messageBytes < 4096
      const toCopy = isTiny ? '' : timesAsLong(messageUs.median / copyUs)
      return { label: `round trip, ${size}`, figure: messageUs, scale: 1, unit: 'us', toCopy }
    }
    // Messages a microsecond, or bytes a microsecond.
    const rate = inverse(messageUs, messageBytes < 1024 ? 1 : messageBytes)
    if (messageBytes < 1024) return { label: `messages of ${size}`, figure: rate, scale: 1000, unit: 'k/s', toCopy: '' }
    const toCopy = shareOfSpeed(copyUs / messageUs.median)
    return { label: `messages of ${size}`, figure: rate, scale: 1, unit: 'MB/s', toCopy }
  })
  return { title: 'Links, Unix socket, two processes', rows, notes: [] }
}

function inverse({ median, min, max, samples }: Figure, amount: number): Figure {
  const [least, middle, most] = [max, median, min].map((one) => amount / one)
  return { min: least!, median: middle!, max: most!, samples: samples.map((one) => amount / one) }
}

/** What a time is compared with: bytes that one process has changed, that all have, or the memory of one. */
export interface CopiedBytes {
  readonly changed: number
  readonly all: number
  readonly memory: number
}

export function copiedBytes({ changedBytes }: MeasuredCosts, { processes, memoryBytes }: MeasuredSetting): CopiedBytes {
  return { changed: changedBytes.median, all: changedBytes.median * processes, memory: memoryBytes }
}

export function checkpointsTable(costs: MeasuredCosts, setting: MeasuredSetting, copyMs: CopyMs): FigureTable {
  const { first, recovery } = costs
  const bytes = copiedBytes(costs, setting)
  const time = (label: string, figure: Figure, copied: number): FigureRow => ({
    ...{ label, figure, scale: 1, unit: 'ms' },
    toCopy: timesAsLong(figure.median / copyMs(copied)),
  })
  const { memory } = bytes
  const whom = recovery.lost === 1 ? '' : ` of ${recovery.lost}`
  return {
    title: `Checkpoints, ${costs.changedPercent} % changed`,
    rows: [
      time('held up per checkpoint', costs.heldUpMs, bytes.changed),
      time('latency to commit', costs.latencyMs, bytes.all),
      time('  from the last capture on', costs.commitMs, bytes.all),
      time(`SIGKILL${whom} to computing again`, recovery.totalMs, memory),
      time('  detect', recovery.detectMs, memory),
      time('  rebuild', recovery.rebuildMs, memory),
      time('  resume', recovery.resumeMs, memory),
      time('first checkpoint: held up', first.heldUpMs, memory),
      time('  latency to commit', first.latencyMs, memory * setting.processes),
    ],
    notes: [checkpointsNote(costs, setting)],
  }
}

function checkpointsNote(costs: MeasuredCosts, { processes, memoryBytes }: MeasuredSetting): string {
  const { commitMs, recovery, changedBytes } = costs
  const percent = ((100 * changedBytes.median) / memoryBytes).toFixed(costs.changedPercent < 9.95 ? 1 : 0)
  const checkpoints = `${counted(commitMs.samples.length, 'checkpoint')} of ${counted(processes, 'process')}`
  const recoveries = counted(recovery.totalMs.samples.length, 'recovery').replace('recoverys', 'recoveries')
  return `${checkpoints}, ${recoveries}; changed in fact: ${inBytes(changedBytes.median)}, ${percent} %`
}

export function slowdownTable(slowdown: Slowdown): FigureTable {
  const { share, processorShare, unprotectedMs, protectedMs, changedPercent, intervalMs, checkpoints } = slowdown
  const percent = (label: string, figure: Figure): FigureRow => ({ label, figure, scale: 100, unit: '%', toCopy: '' })
  const seconds = (label: string, figure: Figure): FigureRow => ({ label, figure, scale: 1e-3, unit: 's', toCopy: '' })
  return {
    title: `Slowdown, ${changedPercent} % changed each ${intervalMs === 1000 ? 'second' : `${intervalMs} ms`}`,
    rows: [
      percent('slowdown against --scheme none', share),
      ...(processorShare ? [percent('  by processor time', processorShare)] : []),
      seconds('  the same work, unprotected', unprotectedMs),
      seconds('  protected', protectedMs),
    ],
    notes: [
      `${counted(share.samples.length, 'pair')} of runs, in turns; ${counted(checkpoints.median, 'checkpoint')} in each protected one`,
      `memory for protection: ${byRole(slowdown.memory)}`,
    ],
  }
}
