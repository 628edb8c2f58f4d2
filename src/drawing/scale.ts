import type { SpaceTime } from '../trace/index.ts'

/** Which part of a diagram is drawn, and how wide, in pixels. */
export interface DiagramView {
  readonly from: number
  readonly to: number
  readonly width: number
}

/** Times as positions: `x` of a time, and the other way round. */
export interface TimeScale extends DiagramView {
  readonly left: number
  readonly right: number
  readonly unit: SpaceTime['unit']
  x(time: number): number
}

export const gutterPx = 168
const marginPx = 28

export function scaleOf(view: DiagramView, unit: SpaceTime['unit']): TimeScale {
  const left = gutterPx
  const right = Math.max(left + 40, view.width - marginPx)
  const perTime = (right - left) / Math.max(view.to - view.from, 1e-6)
  return { ...view, left, right, unit, x: (time) => left + (time - view.from) * perTime }
}

/** What is drawn further outside of the plot than this is cut off. */
export const overhangPx = 12

/** Of a text in the plot, as a reader's font may have it. */
export const textWidthPx = (text: string): number => text.length * 6.2

/** Where a text begins that should begin at `x`, so that nothing of it is cut off. */
export function startInside({ left, right }: TimeScale, x: number, text: string): number {
  return Math.max(left - overhangPx, Math.min(x, right + overhangPx - textWidthPx(text)))
}

/** The middle of a text that should lie around `x`, so that nothing of it is cut off. */
export function middleInside(scale: TimeScale, x: number, text: string): number {
  const half = textWidthPx(text) / 2
  return startInside(scale, x - half, text) + half
}

export interface Tick {
  readonly at: number
  readonly label: string
}

const tickGapPx = 90

/** Round times for the axis. */
export function ticksOf({ from, to, left, right, unit }: TimeScale): Tick[] {
  const wanted = Math.max(2, Math.floor((right - left) / tickGapPx))
  const step = roundStep((to - from) / wanted, unit)
  const ticks: Tick[] = []
  const first = Math.ceil(from / step - 1e-9)
  const last = Math.floor(to / step + 1e-9)
  for (let index = first; index <= last && ticks.length < 200; index += 1) {
    ticks.push({ at: index * step, label: unit === 'ms' ? timeLabel(index * step, step) : String(index * step) })
  }
  return ticks
}

/** 1, 2 or 5 times a power of ten; whole numbers for events. */
function roundStep(least: number, unit: SpaceTime['unit']): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1e-4)))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= least * 0.999) ?? 10 * power
  return unit === 'events' ? Math.max(1, Math.round(step)) : step
}

/** `250 ms`, `1.5 s` or `2 min 5 s`; all labels of one axis in the same way. */
function timeLabel(ms: number, stepMs: number): string {
  if (stepMs < 500 && Math.abs(ms) < 10_000) return `${decimal(ms, stepMs)} ms`
  const seconds = ms / 1000
  if (Math.abs(seconds) < 120 || stepMs < 1000) return `${decimal(seconds, stepMs / 1000)} s`
  const whole = Math.round(Math.abs(seconds))
  return `${ms < 0 ? '-' : ''}${Math.floor(whole / 60)} min${whole % 60 === 0 ? '' : ` ${whole % 60} s`}`
}

/** As many decimals as tell two steps apart. */
function decimal(value: number, step: number): string {
  const text = value.toFixed(Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)))
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text
}

/** A time or a duration for titles: `12.34 ms`, `1.204 s`; in scenarios `event 12`. */
export function exactTime(time: number, unit: SpaceTime['unit']): string {
  if (unit === 'events') return `event ${time}`
  return Math.abs(time) < 1000 ? `${Number(time.toFixed(3))} ms` : `${Number((time / 1000).toFixed(6))} s`
}

export function exactDuration(duration: number, unit: SpaceTime['unit']): string {
  if (unit === 'events') return `${duration} ${duration === 1 ? 'event' : 'events'}`
  return duration < 1000 ? `${Number(duration.toPrecision(3))} ms` : `${Number((duration / 1000).toPrecision(3))} s`
}
