import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StateFolder } from '../../src/evaluation/index.ts'
import { record } from './records.ts'

let parent: string
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'paritas-state-'))
})
afterAll(() => rmSync(parent, { recursive: true }))

const identity = { rounds: 3 }
const one = record({ program: 'merge-sort', scheme: 'enhanced' })
const other = record({ program: 'merge-sort', scheme: 'mirror' })

it('keeps finished runs for the next time', () => {
  const path = join(parent, 'a', 'b')
  const first = StateFolder.open(path, identity)
  expect(first.records).toEqual([])
  first.add(one)
  first.add(other)
  const again = StateFolder.open(path, identity)
  expect(again.records).toEqual([one, other])
  expect([again.has(one.key), again.has('another')]).toEqual([true, false])
})

it.each([1, 100, -3])('a line that was cut off while it was written is not there (%d)', (length) => {
  const path = join(parent, `cut${length}`)
  StateFolder.open(path, identity).add(one)
  StateFolder.open(join(parent, 'other'), identity).add(other)
  const [, line] = readFileSync(join(parent, 'other', 'runs.jsonl'), 'utf8').split('\n')
  rmSync(join(parent, 'other'), { recursive: true })
  appendFileSync(join(path, 'runs.jsonl'), line!.slice(0, length))
  const again = StateFolder.open(path, identity)
  expect(again.records).toEqual([one])
  again.add(other)
  expect(StateFolder.open(path, identity).records).toEqual([one, other])
})

it('begins anew where not even the first line is whole', () => {
  const path = join(parent, 'torn')
  mkdirSync(path)
  writeFileSync(join(path, 'runs.jsonl'), '{"evaluat')
  StateFolder.open(path, identity).add(one)
  expect(StateFolder.open(path, identity).records).toEqual([one])
  expect(readFileSync(join(path, 'runs.jsonl'), 'utf8').split('\n')).toHaveLength(3)
})

it('refuses runs of another evaluation, and what is no run, in one line', () => {
  const path = join(parent, 'other')
  StateFolder.open(path, identity)
  expect(() => StateFolder.open(path, { rounds: 4 })).toThrow(/it holds an evaluation with other options/)
  appendFileSync(join(path, 'runs.jsonl'), '{"key": 1}\n')
  expect(() => StateFolder.open(path, identity)).toThrow(/runs\.jsonl:2: this is no run of an evaluation/)
  writeFileSync(join(parent, 'file'), '')
  expect(() => StateFolder.open(join(parent, 'file'), identity)).toThrow(/EEXIST|ENOTDIR/)
})

describe('a run that is not as it was written', () => {
  const begun = (name: string): { path: string; file: string; text: string } => {
    const path = join(parent, name)
    for (const run of [one, other]) StateFolder.open(path, identity).add(run)
    const file = join(path, 'runs.jsonl')
    return { path, file, text: readFileSync(file, 'utf8') }
  }

  it.each([
    ['without a figure', (text: string) => text.replace('"elapsedMs":1000,', '')],
    ['with one that is no number', (text: string) => text.replace(/"holdUps":\[.*?\]/, '"holdUps":null')],
    ['with another number', (text: string) => text.replace('"elapsedMs":1000', '"elapsedMs":1001')],
    ['without a checksum', (text: string) => text.replace(/\{"crc32":"\w+","run":(.*)\}/, '$1')],
  ])('is refused by its line: %s', (name, change) => {
    const { path, file, text } = begun(name)
    writeFileSync(file, change(text))
    expect(() => StateFolder.open(path, identity)).toThrow(
      `${file}:2: this is no run of an evaluation, or it is damaged; remove the line, and the run is made again`,
    )
  })

  it('is refused where it is there twice', () => {
    const { path, file, text } = begun('twice')
    writeFileSync(file, `${text}${text.split('\n')[1]}\n`)
    expect(() => StateFolder.open(path, identity)).toThrow(
      `${file}:4: this run is in line 2 already; remove one of the two`,
    )
  })

  it('is cut off at its first byte, whatever bytes there are', () => {
    const { path, file, text } = begun('bytes')
    const bytes = Buffer.from(text)
    appendFileSync(file, Buffer.of(0x7b, 0xff, 0xfe))
    expect(StateFolder.open(path, identity).records).toEqual([one, other])
    expect(readFileSync(file).equals(bytes)).toBe(true)
    bytes[bytes.indexOf('elapsedMs')] = 0xff
    writeFileSync(file, bytes)
    expect(() => StateFolder.open(path, identity)).toThrow(`${file}:2: this is no run of an evaluation`)
    expect(readFileSync(file).equals(bytes)).toBe(true)
  })
})

it('leaves the file of another evaluation as it is, its last line too', () => {
  const path = join(parent, 'foreign')
  mkdirSync(path)
  for (const text of ['{"evaluation":{"rounds":9}}\n{"key":"cut off', 'somebody’s only line']) {
    writeFileSync(join(path, 'runs.jsonl'), text)
    expect(() => StateFolder.open(path, identity)).toThrow(/it holds an evaluation with other options/)
    expect(readFileSync(join(path, 'runs.jsonl'), 'utf8')).toBe(text)
  }
})
