/** What `paritas resume` says before there is a machine, and what it asks it to do. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeFolder } from '../../src/checkpoint-files/index.ts'
import { readDescription } from '../../src/cli/run/run-description.ts'
import { InterruptedError, type MachineSettings, type RunOptions, type RunOutcome } from '../../src/machine/index.ts'
import { SampleRun } from '../checkpoint-files/samples.ts'
import { outcome, paritas } from './fake-machine.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paritas-resume-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A machine on which a run writes two checkpoints, and is interrupted. */
async function interrupted({ store }: RunOptions): Promise<RunOutcome> {
  const sample = new SampleRun(nodeFolder(store!.path), store!.about)
  for (const sequence of [1, 2]) await sample.checkpoint(sequence, [{ 0: sequence }], true)
  await sample.end()
  throw new InterruptedError('interrupted')
}

const source = (step: number): string => `import { defineProgram, u32 } from 'paritas'
  export default defineProgram({
    name: 'steps',
    memory: () => ({ round: u32() }),
    start: (self) => self.next(),
    step(self) {
      self.memory.round += ${step}
      return self.done(0)
    },
    input: {
      description: 'numbers',
      async parse(blocks) {
        const numbers = []
        for await (const { lines } of blocks) numbers.push(...lines.map(Number))
        return { data: Float64Array.from(numbers) }
      },
    },
    output: { description: 'lines', format: (line) => String(line) },
  })`

/** Begins a run of a module with input and output, and leaves its checkpoints in a folder of this name. */
async function begun(name: string): Promise<{ path: string; program: string; hint: string }> {
  const [path, program, input] = [join(folder, name), join(folder, 'steps.ts'), join(folder, 'numbers.txt')]
  writeFileSync(program, source(1))
  writeFileSync(input, '1\n2\n')
  const { exitCode, stdout, stderr } = await paritas(
    ['run', program, '--checkpoint-dir', path, '--input', input, '--output', join(folder, 'out.txt')],
    interrupted,
  )
  expect(exitCode, stderr).toBe(130)
  return { path, program, hint: stdout.trimEnd().split('\n').at(-1)! }
}

describe('a run that can be gone on with', () => {
  it('says how, fit for a shell', async () => {
    const plain = await begun('ck')
    expect(plain.hint).toBe(`  checkpoint 20 is on disk: 'paritas resume ${plain.path}' goes on from there`)
    const { path, hint } = await begun('my "best" $ck')
    const quoted = `"${path.replace('"best" $', '\\"best\\" \\$')}"`
    expect(hint).toBe(`  checkpoint 20 is on disk: 'paritas resume ${quoted}' goes on from there`)
  })

  it('names no file twice, whatever was said at the start', async () => {
    const { path, program } = await begun('ck')
    for (const [said, why] of [
      [['--trace', join(folder, 'out.txt')], 'are the same file'],
      [['--output', program], 'are the same file'],
      [['--output', join(path, 'input.bin')], 'the folder must hold nothing but checkpoints'],
    ] as const) {
      const { exitCode, stderr, asked } = await paritas(['resume', path, ...said])
      expect([exitCode, stderr.includes(why), asked], stderr).toEqual([1, true, null])
    }
    expect(await paritas(['resume', path], async () => outcome())).toMatchObject({ exitCode: 0 })
  })

  it('goes on, and writes where it was told at the start, or is told now', async () => {
    for (const [said, name] of [
      [[], 'out.txt'],
      [['--output', join(folder, 'other.txt')], 'other.txt'],
    ] as const) {
      const { path } = await begun('ck')
      const { exitCode, stdout, asked } = await paritas(['resume', path, ...said], async () =>
        outcome({ emitted: ['end'] }),
      )
      expect(exitCode).toBe(0)
      expect(stdout).toContain(`going on from checkpoint 20 in ${path}\n`)
      expect(asked!.input).toEqual(Float64Array.of(1, 2))
      expect(asked!.store!.about.output).toBe(join(folder, name))
      expect(readFileSync(join(folder, name), 'utf8')).toBe('end')
      rmSync(join(folder, name))
    }
  })

  it('asks for the very machine that it was begun on, whatever that was', async () => {
    for (const options of [
      ['--processes', '6', '--spares', '2', '--tolerate', '2', '--code', 'groups', '--timeout', 'never'],
      ['--processes', '12', '--tolerate', '2', '--group-size', '5', '--conductors', '2'],
      ['--scheme', 'mirror', '--memory', 'lean', '--buffer', '1MiB', '--every', '3'],
      ['--scheme', 'disk', '--resume', 'after-capture', '--timeout', '20ms', '--disk', 'full'],
    ]) {
      const path = join(folder, options.join(''))
      let begun: RunOptions | null = null
      await paritas(['run', 'ring', '--checkpoint-dir', path, ...options], (asked) => {
        begun = asked
        return interrupted(asked)
      })
      const { asked } = await paritas(['resume', path], interrupted)
      expect(asked!.machine).toEqual(begun!.machine)
      expect(asked!.conductors).toBe(begun!.conductors)
      const { every, isIncremental } = begun!.store!
      expect(asked!.store).toMatchObject({ every, isIncremental })
    }
  })
})

