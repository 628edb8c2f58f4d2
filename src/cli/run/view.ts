import type { RunNews } from '../../machine/index.ts'
import { foldAll } from '../folding.ts'
import { canRewrite, type Paint, paintFor, type Surroundings, type TextStream } from '../surroundings.ts'
import { linesOf, timed } from './news-lines.ts'
import { advance, liveText, longStepsText, noProgress, plainText, startingText } from './progress.ts'

const redrawIntervalMs = 100
/** Without a terminal: a line for each tenth of the work, and one now and then when a tenth takes long. */
const plainShareStep = 0.1
const plainIntervalMs = 60_000
const plainStartingIntervalMs = 10_000

/**
 * What people see of a run while it goes on: what happens, line by line on `report`, and the progress. The progress is
 * one line on stderr that is rewritten in a terminal, and further lines on `report` where there is none.
 */
export class RunView {
  readonly paint: Paint
  readonly #report: TextStream
  readonly #livePaint: Paint
  readonly #live: TextStream | null
  /** Gets warnings. */
  readonly #warnings: TextStream
  readonly #isQuiet: boolean
  readonly #now: () => number
  #progress = noProgress
  #startedAtMs: number | null = null
  #plainShareNext = plainShareStep
  #plainAtMs = 0
  #plainStartingMs = Number.NEGATIVE_INFINITY
  #longStepsAtMs = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | null = null
  #isDrawn = false

  /** If it `isQuiet`, it tells neither what happens nor how far the run is; warnings go to stderr. */
  constructor(report: TextStream, { stderr, env, now }: Pick<Surroundings, 'stderr' | 'env' | 'now'>, isQuiet = false) {
    this.paint = paintFor(report, env)
    this.#report = report
    this.#livePaint = paintFor(stderr, env)
    this.#live = !isQuiet && canRewrite(stderr, env) ? stderr : null
    this.#warnings = isQuiet ? stderr : report
    this.#isQuiet = isQuiet
    this.#now = now
  }

  /**
   * Tells what is being done before or after the computation; the next call, or the start of the program, replaces it.
   */
  activity(text: string): void {
    this.#progress = { ...this.#progress, activity: text }
    this.#draw()
    this.#keepDrawing()
  }

  news(news: RunNews): void {
    this.#progress = advance(this.#progress, news)
    if (news.type === 'started') this.#startedAtMs = this.#now()
    const lines = linesOf(news, this.paint)
    if (news.type === 'warning' || news.type === 'faultMissed') this.warn(...lines)
    else if (lines.length > 0) this.say(...lines)
    if (news.type === 'progress' && this.#live === null) this.#sayProgress()
    if (news.type === 'starting' && this.#live === null) this.#sayStarting(startingText(news))
    if (news.type === 'longSteps' && this.#live === null) this.#sayLongSteps()
    this.#keepDrawing()
  }

  /** Whole lines of the report, above the line that is rewritten; none if it is quiet. */
  say(...lines: readonly string[]): void {
    if (!this.#isQuiet) this.#write(this.#report, lines)
  }

  /** Lines of what came of the run, however quiet it is. */
  tell(...lines: readonly string[]): void {
    this.#write(this.#report, lines)
  }

  warn(...lines: readonly string[]): void {
    this.#write(this.#warnings, lines)
  }

  #write(stream: TextStream, lines: readonly string[]): void {
    this.#erase()
    stream.write(
      foldAll(lines, stream.columns)
        .map((line) => `${line}\n`)
        .join(''),
    )
    if (this.#timer !== null) this.#draw()
  }

  /** Takes the rewritten line away. The view may be used again. */
  settle(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#erase()
  }

  #keepDrawing(): void {
    if (this.#live === null) return
    this.#timer ??= setInterval(() => this.#draw(), redrawIntervalMs)
  }

  #draw(): void {
    if (this.#live === null) return
    const text = liveText(this.#progress, this.#elapsedMs(), this.#live.columns ?? 80, this.#livePaint)
    this.#live.write(`\r\x1b[2K${text}`)
    this.#isDrawn = true
  }

  #erase(): void {
    if (this.#isDrawn) this.#live?.write('\r\x1b[2K')
    this.#isDrawn = false
  }

  #sayProgress(): void {
    const share = this.#progress.share ?? 0
    const elapsedMs = this.#elapsedMs()
    const isTenth = share >= this.#plainShareNext
    if (!isTenth && elapsedMs < this.#plainAtMs + plainIntervalMs) return
    // The work that is done again after a recovery is not told of twice.
    if (isTenth) this.#plainShareNext = (Math.floor(share / plainShareStep + 1e-9) + 1) * plainShareStep
    this.#plainAtMs = elapsedMs
    this.say(timed(elapsedMs, plainText(this.#progress), this.paint))
  }

  #sayStarting(text: string): void {
    if (this.#now() < this.#plainStartingMs + plainStartingIntervalMs) return
    this.#plainStartingMs = this.#now()
    this.say(`  ${text}`)
  }

  #sayLongSteps(): void {
    const elapsedMs = this.#elapsedMs()
    const text = longStepsText(this.#progress, elapsedMs)
    if (text === null || elapsedMs < this.#longStepsAtMs + plainIntervalMs) return
    this.#longStepsAtMs = elapsedMs
    this.say(timed(elapsedMs, text, this.paint))
  }

  #elapsedMs(): number {
    return this.#startedAtMs === null ? 0 : this.#now() - this.#startedAtMs
  }
}
