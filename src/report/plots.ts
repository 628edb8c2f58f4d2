/**
 * The plots of a report, as SVG text. Their colours are variables of the page, so they follow light and dark; schemes
 * differ in their symbols too, so that nothing is told by colour alone.
 */
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { isAboveZero, type ReportData, ratioAt, type SchemeFigures } from '../evaluation/index.ts'
import { applicationTitle, schemeTitle } from './table.ts'

export type PlotName = 'overhead' | 'failureRate' | 'changed' | 'recovery'

const size = { width: 1032, marginLeft: 58, marginRight: 16 }

/** All of them; null where nothing of it was measured. */
export function plotsOf(data: ReportData): Readonly<Record<PlotName, string | null>> {
  return {
    overhead: overheadPlot(data),
    failureRate: failureRatePlot(data),
    changed: changedPlot(data),
    recovery: recoveryPlot(data),
  }
}

/** Applications, in the order of the setting. */
const domainOf = ({ setting }: ReportData): string[] => setting.applications.map(applicationTitle)

const colourOf = (scheme: string): string => `var(--scheme-${scheme.replace(/\W/g, '-')})`

const symbols: Readonly<Record<string, string>> = {
  ...{ disk: 'square', 'n+1-parity': 'triangle', enhanced: 'circle', mirror: 'diamond' },
}
const symbolOf = (scheme: string): string => symbols[scheme] ?? 'circle'

function draw(label: string, options: Plot.PlotOptions): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const drawn = Plot.plot({ ...size, ...options, document, className: 'plot', style: { background: 'none' } })
  drawn.setAttribute('role', 'img')
  drawn.setAttribute('aria-label', label)
  drawn.removeAttribute('width')
  drawn.removeAttribute('height')
  return drawn.outerHTML
}

interface Point {
  readonly application: string
  readonly scheme: string
  readonly measure: string
  readonly value: number
  readonly low: number
  readonly high: number
}

function overheadPlot(data: ReportData): string | null {
  const { results } = data
  const points = results.schemes.flatMap(({ application, scheme, overheadMs, heldUpMs }): Point[] =>
    [
      { measure: 'O', figure: overheadMs },
      { measure: 'held up', figure: heldUpMs },
    ].flatMap(({ measure, figure }) =>
      figure && scheme !== 'none'
        ? [{ application, scheme, measure, value: figure.median, low: figure.low, high: figure.high }]
        : [],
    ),
  )
  if (points.length === 0) return null
  const of = (measure: string): Point[] => points.filter((one) => one.measure === measure)
  const place = { fx: (one: Point) => applicationTitle(one.application), x: (one: Point) => schemeTitle(one.scheme) }
  const colour = (one: Point): string => colourOf(one.scheme)
  return draw('O and the time held up, by application and scheme', {
    ...{ height: 350, marginBottom: 40, marginTop: 44 },
    x: { label: null, padding: 0.6 },
    fx: { label: null, padding: 0.06, domain: domainOf(data) },
    y: { label: 'milliseconds a checkpoint', grid: true, nice: true },
    color: { type: 'identity' },
    marks: [
      Plot.ruleY([0], { stroke: 'var(--soft)' }),
      Plot.ruleX(of('O'), { ...place, y1: 'low', y2: 'high', stroke: colour, strokeWidth: 2, dx: -5 }),
      Plot.dot(of('O'), { ...place, y: 'value', fill: colour, r: 5, dx: -5, symbol: symbolChannel, title: pointTitle }),
      Plot.ruleX(of('held up'), { ...place, y1: 'low', y2: 'high', stroke: colour, strokeWidth: 1.2, dx: 7 }),
      Plot.dot(of('held up'), {
        ...{ ...place, y: 'value', stroke: colour, strokeWidth: 1.6, fill: 'var(--paper)', r: 4, dx: 7 },
        ...{ symbol: symbolChannel, title: pointTitle },
      }),
    ],
    symbol: { type: 'identity' },
  } as Plot.PlotOptions)
}

const symbolChannel = ({ scheme }: { readonly scheme: string }): string => symbolOf(scheme)

const pointTitle = ({ application, scheme, measure, value, low, high }: Point): string =>
  `${applicationTitle(application)}, ${schemeTitle(scheme)}, ${measure}: ${value.toFixed(2)} ms (${low.toFixed(2)} to ${high.toFixed(2)})`

/** One failure a year to one a minute. */
const rateNames = new Map([
  [1 / (365.25 * 86_400), 'year'],
  [1 / (30.44 * 86_400), 'month'],
  [1 / 86_400, 'day'],
  [1 / 3600, 'hour'],
  [1 / 60, 'minute'],
])
const rateTicks = [...rateNames].map(([rate, name]) => ({ at: Math.log10(rate), name }))
const curvePoints = 24

