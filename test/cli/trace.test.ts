/** `paritas trace show`: what it writes, and what it refuses in one line. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { at, message, start, textOf } from '../trace/lines.ts'
import { paritas } from './fake-machine.ts'

const folder = mkdtempSync(join(tmpdir(), 'paritas-trace-'))
afterAll(() => rmSync(folder, { recursive: true }))

const scenarios = fileURLToPath(new URL('../../scenarios/', import.meta.url))
const inFolder = (name: string): string => join(folder, name)

function file(name: string, text: string): string {
  writeFileSync(inFolder(name), text)
  return inFolder(name)
}

const lines = [...start, at('a0', 1).sends(100, 'a1', message(0)), at('a1', 2).receives(200, 'a0', message(0))]
const trace = file('events.jsonl', textOf(lines))

test.each(['svg', 'html'])('a trace as .%s', async (format) => {
  const output = inFolder(`out.${format}`)
  const { exitCode, stdout, stderr } = await paritas(['trace', 'show', trace, '--output', output])
  expect([exitCode, stderr]).toEqual([0, ''])
  expect(stdout).toBe(`4 places, 1 message, 0 committed checkpoints, no recovery\ndrawn in ${output}\n`)
  expect(readFileSync(output, 'utf8')).toMatch(
    format === 'svg' ? /^<svg .*<\/svg>\n$/s : /^<!doctype html>.*<\/html>\n$/s,
  )
})

test('a part of the time', async () => {
  const output = inFolder('part.svg')
  const { exitCode } = await paritas(['trace', 'show', trace, '--output', output, '--from', '150ms', '--to', '0.3s'])
  expect(exitCode).toBe(0)
  expect(readFileSync(output, 'utf8')).toContain('a part of 205 ms')
})

test('the trace of a killed run: what there is of it, and that it breaks off', async () => {
  const broken = file('broken.jsonl', textOf(lines).slice(0, -30))
  const { exitCode, stderr } = await paritas(['trace', 'show', broken, '--output', inFolder('broken.svg')])
  expect([exitCode, stderr]).toEqual([
    0,
    `paritas: ${broken}:7: the last line breaks off; what comes before it is drawn\n`,
  ])
})

test('a scenario, with what went wrong; of several stories the one that is asked for', async () => {
  const output = inFolder('story.svg')
  const literal = await paritas(['trace', 'show', join(scenarios, 'explored-literal-lost.txt'), '--output', output])
  expect([literal.exitCode, literal.stderr]).toEqual([0, ''])
  expect(literal.stdout.split('\n')[1]).toBe('LOST: m1 from a0 to a1')
  expect(readFileSync(output, 'utf8')).toContain('LOST: m1 from a0 to a1</text>')

  const trap = join(scenarios, 'trap-06-orphan.txt')
  const second = await paritas(['trace', 'show', trap, '--story', '2', '--output', output])
  expect([second.exitCode, second.stderr]).toEqual([
    0,
    `paritas: ${trap} tells 2 stories; this is number 2: choose another with --story\n`,
  ])
  expect(readFileSync(output, 'utf8')).toContain('Default: the message carries its interval')
})

test.each([
  [['show'], "missing required argument 'file' (see paritas trace show --help)"],
  [['show', trace, '--output', 'x.pdf'], '--output x.pdf: the name must end in .html or .svg'],
  [['show', trace, '--output', '/no/such/x.svg'], '--output /no/such/x.svg: no such folder: /no/such'],
  [['show', trace, '--from', '1'], "--from must be a duration such as 500ms, 1.5s or 2m, but is '1'"],
  [['show', trace, '--from', '9s'], '--from 9s: the diagram ends before that, at 200 ms'],
  [['show', trace, '--from', '2s', '--to', '1s'], '--from and --to: the end must be after the beginning'],
  [['show', trace, '--story', '0'], "--story must be a whole number from 1 to 10000, but is '0'"],
  [['show', '/no/such.jsonl'], '/no/such.jsonl: no such file or folder'],
  [['show', '/dev'], '/dev: it is a folder; give the name of a file'],
  [['show', file('empty', '')], `${inFolder('empty')} is empty`],
  [
    ['show', file('prose', 'Once upon a time\n')],
    `${inFolder('prose')} is neither a trace nor a scenario that can be played: line 2: '----' must follow the commands`,
  ],
  [
    ['show', file('comment', '# nothing\n')],
    `${inFolder('comment')} is neither a trace nor a scenario: no machine starts in it`,
  ],
  [['show', file('huge', 'x\n'.repeat(600_000))], `${inFolder('huge')} is neither a trace nor a scenario`],
  [
    ['show', file('other.json', '{"a": 1}\n')],
    `${inFolder('other.json')}:1: this is no trace that can be read: it says no version, as those of older versions do not; record the run anew`,
  ],
  [
    [
      'show',
      file('old.jsonl', '{"ms":1,"processor":null,"place":"conductor","epoch":1,"pid":null,"effect":"finished"}\n'),
    ],
    `${inFolder('old.jsonl')}:1: this is no trace that can be read: it says no version, as those of older versions do not; record the run anew`,
  ],
  [
    ['show', file('newer.jsonl', '{"trace":"paritas","version":4}\n')],
    `${inFolder('newer.jsonl')}:1: this is no trace that can be read: it is of version 4, and this Paritas reads version 3; record the run anew, or draw it with the one that did`,
  ],
  [['show', join(scenarios, 'silence.txt'), '--story', '99'], /^--story 99: .*silence\.txt has only \d+$/],
])('%j: exit 1, one line, and no file', async (argv, line) => {
  const before = readdirSync(folder)
  const output = argv.includes('--output') || argv.length < 2 ? [] : ['--output', inFolder('never.svg')]
  const { exitCode, stderr } = await paritas(['trace', ...argv, ...output])
  expect(exitCode).toBe(1)
  expect(stderr.split('\n')).toEqual([typeof line === 'string' ? `paritas: ${line}` : expect.any(String), ''])
  if (typeof line !== 'string') expect(stderr.trim().replace('paritas: ', '')).toMatch(line)
  expect(readdirSync(folder)).toEqual(before)
})

test('without a word on what to do: the help, and one line', async () => {
  const { exitCode, stderr } = await paritas(['trace'])
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^Usage: paritas trace /)
  expect(stderr.trimEnd().split('\n').at(-1)).toBe('paritas: say what to do: trace show FILE')
})

test('paritas trace show --help', async () => {
  const { exitCode, stdout } = await paritas(['trace', 'show', '--help'])
  expect(exitCode).toBe(0)
  expect(stdout).toMatchInlineSnapshot(`
    "Usage: paritas trace show [options] <file>

    Draws a trace or a scenario as a space-time diagram: processes as lines, messages as arrows.

    Arguments:
      file             a file of paritas run --trace, or a scenario such as paritas explore writes

    Options:
      --output <file>  .html: a page that zooms; .svg: a picture; by default FILE.html in this folder
      --from <time>    begin of what is shown: 1.5s or 250ms; the number of an event in a scenario
      --to <time>      its end
      --story <n>      which machine, in a scenario that starts several (1)
      -h, --help       show help

    Examples:
      paritas run merge-sort --kill 2@50% --trace events.jsonl
      paritas trace show events.jsonl
      paritas trace show events.jsonl --output recovery.svg --from 200ms --to 600ms
      paritas trace show violation-seed-42.txt
    "
  `)
})
