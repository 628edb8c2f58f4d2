import { escapeMarkup } from '../drawing/index.ts'
import { fewestRounds, freezes, type Headline, type ReportData } from '../evaluation/index.ts'
import { digits, inBytes, inTime, isClear, rangeText, ratioText, unclear, unknown, unmeasured } from './format.ts'
import { type PlotName, plotsOf } from './plots.ts'
import { pageStyle } from './style.ts'
import { applicationTitle, type TextTable, variantTitle } from './table.ts'
import { frozenUntil, type TableName, tablesOf } from './tables.ts'

/** One real recovery, drawn. */
export interface Diagram {
  /** As `drawPicture` makes it. */
  readonly svg: string
  readonly caption: string
}

/** The whole page: one file that needs nothing else. All of its figures are those of `data`. */
export function reportPage(data: ReportData, diagram: Diagram | null): string {
  const [tables, plots] = [tablesOf(data), plotsOf(data)]
  const parts = sections.map((one) => section(one, data, tables, plots))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Paritas: what checkpoints cost</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
<h1>What checkpoints cost</h1>
<p class="lead">${escapeMarkup(lead(data))}</p>
${cards(data)}
</header>
<main>
${[...parts, diagramSection(diagram), paperSection(tables.paper), methodSection(data)].join('\n')}
</main>
<footer>Made by paritas evaluate, version ${escapeMarkup(data.paritas)}. Every figure is computed from the runs in
report.json, which lies beside this page.</footer>
</body>
</html>
`
}

function lead({ setting, results, machine }: ReportData): string {
  const { applications, schemes, rounds, processes, intervalMs, coresEach } = setting
  const names = list(applications.map(applicationTitle))
  const runs = results.schemes.reduce((sum, one) => sum + one.runs, 0)
  return (
    `${names} on ${processes} processes, under the schemes ${list(schemes.map((scheme) => variantTitle(scheme, setting)))}: ${runs} runs in ${rounds} ` +
    `rounds, a checkpoint every ${inTime(intervalMs)}, on ${machine.cores} cores${coresEach === null ? '' : `, of which each processor has ${coresEach} for itself`}.`
  )
}

const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`

function cards({ results }: ReportData): string {
  const made = results.headlines.flatMap((one) => (one.ratio || one.heldUpRatio ? [card(one)] : []))
  return made.length === 0 ? '' : `<div class="cards">${made.join('')}</div>`
}

/** The ratio of r in large digits only where it is clear; beside it what follows from the time held up. */
function card({ application, ratio, heldUpRatio, paper }: Headline): string {
  const number =
    ratio && isClear(ratio)
      ? `<b>${digits(ratio.value)}</b>`
      : `<b class="words">${ratio === null ? unmeasured : ratio.isKnown ? unclear : unknown}</b>`
  const lines = [
    ratioReason(ratio),
    ...(heldUpRatio ? [`${ratioText(heldUpRatio)}, held up as O`] : []),
    ...(paper ? [`${paper.ratio.toFixed(3)} in the paper`] : []),
  ]
  const told = lines.map((line) => `<span>${escapeMarkup(line)}</span>`).join('')
  const name = `<span class="name">${escapeMarkup(applicationTitle(application))}</span>`
  return `<div class="card">${name}${number}<span>r of enhanced by N+1 parity</span>${told}</div>`
}

function ratioReason(ratio: Headline['ratio']): string {
  if (ratio === null) return 'there are no paired runs to tell O from'
  if (ratio.isKnown) return `${rangeText(ratio)}, from paired runs`
  return ratio.rounds < fewestRounds ? `fewer than ${fewestRounds} rounds` : 'noise is larger than the effect'
}

interface Section {
  readonly title: string
  readonly text: string
  readonly plot: PlotName | null
  readonly legend: 'schemes' | 'overhead' | 'parts' | null
  readonly table: TableName | null
}

const sections: readonly Section[] = [
  {
    title: 'Enhanced by N+1 parity',
    text: "The paper's claim: without freezing everybody, a checkpoint costs less. Both schemes use the same tracker, code and links here, so that only the protocol differs.",
    ...{ plot: null, legend: null, table: 'headline' },
  },
  {
    title: 'What a checkpoint costs',
    text: 'O is what a checkpoint adds to the running time: the difference to the run without protection in the same round, by the number of checkpoints. Check processors share the cores with the program, so O holds their work too, unless each has a share for itself. The time held up is measured where it happens, and is the least that O can be where every processor has a core of its own.',
    ...{ plot: 'overhead', legend: 'overhead', table: 'costs' },
  },
  {
    title: 'What O is made of',
    text: 'With a share of processor time for each processor (--cores-each), check processors take nothing from the programs, and what an application processor does for checkpoints takes as long as its own share makes it.',
    ...{ plot: null, legend: null, table: 'parts' },
  },
  {
    title: 'Processor time, by role',
    text: 'What the threads of all processors had of the cores, from the begin of the program to its end.',
    ...{ plot: null, legend: null, table: 'processor' },
  },
  {
    title: 'Frozen, and draining',
    text: 'N+1 parity stands still for a whole checkpoint: it waits until no message is in transit, captures, and goes on, as the table says, after the commit or as soon as all have captured. The enhanced scheme does none of that, and logs the messages that cross the checkpoint instead.',
    ...{ plot: null, legend: null, table: 'freeze' },
  },
  {
    title: 'In the long run',
    text: 'The overhead ratio r is the share of time that is lost to checkpoints, failures and work done again, when checkpoints come at the best interval. Curves use O of paired runs where it is known, else the time held up.',
    ...{ plot: 'failureRate', legend: 'schemes', table: 'longRun' },
  },
  {
    title: 'Held up, by what has changed',
    text: 'A program that changes a share of its pages, and computes all the time. One sample for each process and checkpoint.',
    ...{ plot: 'changed', legend: 'schemes', table: null },
  },
  {
    title: "Where a recovery's time goes",
    text: 'One process is killed with SIGKILL at a random point of its work, the same for every scheme of a round.',
    ...{ plot: 'recovery', legend: 'parts', table: 'recovery' },
  },
  {
    title: 'Messages, bytes, memory',
    text: 'What the message log in a checkpoint holds: the messages that cross it, and no others. What is sent for a checkpoint, and what is held to go back to it.',
    ...{ plot: null, legend: null, table: 'space' },
  },
  {
    title: 'The timeout matters',
    text: 'A program with high locality of reference never fills its buffer. Only the timeout makes it take checkpoints.',
    ...{ plot: null, legend: null, table: 'timeout' },
  },
]

function section(
  { title, text, plot, legend, table }: Section,
  data: ReportData,
  tables: Readonly<Record<TableName, TextTable | null>>,
  plots: Readonly<Record<PlotName, string | null>>,
): string {
  const svg = plot === null ? null : plots[plot]
  const shown = table === null ? null : tables[table]
  if (svg === null && shown === null) return ''
  const figure = svg === null ? '' : `<figure class="plots">${svg}${legendOf(legend, data)}</figure>`
  return `<section><h2>${escapeMarkup(title)}</h2><p>${escapeMarkup(text)}</p>${figure}${shown ? tableMarkup(shown) : ''}</section>`
}

export function tableMarkup({ columns, rows, notes }: TextTable): string {
  const head = columns.map((one) => `<th scope="col">${escapeMarkup(one)}</th>`).join('')
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${cellMarkup(cell)}</td>`).join('')}</tr>`).join('\n')
  const below = notes.map((one) => `<li>${escapeMarkup(one)}</li>`).join('')
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div><ul class="notes">${below}</ul>`
}

/** The interval behind a figure is set back. */
function cellMarkup(cell: string): string {
  const [, figure, range, rest] = /^(.*?)( \(.* to .*\))(.*)$/.exec(cell) ?? []
  if (figure === undefined) return escapeMarkup(cell)
  return `${escapeMarkup(figure)}<span class="range">${escapeMarkup(range!)}</span>${escapeMarkup(rest!)}`
}

const shapes: Readonly<Record<string, string>> = {
  disk: '<rect x="1.5" y="1.5" width="9" height="9"/>',
  'n+1-parity': '<path d="M6 1L11.3 10.5H.7Z"/>',
  enhanced: '<circle cx="6" cy="6" r="4.8"/>',
  mirror: '<path d="M6 .5L10.5 6L6 11.5L1.5 6Z"/>',
}

function legendOf(kind: Section['legend'], { setting }: ReportData): string {
  if (kind === null) return ''
  const entry = (colour: string, shape: string, text: string): string =>
    `<li><svg viewBox="0 0 12 12" style="fill:var(${colour})" aria-hidden="true">${shape}</svg>${escapeMarkup(text)}</li>`
  if (kind === 'parts') {
    const box = '<rect width="12" height="12" rx="2"/>'
    return `<ul class="legend">${['detect', 'rebuild', 'resume'].map((part) => entry(`--part-${part}`, box, part)).join('')}</ul>`
  }
  const schemes = setting.schemes.filter((scheme) => scheme !== 'none')
  const names = schemes.map((one) =>
    entry(`--scheme-${one.replace(/\W/g, '-')}`, shapes[one] ?? '', variantTitle(one, setting)),
  )
  const hint = kind === 'overhead' ? '<li>filled: O of paired runs; hollow: held up; lines: 95 % intervals</li>' : ''
  return `<ul class="legend">${names.join('')}${hint}</ul>`
}

function diagramSection(diagram: Diagram | null): string {
  if (!diagram) return ''
  return `<section><h2>One recovery</h2><p>${escapeMarkup(diagram.caption)}</p><div class="wide">${diagram.svg}</div></section>`
}

function paperSection(table: TextTable | null): string {
  if (!table) return ''
  return `<section><h2>${escapeMarkup(table.title)}</h2><p>The figures of Subba Rao and Naidu, “Enhanced N+1 Parity Scheme combined with Message Logging”, and what their equations make of them.</p>${tableMarkup(table)}</section>`
}

function methodSection({ setting, machine, runs, load }: ReportData): string {
  const [first, last] = [runs[0]?.beganAt ?? '', runs.at(-1)?.beganAt ?? '']
  const facts: [string, string][] = [
    ['processor', `${machine.processor}, ${machine.cores} cores, ${inBytes(machine.memoryBytes)}`],
    ['system', `${machine.system}, Node ${machine.node}`],
    ['load', `${digits(load.before)} before, ${digits(load.after)} after (one minute's mean)`],
    ['changes found by', machine.tracker],
    ['measured', `${first.slice(0, 16).replace('T', ' ')} to ${last.slice(0, 16).replace('T', ' ')} UTC`],
    [
      'runs',
      `${runs.length}, of which ${setting.rounds} rounds without faults and ${setting.recoveryRounds} with a kill`,
    ],
    ...(setting.coresEach === null
      ? []
      : [
          ['processor time', `${setting.coresEach} of a core for each processor, in periods of 10 ms`] as [
            string,
            string,
          ],
        ]),
    ['pace', `a checkpoint every ${inTime(setting.intervalMs)}, under every scheme`],
    ...(setting.schemes.some(freezes)
      ? [['freeze', `under synchronous schemes until ${frozenUntil(setting)}`] as [string, string]]
      : []),
    ['seed', String(setting.seed)],
  ]
  const rows = facts.map(([name, value]) => `<dt>${escapeMarkup(name)}</dt><dd>${escapeMarkup(value)}</dd>`).join('')
  return `<section><h2>How it was measured</h2>
<p>Every round runs every application once under every scheme, with the same data; odd rounds go forwards, even ones
backwards, so that what changes slowly hits all alike. A run of each application goes before and does not count. Every
run checks its own result. Intervals are of the percentile bootstrap over rounds, 95 %. Where an interval of O reaches
0, no ratio is made of it.</p><dl>${rows}</dl></section>`
}
