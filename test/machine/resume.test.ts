/** The command is killed with all that belongs to it, at a random moment, and `paritas resume` goes on. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { seededRandom } from '../../src/base/index.ts'
import { patient } from '../load.ts'
import { Commands } from './run-command.ts'

const commands = new Commands()
afterAll(() => commands.remove())

const runs = Number(process.env.PARITAS_KILLS ?? 3)
const firstSeed = Number(process.env.PARITAS_SEED ?? Date.now() % 1_000_000_000)

const manifests = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => /^checkpoint-\d+\.json$/.test(name)) : []

const newestOf = (folder: string): number =>
  Math.max(0, ...manifests(folder).map((name) => Number(/\d+/.exec(name)![0])))

/** Resolves when a checkpoint with at least this number is whole. */
async function untilStored(folder: string, sequence: number): Promise<void> {
  const isThere = (): boolean => newestOf(folder) >= sequence
  await vi.waitFor(() => expect(isThere()).toBe(true), { timeout: patient(60_000), interval: 10 })
}

const jobs: readonly (readonly string[])[] = [
  ['heat', '--size', 'rows=300', '--size', 'columns=300', '--size', 'iterations=4000', '--processes', '2'],
  ['key-value', '--size', 'mebibytes=4', '--size', 'requests=6000', '--processes', '3'],
]

describe('the loss of everything', () => {
  for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
    const random = seededRandom(seed)
    const job = jobs[seed % jobs.length]!
    const signal = random.pick(['SIGKILL', 'SIGKILL', 'SIGINT'] as const)
    const scheme = random.pick(['enhanced', 'disk', 'disk'] as const)
    it(`by ${signal} leaves ${job[0]} that can be gone on with under ${scheme}, PARITAS_SEED=${seed}`, async () => {
      const name = `lost-${seed}`
      const folder = join(commands.folder, name)
      const every = scheme === 'disk' ? [] : ['--every', String(random.integer(1, 3))]
      const options = ['--scheme', scheme, '--checkpoint-dir', name, ...every, '--timeout', '30ms']
      const command = commands.start(['run', ...job, ...options])
      await untilStored(folder, random.integer(1, 4))
      command.signal(signal)
      const { exitCode, stdout } = await command.ended
      expect(exitCode).toBe(signal === 'SIGKILL' ? null : 130)
      if (signal === 'SIGINT') expect(stdout).toMatch(/checkpoint \d+ is on disk: 'paritas resume lost-\d+' goes on/)
      await commands.untilNothingLeft()
      // Lost again on the way, more than is covered.
      const again = await commands.run(['resume', name, '--json', '--kill', '0@0.1s', '--kill', '1@0.1s'])
      expect(again.stderr).toMatch(new RegExp(`going on from checkpoint \\d+ in ${name}`))
      expect(again.exitCode).toBe(0)
      expect(JSON.parse(again.stdout)).toMatchObject({ program: job[0], verified: true })
      expect(readdirSync(folder)).toEqual([])
    })
  }

  it('keeps input and output of the command, though the input is gone', async () => {
    // Large enough that most of the sorting is still to be done when the first checkpoint is whole.
    const numbers = Array.from({ length: 600_000 }, (_, index) => (index * 7919) % 600_011)
    commands.write('numbers.txt', `${numbers.join('\n')}\n`)
    const options = ['--checkpoint-dir', 'sorting', '--every', '1', '--timeout', '10ms', '--size', 'chunk=500']
    const command = commands.start([
      'run',
      'merge-sort',
      '--input',
      'numbers.txt',
      '--output',
      'sorted.txt',
      ...options,
    ])
    await untilStored(join(commands.folder, 'sorting'), 1)
    command.signal('SIGKILL')
    await command.ended
    await commands.untilNothingLeft()
    commands.write('numbers.txt', 'gone')
    expect(commands.has('sorted.txt')).toBe(false)
    const { exitCode, stdout } = await commands.run(['resume', 'sorting'])
    expect(stdout).toContain('verified')
    expect(exitCode).toBe(0)
    const sorted = commands.read('sorted.txt').trimEnd().split('\n').map(Number)
    expect(sorted).toEqual(numbers.toSorted((one, other) => one - other))
  })
})

