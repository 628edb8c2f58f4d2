import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { UsageError } from '../base/index.ts'
import type { RunRecord } from './record.ts'

/**
 * The folder of an evaluation: `runs.jsonl` has what it is of in its first line, and then each run that is finished, with
 * the CRC-32 of its JSON. So an evaluation that was interrupted goes on where it was, and not with other figures.
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
    const records = readRecords(file, runs)
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
    appendFileSync(join(this.path, fileName), lineOf(record))
    this.#records.push(record)
  }
}

const fileName = 'runs.jsonl'

/** A line that was being written when the machine was lost has no end, and does not count: that run is made again. */
function wholeLines(file: string): { readonly lines: readonly string[]; readonly wholeBytes: number } {
  const bytes = readFileSync(file)
  const wholeBytes = bytes.lastIndexOf('\n') + 1
  const lines = bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1)
  return { lines, wholeBytes }
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

function lineOf(record: RunRecord): string {
  const run = JSON.stringify(record)
  return `{"crc32":"${checksumOf(run)}","run":${run}}\n`
}

const linePattern = /^\{"crc32":"([\da-f]{8})","run":(.*)\}$/

/** `lines`: all but the first. */
function readRecords(file: string, lines: readonly string[]): RunRecord[] {
  const numbers = new Map<string, number>()
  return lines.map((line, index) => {
    const number = index + 2
    const [, checksum, run = ''] = linePattern.exec(line) ?? []
    if (checksum !== checksumOf(run)) {
      throw new UsageError(
        `${file}:${number}: this is no run of an evaluation, or it is damaged; remove the line, and the run is made again`,
      )
    }
    const record = JSON.parse(run) as RunRecord
    const before = numbers.get(record.key)
    numbers.set(record.key, number)
    if (before === undefined) return record
    throw new UsageError(`${file}:${number}: this run is in line ${before} already; remove one of the two`)
  })
}

const checksumOf = (text: string): string => crc32(text).toString(16).padStart(8, '0')
