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
    const isNew = !existsSync(file) || wholeLines(file).length === 0
    if (isNew) writeFileSync(file, `${head}\n`)
    return new StateFolder(path, isNew ? [] : readRecords(path, file, head))
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

/** A line that was being written when the machine was lost has no end, and is taken away: that run is made again. */
function wholeLines(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole))
  return whole.split('\n').slice(0, -1)
}

function readRecords(path: string, file: string, head: string): RunRecord[] {
  const [first = '', ...lines] = wholeLines(file)
  if (first !== head) {
    throw new UsageError(
      `--output ${path}: it holds an evaluation with other options, of another version or another machine; name another folder, or remove this one`,
    )
  }
  return lines.map((line, index) => readRecord(`${file}:${index + 2}`, line))
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
