import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../program/index.ts'
import type { RunRecord } from './record.ts'

/**
 * The folder of an evaluation: `runs.jsonl` has what it is of in its first line, and then each run that is finished. So
 * an evaluation that was interrupted goes on where it was.
 */
export class StateFolder {
  readonly path: string
  readonly #records: RunRecord[]

  private constructor(path: string, records: RunRecord[]) {
    this.path = path
    this.#records = records
  }

  /**
   * Opens or makes the folder. `identity` is what must be the same for runs to belong together. Throws a `UsageError` if
   * it holds runs of something else, and what the system says if it cannot be used.
   */
  static open(path: string, identity: object): StateFolder {
    mkdirSync(path, { recursive: true })
    const file = join(path, fileName)
    const head = JSON.stringify({ evaluation: identity })
    const { lines, wholeBytes } = existsSync(file) ? wholeLines(file) : { lines: [], wholeBytes: 0 }
    const [first, ...runs] = lines
    if (first === undefined) {
      refuseForeignTail(path, file, head)
      writeFileSync(file, `${head}\n`)
      return new StateFolder(path, [])
    }
    if (first !== head) throw foreignError(path)
    const records = runs.map((line, index) => readRecord(`${file}:${index + 2}`, line))
    // Only now: what belongs to something else is not touched.
    truncateSync(file, wholeBytes)
    return new StateFolder(path, records)
  }

  /** In the order in which they were finished. */
  get records(): readonly RunRecord[] {
    return this.#records
  }

  has(key: string): boolean {
    return this.#records.some((record) => record.key === key)
  }

  /** Throws what the system says if it cannot be written. */
  add(record: RunRecord): void {
    appendFileSync(join(this.path, fileName), `${JSON.stringify(record)}\n`)
    this.#records.push(record)
  }
}

const fileName = 'runs.jsonl'

/** A line that was being written when the machine was lost has no end, and does not count: that run is made again. */
function wholeLines(file: string): { readonly lines: readonly string[]; readonly wholeBytes: number } {
  const text = readFileSync(file, 'utf8')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  return { lines: whole.split('\n').slice(0, -1), wholeBytes: Buffer.byteLength(whole) }
}

/** Without one whole line, it is the beginning of a first line, or it is not an evaluation's. */
function refuseForeignTail(path: string, file: string, head: string): void {
  if (existsSync(file) && !head.startsWith(readFileSync(file, 'utf8'))) throw foreignError(path)
}

function foreignError(path: string): UsageError {
  return new UsageError(
    `--output ${path}: it holds an evaluation with other options, of other code or another machine; name another folder, or remove this one`,
  )
}

function readRecord(where: string, line: string): RunRecord {
  try {
    const record = JSON.parse(line) as Partial<RunRecord> | null
    if (typeof record?.key === 'string' && Array.isArray(record.captures)) return record as RunRecord
  } catch {
    // Told below.
  }
  throw new UsageError(`${where}: this is no run of an evaluation; remove the line, and the run is made again`)
}
