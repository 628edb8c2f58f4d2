import { gutterPx } from '../drawing/index.ts'
import type { SpaceTime } from '../trace/index.ts'
import type { Window } from './window.ts'

const marginPx = 28
const barPx = 3

/** The whole run as a strip: how much is sent when, recoveries, and the part that is shown. */
export class Overview {
  readonly canvas: HTMLCanvasElement
  readonly #model: SpaceTime
  readonly #shown: Window
  readonly #densities = new Map<number, readonly number[]>()

  constructor(canvas: HTMLCanvasElement, model: SpaceTime, shown: Window) {
    this.canvas = canvas
    this.#model = model
    this.#shown = shown
  }

  draw(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas
    const ratio = devicePixelRatio
    if (this.canvas.width !== Math.round(width * ratio)) this.canvas.width = Math.round(width * ratio)
    this.canvas.height = Math.round(height * ratio)
    const context = this.canvas.getContext('2d')
    if (!context) return
    context.scale(ratio, ratio)
    const plot = Math.max(40, width - gutterPx - marginPx)
    const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name)
    context.fillStyle = colour('--step')
    for (const [index, share] of this.#density(Math.floor(plot / barPx)).entries()) {
      const bar = share * (height - 12)
      context.fillRect(gutterPx + index * barPx, height - 4 - bar, barPx - 0.5, bar)
    }
    this.#drawRecoveries(context, plot, height, colour('--recovery'))
    this.#drawFrame(context, plot, height, colour('--message'))
  }

  /** How many arrows fall on each bar, as a share of the most; by square root, so that little is seen beside much. */
  #density(bars: number): readonly number[] {
    const known = this.#densities.get(bars)
    if (known) return known
    const counts = new Array<number>(Math.max(1, bars)).fill(0)
    for (const { sent, arrived } of this.#model.arrows) {
      const bar = Math.min(counts.length - 1, Math.max(0, Math.floor(this.#shown.shareOf(arrived ?? sent ?? 0) * bars)))
      counts[bar]! += 1
    }
    const most = counts.reduce((max, count) => Math.max(max, count), 1)
    const shares = counts.map((count) => Math.sqrt(count / most))
    this.#densities.clear()
    this.#densities.set(bars, shares)
    return shares
  }

  #drawRecoveries(context: CanvasRenderingContext2D, plot: number, height: number, colour: string): void {
    context.fillStyle = colour
    for (const { from, to } of this.#model.recoveries) {
      const x = this.#shown.shareOf(from) * plot
      const end = this.#shown.shareOf(to ?? this.#model.to) * plot
      context.fillRect(gutterPx + x, height - 3, Math.max(2, end - x), 3)
    }
  }

  #drawFrame(context: CanvasRenderingContext2D, plot: number, height: number, colour: string): void {
    const { from, to } = this.#shown.share
    const [x, width] = [gutterPx + from * plot, Math.max(4, (to - from) * plot)]
    context.fillStyle = colour
    context.globalAlpha = 0.1
    context.fillRect(x, 0, width, height)
    context.globalAlpha = 1
    context.strokeStyle = colour
    context.lineWidth = 1.5
    context.strokeRect(x + 0.75, 0.75, width - 1.5, height - 1.5)
  }
}
