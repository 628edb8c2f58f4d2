import {
  fewestRounds,
  type PaperRow,
  paperFailuresPerSecond,
  type ReportData,
  type SchemeFigures,
} from '../evaluation/index.ts'
import {
  bytesOf,
  digits,
  inPercent,
  inTime,
  isClear,
  missing,
  numberOf,
  ratioText,
  timeOf,
  unclear,
  unknown,
} from './format.ts'
import { applicationTitle, schemeTitle, type TextTable, variantTitle } from './table.ts'

/** Everything that a report says in tables, in its order; those without rows are left out. */
export function tablesOf(data: ReportData): Readonly<Record<TableName, TextTable | null>> {
  const made = {
    headline: headlineTable(data),
    costs: costsTable(data),
    parts: partsTable(data),
    processor: processorTable(data),
    freeze: freezeTable(data),
    longRun: longRunTable(data),
    recovery: recoveryTable(data),
    space: spaceTable(data),
    timeout: timeoutTable(data),
    paper: paperTable(data),
  }
  const entries = Object.entries(made).map(([name, table]) => [name, table.rows.length > 0 ? table : null])
  return Object.fromEntries(entries) as Record<TableName, TextTable | null>
}

export type TableName =
  | 'headline'
  | 'costs'
  | 'parts'
  | 'processor'
  | 'freeze'
  | 'longRun'
  | 'recovery'
  | 'space'
  | 'timeout'
  | 'paper'

function headlineTable({ results, setting }: ReportData): TextTable {
  const rows = results.headlines.filter(({ heldUp }) => heldUp !== null)
  const isUnclear = ({ overhead, ratio, heldUp, heldUpRatio }: (typeof rows)[number]): boolean =>
    [overhead, ratio, heldUp, heldUpRatio].some((one) => one?.isKnown && !isClear(one))
  const ratios = rows.flatMap(({ overhead, ratio, heldUp, heldUpRatio }) => [overhead, ratio, heldUp, heldUpRatio])
  const isUnknown = ratios.some((one) => one !== null && !one.isKnown)
  return {
    title: `Enhanced by ${variantTitle('n+1-parity', setting)}`,
    columns: ['', 'O', 'O in paper', 'r', 'r in paper', 'held up', 'r, held up as O'],
    rows: rows.map(({ application, overhead, ratio, heldUp, heldUpRatio, paper }) => [
      applicationTitle(application),
      ratioText(overhead),
      paper ? digits(paper.overhead) : missing,
      ratioText(ratio),
      paper ? paper.ratio.toFixed(3) : missing,
      ratioText(heldUp),
      ratioText(heldUpRatio),
    ]),
    notes: [
      `Below 1 the enhanced scheme is better. r is at the paper's rate of failures, ${paperFailuresPerSecond} a second.`,
      ...(rows.some(isUnclear)
        ? [`'${unclear}': the interval holds 1, so it is not known which of the two costs less.`]
        : []),
      ...(isUnknown
        ? [
            `'${unknown}': one of the two cannot be told from 0, or there are fewer than ${fewestRounds} rounds, so their ratio would say nothing.`,
          ]
        : []),
      ...(ratios.includes(null)
        ? [`'${missing}': not measured; O needs runs under none in the same rounds, and r needs O, L and R.`]
        : []),
    ],
  }
}

/** One row for each application and scheme that keeps checkpoints. */
function protectedOnes({ results }: ReportData): SchemeFigures[] {
  return results.schemes.filter(({ scheme, checkpoints }) => scheme !== 'none' && checkpoints !== null)
}

const rowName = (
  { application, scheme }: Pick<SchemeFigures, 'application' | 'scheme'>,
  { setting }: Pick<ReportData, 'setting'>,
): string => `${applicationTitle(application)}, ${variantTitle(scheme, setting)}`