it('what a checkpoint says of its run is checked field by field', async () => {
  const path = join(folder, 'ck')
  let about: Readonly<Record<string, unknown>> = {}
  await paritas(['run', 'ring', '--checkpoint-dir', path], (asked) => {
    about = asked.store!.about
    return interrupted(asked)
  })
  const machine = about.machine as MachineSettings
  const { protection } = machine
  const wrongSize = (what: string, max: number): string =>
    `machine.protection.${what}, not a whole number from 1 to ${max}`
  expect(readDescription('ck', about, '1.2.3')).toBe(about)
  const wrong: [string, unknown, string][] = [
    ['machine', { ...machine, tracker: 'magic' }, "machine.tracker is 'magic', not auto or shadow or lean or compare"],
    ['machine', { ...machine, timeoutMs: undefined }, 'machine.timeoutMs is missing'],
    ['machine', { ...machine, protection: { ...protection, groupSize: 0 } }, wrongSize('groupSize is 0', 240)],
    ['machine', { ...machine, protection: { ...protection, tolerate: 17 } }, wrongSize('tolerate is 17', 16)],
    ['files', { every: 0, isIncremental: true }, 'files.every is 0, not a number above 0'],
    ['sizes', { rounds: [1] }, 'sizes.rounds is a list of 1, not a size'],
  ]
  for (const [name, value, problem] of wrong) {
    expect(() => readDescription('ck', { ...about, [name]: value }, '1.2.3')).toThrow(
      `ck: its checkpoint cannot be gone on with: what it says of the run: ${problem}`,
    )
  }
})

it('one that ended before its first checkpoint says so, and what to do', async () => {
  const line = (path: string): string =>
    `paritas: ${path}: there is no checkpoint: the run ended before its first one was whole, or it has finished; begin it again: 'paritas run' with the same --checkpoint-dir\n`
  const numbers = join(folder, 'numbers.txt')
  writeFileSync(numbers, '1\n')
  const path = join(folder, 'ck')
  await paritas(['run', 'merge-sort', '--input', numbers, '--checkpoint-dir', path], async () => {
    throw new InterruptedError('interrupted')
  })
  const left: Record<string, readonly string[]> = {
    'after Ctrl-C': [],
    'after SIGKILL': ['input.bin'],
    'after SIGKILL while the first one was written': ['input.bin', 'pages-00000001-run-0.bin.partial'],
  }
  for (const [when, names] of Object.entries(left)) {
    for (const name of names) writeFileSync(join(path, name), '')
    const { exitCode, stderr } = await paritas(['resume', path])
    expect([exitCode, stderr], when).toEqual([1, line(path)])
  }
})

describe('one that cannot is refused in one line, with no word of going on', () => {
  it.each<
    [string, (one: { path: string; program: string }) => void, (one: { path: string; program: string }) => string]
  >([
    [
      'its program has changed',
      ({ program }) => writeFileSync(program, source(2)),
      ({ path, program }) =>
        `${path}: ${program} has changed since the checkpoint; go on with the version that wrote it`,
    ],
    ['its program is gone', ({ program }) => rmSync(program), ({ program }) => `no program module at ${program}`],
    [
      'its input is gone',
      ({ path }) => rmSync(join(path, 'input.bin')),
      ({ path }) => `${path}: input.bin is missing, and nobody can go on without what --input gave`,
    ],
    [
      'its input is damaged',
      ({ path }) => writeFileSync(join(path, 'input.bin'), ''),
      ({ path }) => `${path}: input.bin: it has 0 bytes and not 16, and nobody can go on without what --input gave`,
    ],
  ])('%s', async (_, spoil, line) => {
    const one = await begun('ck')
    spoil(one)
    const { exitCode, stdout, stderr, asked } = await paritas(['resume', one.path])
    expect({ exitCode, stdout, stderr, asked }).toEqual({
      ...{ exitCode: 1, stdout: '', asked: null },
      stderr: `paritas: ${line(one)}\n`,
    })
  })

  it.each(['checkpoint-00000001.json', 'pages-00000001-run-0.bin'])('no checkpoint is whole (%s)', async (name) => {
    const { path } = await begun('ck')
    const other = name.replace('1', '2')
    writeFileSync(join(path, other), 'torn')
    rmSync(join(path, name))
    const { exitCode, stderr } = await paritas(['resume', path])
    expect(exitCode).toBe(1)
    const torn = `checkpoint file checkpoint-00000002.json is passed over: ${other}: `
    expect(stderr.startsWith(`paritas: ${path}: there is no whole checkpoint (${torn}`)).toBe(true)
    const missing = `; checkpoint file checkpoint-00000001.json is passed over: ${name} is missing`
    if (name.startsWith('pages')) expect(stderr).toContain(missing)
    expect(stderr.endsWith("); start anew: 'paritas run' with an empty --checkpoint-dir\n")).toBe(true)
  })
})

it('a --checkpoint-dir that is no folder is refused by what it is', async () => {
  writeFileSync(join(folder, 'file'), '')
  symlinkSync('nowhere', join(folder, 'dangling'))
  symlinkSync('loop', join(folder, 'loop'))
  const refused = async (name: string): Promise<string> => {
    const { exitCode, stderr } = await paritas(['run', 'ring', '--checkpoint-dir', join(folder, name)])
    return `${exitCode} ${stderr.replaceAll(folder, '')}`
  }
  expect(await refused('file')).toBe('1 paritas: --checkpoint-dir /file: it is a file; give the name of a folder\n')
  const leadsNowhere = 'is a link that leads nowhere; give the name of a folder\n'
  expect(await refused('dangling')).toBe(`1 paritas: --checkpoint-dir /dangling: it ${leadsNowhere}`)
  expect(await refused('loop')).toBe(`1 paritas: --checkpoint-dir /loop: it ${leadsNowhere}`)
  expect(await refused('dangling/in')).toBe(`1 paritas: --checkpoint-dir /dangling/in: /dangling ${leadsNowhere}`)
})