describe('a disk that fails', () => {
  const job = ['heat', '--size', 'rows=300', '--size', 'columns=300', '--size', 'iterations=100000', '--processes', '2']
  const options = ['--scheme', 'disk', '--timeout', '30ms', '--checkpoint-dir']

  it('ends a run that nothing else protects, and the newest whole checkpoint can be gone on from', async () => {
    const command = commands.start(['run', ...job, ...options, 'moved'])
    const folder = join(commands.folder, 'moved')
    await untilStored(folder, 2)
    renameSync(folder, join(commands.folder, 'elsewhere'))
    const { exitCode, stderr } = await command.ended
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(
      /^paritas: checkpoint \d+ cannot be written to moved \(ENOENT: .*\), and the scheme disk keeps checkpoints nowhere else; the newest there is checkpoint \d+; make room, and go on from it by 'paritas resume moved'\n$/,
    )
    commands.expectNothingLeft()
    renameSync(join(commands.folder, 'elsewhere'), folder)
    const newest = newestOf(folder)
    // Interrupted as soon as it says something, and again when it has written more.
    const again = commands.start(['resume', 'moved'])
    await again.said(/going on from checkpoint \d+ in moved/)
    again.signal('SIGINT')
    expect((await again.ended).exitCode).toBe(130)
    await commands.untilNothingLeft()
    // Of a run that was killed while it wrote them, they would take room until the next checkpoint is whole, or for ever.
    const left = ['pages-99999999-dead-0.bin', 'pages-99999999-dead-1.bin.partial', 'outputs-dead.bin']
    for (const name of left) commands.write(`moved/${name}`, 'left')
    const further = commands.start(['resume', 'moved'])
    await untilStored(folder, newest + 1)
    expect(readdirSync(folder).filter((name) => name.includes('dead'))).toEqual([])
    further.signal('SIGINT')
    expect((await further.ended).exitCode).toBe(130)
    await commands.untilNothingLeft()
  })

  it('has no room for the first checkpoint', async () => {
    const { exitCode, stderr } = await commands.run(['run', ...job, ...options, 'full'], 'ulimit -f 300')
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(
      /^paritas: checkpoint 1 cannot be written to full \(EFBIG: .*\), and the scheme disk keeps checkpoints nowhere else; there is none yet\n$/,
    )
    expect(readdirSync(join(commands.folder, 'full'))).toEqual([])
  })
})

describe('a folder that cannot be gone on with', () => {
  const refused = async (args: readonly string[]): Promise<string> => {
    const { exitCode, stderr, stdout } = await commands.run(args)
    expect(exitCode).toBe(1)
    expect(stdout).toBe('')
    return stderr
  }

  it('is refused in one line, whatever is wrong with it', async () => {
    mkdirSync(join(commands.folder, 'foreign'))
    commands.write('foreign/notes.txt', 'mine')
    commands.write('plain', '')
    expect(await refused(['resume', 'nowhere'])).toBe('paritas: nowhere: no such file or folder\n')
    expect(await refused(['resume', 'plain'])).toBe(
      'paritas: plain: it is no folder; give the one of --checkpoint-dir\n',
    )
    expect(await refused(['resume', 'foreign'])).toBe(
      'paritas: foreign: it holds no checkpoints; give the folder of --checkpoint-dir\n',
    )
    expect(await refused(['run', 'ring', '--checkpoint-dir', 'foreign'])).toBe(
      'paritas: --checkpoint-dir foreign: it holds other files (notes.txt); choose a folder of its own\n',
    )
    expect(await refused(['run', 'ring', '--checkpoint-dir', 'plain'])).toMatch(
      /^paritas: --checkpoint-dir plain: .*\n$/,
    )
    expect(await refused(['run', 'ring', '--every', '2'])).toBe(
      'paritas: --every 2: there is no --checkpoint-dir to write checkpoints to\n',
    )
    expect(await refused(['run', 'ring', '--scheme', 'none', '--checkpoint-dir', 'new'])).toBe(
      'paritas: --checkpoint-dir: the scheme none takes no checkpoints; choose another --scheme\n',
    )
  })

  it('is refused while a run uses it, and when the program has changed since', async () => {
    const source = (step: number): string => `import { defineProgram, u32 } from 'paritas'
      export default defineProgram({
        name: 'slow',
        memory: () => ({ round: u32(), rest: u32(4096) }),
        start: (self) => self.next(),
        step(self) {
          self.memory.round += ${step}
          self.memory.rest[self.memory.round % 4096] = 1
          for (const end = performance.now() + 5; performance.now() < end; ) {}
          return self.memory.round < 100000 ? self.next() : self.done(0)
        },
      })`
    commands.write('slow.ts', source(1))
    const options = ['--processes', '2', '--checkpoint-dir', 'used', '--every', '1', '--timeout', '20ms']
    const command = commands.start(['run', './slow.ts', ...options])
    const folder = join(commands.folder, 'used')
    await untilStored(folder, 3)
    const inUse = /^paritas: (?:--checkpoint-dir )?used: it is in use by a run that goes on \(pid \d+\)\n$/
    const [resumed, begun] = [
      commands.start(['resume', 'used']),
      commands.start(['run', 'ring', '--checkpoint-dir', 'used']),
    ]
    expect((await resumed.ended).stderr).toMatch(inUse)
    expect((await begun.ended).stderr).toMatch(inUse)
    command.signal('SIGINT')
    await command.ended
    await commands.untilNothingLeft()
    expect(await refused(['run', 'ring', '--checkpoint-dir', 'used'])).toBe(
      "paritas: --checkpoint-dir used: it holds an unfinished run; go on with it by 'paritas resume used', or choose another\n",
    )
    commands.write('slow.ts', source(2))
    const changed = await commands.run(['resume', 'used'])
    expect(changed.exitCode).toBe(1)
    expect(changed.stderr).toMatch(/^paritas: used: .*slow\.ts has changed since the checkpoint; .*\n$/)
    commands.write('slow.ts', source(1))
    for (const name of manifests(folder)) {
      const text = readFileSync(join(folder, name), 'utf8')
      writeFileSync(join(folder, name), text.replace('"processes"', '"processus"'))
    }
    expect(await refused(['resume', 'used'])).toMatch(
      /^paritas: used: there is no whole checkpoint \((?:checkpoint file .* is passed over: [^;]* does not have its checksum(?:; )?){2}\); start anew: 'paritas run' with an empty --checkpoint-dir\n$/,
    )
  })
})