function costsTable(data: ReportData): TextTable {
  const isNoise = (figures: SchemeFigures): boolean => figures.overheadMs !== null && figures.overheadMs.low <= 0
  const rows = protectedOnes(data)
  return {
    title: 'What a checkpoint costs',
    columns: ['', 'O, paired runs', 'held up', 'L', 'R', 'checkpoints'],
    rows: rows.map((one) => [
      rowName(one, data),
      `${timeOf(one.overheadMs)}${isNoise(one) ? ' *' : ''}`,
      timeOf(one.heldUpMs),
      timeOf(one.latencyMs),
      timeOf(one.recovery?.totalMs ?? null),
      numberOf(one.checkpoints),
    ]),
    notes: [
      'Medians with 95 % intervals. O: what one checkpoint adds to the running time; held up: what of it the program stands still.',
      ...(rows.some(isNoise) ? ['* The interval reaches 0: the noise is larger than the effect.'] : []),
    ],
  }
}

function partsTable(data: ReportData): TextTable {
  const parts = protectedOnes(data).flatMap((one) => (one.overheadParts ? [[one, one.overheadParts] as const] : []))
  return {
    title: 'What O is made of',
    columns: ['', 'O', 'start: held', 'start: busy', 'each: held', 'each: busy', 'rest'],
    rows: parts.map(([one, { start, each, restMs }]) => [
      rowName(one, data),
      timeOf(one.overheadMs),
      timeOf(start.heldUpMs),
      timeOf(start.processorMs),
      timeOf(each?.heldUpMs ?? null),
      timeOf(each?.processorMs ?? null),
      timeOf(restMs),
    ]),
    notes: [
      `Of an application processor, as it passes; each processor has ${data.setting.coresEach} of a core. Start: once in a run, until the first checkpoint is committed, which holds everything. Each: for each later one. Held: how long it is held up.`,
      "Busy: how long the processor time of all threads but the program's takes at that share, while it is not held up, less that of the run without protection. Rest: what O has beside these for each checkpoint, as waiting for others that are held up.",
    ],
  }
}

function processorTable(data: ReportData): TextTable {
  const rows = data.results.schemes.flatMap((one) => (one.processorMs ? [[one, one.processorMs] as const] : []))
  return {
    title: 'Processor time of a run, by role',
    columns: ['', 'programs', 'application', 'checkpoint', 'backup'],
    rows: rows.map(([one, { program, application, checkpoint, backup }]) => [
      rowName(one, data),
      ...[program, application, checkpoint, backup].map(timeOf),
    ]),
    notes: ["All processors of a role together. Application: the threads of application processors but the programs'."],
  }
}

/** Which of the two variants of synchronous schemes was measured. */
export function frozenUntil({ resume }: Pick<ReportData['setting'], 'resume'>): string {
  return resume === 'after-capture' ? 'all have captured (--resume after-capture)' : 'the checkpoint is committed'
}

function freezeTable(data: ReportData): TextTable {
  return {
    title: 'Frozen, and draining',
    columns: ['', 'frozen', 'of it draining'],
    rows: protectedOnes(data).flatMap((one) =>
      one.drainMs ? [[rowName(one, data), timeOf(one.heldUpMs), timeOf(one.drainMs)]] : [],
    ),
    notes: [
      `Synchronous schemes freeze every program until ${frozenUntil(data.setting)}. Draining: until nothing is in transit.`,
    ],
  }
}

/** The interval says nothing. */
const isFew = ({ rounds }: { readonly rounds: number }): boolean => rounds < fewestRounds

function longRunTable(data: ReportData): TextTable {
  const { results, mtbfSeconds } = data
  const rate = (perSecond: number): string => {
    const every = inTime(1000 / perSecond)
    return perSecond === paperFailuresPerSecond ? `${every} (the paper)` : every
  }
  const seconds = (value: number | null): string => (value === null ? missing : inTime(value * 1000))
  const rows = results.longRuns.filter(({ measure }) => measure === 'paired')
  return {
    title: 'In the long run',
    columns: ['', 'a failure every', 'best interval', 'Young', 'Daly', 'Gamma', 'r'],
    rows: rows.map((one) => {
      const { value, low, high } = one.overheadRatio
      const range = `${inPercent(low)} to ${inPercent(high)}`
      return [
        rowName(one, data),
        rate(one.failuresPerSecond),
        seconds(one.intervalSeconds),
        seconds(one.youngSeconds),
        seconds(one.dalySeconds),
        seconds(one.expectedSeconds),
        one.isKnown ? `${inPercent(value)} (${range})` : isFew(one) ? unknown : `at most ${inPercent(high)}`,
      ]
    }),
    notes: [
      `From O of paired runs, L and R, by Vaidya's equations; at the paper's rate and at one failure every ${inTime(mtbfSeconds * 1000)}.`,
      ...(rows.some((one) => !one.isKnown && !isFew(one)) ? ["'at most': O cannot be told from 0."] : []),
      ...(rows.some(isFew)
        ? [`'${unknown}': O is of fewer than ${fewestRounds} rounds, whose interval says nothing.`]
        : []),
    ],
  }
}