/** Both axes show logarithms, and their ticks stand where people expect them. */
function failureRatePlot(data: ReportData): string | null {
  const [least, most] = [rateTicks[0]!.at, rateTicks.at(-1)!.at]
  const places = Array.from({ length: curvePoints }, (_, i) => least + ((most - least) * i) / (curvePoints - 1))
  const points = data.results.schemes.flatMap((figures) => curveOf(figures, places))
  if (points.length === 0) return null
  const ends = points.filter(({ at }) => at === places.at(-1))
  const low = Math.floor(Math.min(...points.map((one) => one.low)))
  const high = Math.ceil(Math.max(...points.map((one) => one.high)))
  const common = { fx: (one: CurvePoint) => applicationTitle(one.application), x: 'at', z: 'scheme' }
  const colour = (one: CurvePoint): string => colourOf(one.scheme)
  return draw('The overhead ratio against the rate of failures, by application and scheme', {
    ...{ height: 340, marginTop: 44, marginBottom: 44, insetLeft: 18, insetRight: 24 },
    fx: { label: null, padding: 0.08, domain: domainOf(data) },
    x: {
      ...{ domain: [least, most], label: 'a failure every', labelArrow: false },
      ...{ ticks: rateTicks.map(({ at }) => at), tickFormat: (_: number, index: number) => rateTicks[index]!.name },
    },
    y: {
      ...{ domain: [low, high], label: 'overhead ratio r', grid: true },
      ...{ ticks: Array.from({ length: high - low + 1 }, (_, i) => low + i), tickFormat: percentOfPower },
    },
    color: { type: 'identity' },
    symbol: { type: 'identity' },
    marks: [
      Plot.areaY(points, { ...common, y1: 'low', y2: 'high', fill: colour, fillOpacity: 0.13 }),
      Plot.line(points, { ...common, y: 'logRatio', stroke: colour, strokeWidth: 1.8 }),
      Plot.dot(ends, { ...common, y: 'logRatio', fill: colour, symbol: symbolChannel, r: 4 }),
    ],
  } as Plot.PlotOptions)
}

interface CurvePoint {
  readonly application: string
  readonly scheme: string
  /** Logarithm of the rate. */
  readonly at: number
  /** Logarithms of the overhead ratio, and of the ends of its interval. */
  readonly logRatio: number
  readonly low: number
  readonly high: number
}

/** With O of paired runs where it is known, else with the time held up, which is the least that it can be. */
function curveOf(figures: SchemeFigures, places: readonly number[]): CurvePoint[] {
  const { application, scheme, overheadMs } = figures
  const measure = overheadMs !== null && isAboveZero(overheadMs) ? 'paired' : 'held-up'
  return places.flatMap((at) => {
    const ratio = ratioAt(figures, 10 ** at, measure)
    if (ratio === null) return []
    const [logRatio, low, high] = [ratio.value, ratio.low, ratio.high].map(Math.log10)
    return [{ application, scheme, at, logRatio: logRatio!, low: low!, high: high! }]
  })
}

const percentOfPower = (power: number): string => `${Number((100 * 10 ** power).toPrecision(1))} %`

function changedPlot({ results }: ReportData): string | null {
  const points = results.changed.flatMap(({ scheme, changedPercent, heldUpMs }) =>
    heldUpMs ? [{ scheme, changedPercent, at: Math.log10(changedPercent), ...heldUpMs }] : [],
  )
  if (points.length === 0) return null
  const colour = (one: { readonly scheme: string }): string => colourOf(one.scheme)
  const percents = [...new Set(points.map(({ changedPercent }) => changedPercent))]
  return draw('How long a capture holds a process up, by the share of its pages that has changed', {
    ...{ height: 310, marginTop: 34, marginBottom: 44, insetLeft: 24, insetRight: 24 },
    x: {
      ...{ label: 'pages changed since the last checkpoint', labelArrow: false },
      ...{ ticks: percents.map(Math.log10), tickFormat: (_: number, index: number) => `${percents[index]} %` },
    },
    y: { label: 'milliseconds held up', grid: true, zero: true, nice: true },
    color: { type: 'identity' },
    symbol: { type: 'identity' },
    marks: [
      Plot.line(points, { x: 'at', y: 'median', z: 'scheme', stroke: colour, strokeWidth: 1.6 }),
      Plot.ruleX(points, { x: 'at', y1: 'low', y2: 'high', stroke: colour, strokeWidth: 2 }),
      Plot.dot(points, { x: 'at', y: 'median', fill: colour, symbol: symbolChannel, r: 4.5 }),
    ],
  } as Plot.PlotOptions)
}

const recoveryParts = ['detect', 'rebuild', 'resume'] as const

function recoveryPlot(data: ReportData): string | null {
  const { results } = data
  const bars = results.schemes.flatMap(({ application, scheme, recovery }) =>
    recovery ? recoveryParts.map((part) => ({ application, scheme, part, ms: recovery[`${part}Ms`].median })) : [],
  )
  if (bars.length === 0) return null
  const schemes = new Set(bars.map(({ scheme }) => scheme)).size
  const applications = new Set(bars.map(({ application }) => application)).size
  return draw("Where a recovery's time goes, by application and scheme", {
    height: 56 + applications * (schemes * 24 + 18),
    marginLeft: 84,
    marginRight: 150,
    marginBottom: 40,
    x: { label: 'milliseconds from the kill', grid: true },
    y: { label: null, padding: 0.3 },
    fy: { label: null, padding: 0.18, domain: domainOf(data) },
    color: { type: 'identity' },
    marks: [
      Plot.barX(bars, {
        ...{ y: (one) => schemeTitle(one.scheme), fy: (one) => applicationTitle(one.application), x: 'ms' },
        ...{
          fill: (one) => `var(--part-${one.part})`,
          title: (one) => `${one.part}: ${one.ms.toFixed(1)} ms`,
          inset: 0.5,
        },
      }),
      Plot.ruleX([0], { stroke: 'var(--soft)' }),
    ],
  } as Plot.PlotOptions)
}
