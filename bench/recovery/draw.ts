import { availableParallelism, cpus } from 'node:os'
import type { Part, RecoveryParts } from './parts.ts'

const [left, right, top, rowPx, barPx] = [170, 940, 74, 34, 14]

const colours: Readonly<Record<Part['what'], string>> = {
  detects: '#c9a227',
  reports: '#b58bc9',
  'goes back': '#7a8894',
  'passes on': '#2f7fb8',
  'is rebuilt': '#1d5f94',
  compares: '#3d9a86',
  resumes: '#7fb7a4',
}

const names = (place: string, target: string): string => {
  if (place === target) return `spare, becomes process ${place.slice(1)}`
  if (place.startsWith('a')) return `process ${place.slice(1)}`
  return place === 'conductor' ? 'launcher' : `checkpoint processor ${place.slice(1)}`
}

/** The parts of a recovery by who did them, as an SVG; those that were waited for have a line below. `all`: in order. */
export function drawRecovery({ places, parts, path, totalMs }: RecoveryParts, all: readonly RecoveryParts[]): string {
  const target = places.at(-1)!
  const x = (ms: number): number => left + (ms / totalMs) * (right - left)
  const y = (place: string): number => top + rowPx * places.indexOf(place)
  const height = top + rowPx * places.length + 58
  const text = (at: number, line: number, words: string, more = ''): string =>
    `<text x="${round(at)}" y="${round(line)}" ${more}>${words}</text>`
  const lanes = places.map((place) => text(left - 12, y(place) + barPx - 2, names(place, target), 'text-anchor="end"'))
  const bars = parts.map(({ place, what, fromMs, toMs }) => {
    const width = Math.max(1, x(toMs) - x(fromMs))
    const title = `<title>${names(place, target)} ${what}: ${fromMs.toFixed(1)} to ${toMs.toFixed(1)} ms</title>`
    return `<rect x="${round(x(fromMs))}" y="${y(place)}" width="${round(width)}" height="${barPx}" rx="2" fill="${colours[what]}">${title}</rect>`
  })
  const critical = path.map(({ place, fromMs, toMs }, index) => {
    const next = path[index + 1]
    const at = y(place) + barPx + 5
    const on = next ? `V${y(next.place) + barPx + 5}` : ''
    return `<path d="M${round(x(fromMs))} ${at}H${round(x(toMs))}${on}" fill="none" stroke="#c0392b" stroke-width="2.5"/>`
  })
  const stepMs = [5, 10, 20, 50, 100, 200].find((step) => totalMs / step <= 10) ?? 500
  const ticks = Array.from({ length: Math.floor(totalMs / stepMs) + 1 }, (_, i) => {
    const at = round(x(i * stepMs))
    const rule = `<path d="M${at} ${top - 8}V${height - 48}" stroke="#8895a0" stroke-opacity=".3"/>`
    return rule + text(at, top - 14, `${i * stepMs} ms`, 'text-anchor="middle" class="soft"')
  })
  const kinds = Object.entries(colours).map(([what, fill], index) => {
    const at = 16 + 118 * index
    return `<rect x="${at}" y="${height - 26}" width="12" height="12" rx="2" fill="${fill}"/>${text(at + 18, height - 16, what)}`
  })
  const waited = 16 + 118 * kinds.length
  const [least, most] = [all[0]!.totalMs, all.at(-1)!.totalMs]
  const [model, cores] = [cpus()[0]?.model ?? 'a machine', availableParallelism()]
  const headline = `From SIGKILL to computing again: ${totalMs.toFixed(0)} ms, the median of ${all.length} traced recoveries (${least.toFixed(0)} to ${most.toFixed(0)})`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${right + 30} ${height}" font-family="ui-sans-serif,system-ui,sans-serif" font-size="12">
<title>${headline}</title>
<style>svg{color-scheme:light dark}text{fill:#24303a}.soft{fill:#5b6772}@media(prefers-color-scheme:dark){text{fill:#e4e8ec}.soft{fill:#98a5b1}}</style>
${text(16, 22, headline, 'font-size="15" font-weight="600"')}
${text(16, 40, `4 processes of 64 MiB, 10 % changed, ${cores} cores of ${model}; the red line is what was waited for`, 'class="soft"')}
${[...ticks, ...lanes, ...bars, ...critical, ...kinds].join('\n')}
<path d="M${waited} ${height - 20}h24" stroke="#c0392b" stroke-width="2.5"/>${text(waited + 30, height - 16, 'critical path')}
</svg>
`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