function recoveryTable(data: ReportData): TextTable {
  return {
    title: 'From a kill to computing again',
    columns: ['', 'R', 'detect', 'rebuild', 'resume', 'work lost'],
    rows: protectedOnes(data).flatMap((one) =>
      one.recovery
        ? [
            [
              rowName(one, data),
              timeOf(one.recovery.totalMs),
              inTime(one.recovery.detectMs.median),
              inTime(one.recovery.rebuildMs.median),
              inTime(one.recovery.resumeMs.median),
              timeOf(one.recovery.lostWorkMs),
            ],
          ]
        : [],
    ),
    notes: [
      'Detect: until the launcher knows. Rebuild: until the memory is back. Resume: until every process computes.',
    ],
  }
}

function spaceTable(data: ReportData): TextTable {
  return {
    title: 'Messages, bytes, memory',
    columns: ['', 'messages', 'log', 'delta', 'memory', 'application', 'checkpoint', 'backup'],
    rows: protectedOnes(data).map((one) => {
      const share = (role: 'total' | 'application' | 'checkpoint' | 'backup'): string =>
        one.memoryShare ? inPercent(one.memoryShare[role]) : missing
      return [
        rowName(one, data),
        one.loggedMessages ? digits(one.loggedMessages.median) : missing,
        bytesOf(one.loggedBytes),
        bytesOf(one.deltaBytes),
        ...[share('total'), share('application'), share('checkpoint'), share('backup')],
      ]
    }),
    notes: [
      'Messages, log: what the log holds in a checkpoint of one process, the mean of a run. Delta: sent by all processes for one checkpoint, or under disk written.',
      "Memory: held for protection, by role, as a share of the program's own.",
    ],
  }
}

function timeoutTable({ results }: ReportData): TextTable {
  return {
    title: 'The timeout matters: key-value',
    columns: ['', 'checkpoints', 'work lost at the kill', 'running time'],
    rows: results.timeout.map(({ timeoutMs, checkpoints, lostWorkMs, elapsedMs }) => [
      timeoutMs === null ? 'no timeout' : `timeout ${inTime(timeoutMs)}`,
      numberOf(checkpoints),
      timeOf(lostWorkMs),
      timeOf(elapsedMs),
    ]),
    notes: ['Few pages change, so no buffer gets full. The same process is killed at the same point of its work.'],
  }
}

function paperTable({ paper }: ReportData): TextTable {
  const wrong = paper.filter(({ agrees }) => !agrees)
  const twins = [
    ...new Set(paper.flatMap(({ table, sameAsTable }) => (sameAsTable ? [Math.max(table, sameAsTable)] : []))),
  ]
  const name = ({ application, scheme }: PaperRow): string => `${applicationTitle(application)}, ${schemeTitle(scheme)}`
  return {
    title: "The paper's tables, derived again",
    columns: ['', 'table', 'O', 'L', 'R', 'r printed', 'r derived', 'best interval'],
    rows: paper.map((one) => [
      `${name(one)}${one.agrees ? '' : ' *'}`,
      String(one.table),
      ...[one.overhead, one.latency, one.recovery].map((value) => `${value} s`),
      one.ratio,
      one.derivedRatio.toFixed(6),
      inTime(one.intervalSeconds * 1000),
    ]),
    notes: [
      ...wrong.map(
        (one) =>
          `* ${name(one)}: the printed r does not follow from the printed O, L and R, which give ${one.derivedRatio.toFixed(6)}.`,
      ),
      ...twins.map((table) => {
        const other = paper.find((one) => one.table === table)!.sameAsTable!
        return `Table ${table} prints the figures of Table ${other} once more, for another application.`
      }),
    ],
  }
}
