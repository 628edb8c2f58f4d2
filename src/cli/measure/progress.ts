import { canRewrite, type Paint, paintFor, type Surroundings, type TextStream } from '../surroundings.ts'

const redrawIntervalMs = 200
const barLength = 16

/**
 * How far a measurement is: one line on stderr that is rewritten in a terminal; where there is none, a line on `report`
 * for each part that begins.
 */
export class MeasureProgress {
  readonly #report: TextStream
  readonly #live: TextStream | null
  readonly #paint: Paint
  readonly #livePaint: Paint
  readonly #now: () => number
  readonly #expectedSeconds: readonly number[]
  #part = -1
  #partBeganMs = 0
  /** What the parts that are over took, and what had been expected of them. */
  #over = { ms: 0, expectedMs: 0 }
  #share = 0
  #what = ''
  #timer: NodeJS.Timeout | null = null
  #isDrawn = false

  /** `expectedSeconds` of each part, in the order in which they come. */
  constructor(
    report: TextStream,
    expectedSeconds: readonly number[],
    { stderr, env, now }: Pick<Surroundings, 'stderr' | 'env' | 'now'>,
  ) {
    this.#report = report
    this.#live = canRewrite(stderr, env) ? stderr : null
    this.#paint = paintFor(report, env)
    this.#livePaint = paintFor(stderr, env)
    this.#now = now
    this.#expectedSeconds = expectedSeconds
  }

  /** The next part begins. */
  begin(title: string): void {
    if (this.#part >= 0) {
      this.#over.ms += this.#now() - this.#partBeganMs
      this.#over.expectedMs += this.#expectedSeconds[this.#part]! * 1000
    }
    this.#part += 1
    this.#partBeganMs = this.#now()
    this.#share = 0
    this.#what = title
    if (this.#live === null) this.say(this.#paint.dim(`  measuring ${title} (${roughly(this.#leftSeconds())} left)`))
    else this.#timer ??= setInterval(() => this.#draw(), redrawIntervalMs)
    this.#draw()
  }

  /** `share` (0 to 1) of the part is done. */
  show(share: number, what: string): void {
    this.#share = share
    this.#what = what
  }

  /** Whole lines, above the line that is rewritten. */
  say(...lines: readonly string[]): void {
    this.#erase()
    this.#report.write(lines.map((line) => `${line}\n`).join(''))
  }

  /** Says at once what is being done, instead of how far it is. */
  end(what: string): void {
    this.rest()
    if (this.#live === null) this.say(`  ${what}`)
    else this.#live.write(`  ${what}\n`)
  }

  rest(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#erase()
  }

  #draw(): void {
    if (this.#live === null) return
    const total = this.#expectedSeconds.reduce((sum, seconds) => sum + seconds, 0)
    const before = this.#expectedSeconds.slice(0, this.#part).reduce((sum, seconds) => sum + seconds, 0)
    const share = (before + this.#share * this.#expectedSeconds[this.#part]!) / total
    const filled = Math.round(share * barLength)
    const { green, dim, bold } = this.#livePaint
    const bar = green('━'.repeat(filled)) + dim('─'.repeat(barLength - filled))
    const percent = `${Math.floor(share * 100)} %`.padStart(5)
    const columns = this.#live.columns ?? 80
    const text = `  ${roughly(this.#leftSeconds())} left  ${this.#what}`.slice(0, columns - barLength - 10)
    this.#live.write(`\r\x1b[2K  ${bar}  ${bold(percent)}${dim(text)}`)
    this.#isDrawn = true
  }

  #erase(): void {
    if (this.#isDrawn) this.#live?.write('\r\x1b[2K')
    this.#isDrawn = false
  }

  /** As expected, but for how much slower the parts before were than that. */
  #leftSeconds(): number {
    const slowness = this.#over.expectedMs > 0 ? Math.max(1, this.#over.ms / this.#over.expectedMs) : 1
    const later = this.#expectedSeconds.slice(this.#part + 1).reduce((sum, seconds) => sum + seconds, 0)
    const current = this.#expectedSeconds[this.#part]! * (1 - this.#share)
    return (later + current) * slowness
  }
}

/** `about 40 s` or `about 3 min`. */
export function roughly(seconds: number): string {
  if (seconds < 90) return `about ${Math.max(1, seconds < 20 ? Math.round(seconds) : Math.round(seconds / 10) * 10)} s`
  return `about ${Math.round(seconds / 60)} min`
}
