import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { readRunArguments } from '../../src/cli/run/arguments.ts'
import { defaults } from '../../src/cli/run/defaults.ts'
import { paritas, Written } from './fake-machine.ts'

const folder = mkdtempSync(join(tmpdir(), 'paritas-usage-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  [
    [],
    'say what to do: run, resume, test, programs, interval, plan, daemon, measure, evaluate, doctor, lab, explore, trace show or completion',
  ],
  [['rnu', 'merge-sort'], "unknown command 'rnu': did you mean run? (see paritas --help)"],
  [['run'], "missing required argument 'program' (see paritas run --help)"],
  [['run', 'ring', 'x'], "too many arguments for 'run'. Expected 1 argument but got 2 (see paritas run --help)"],
  [
    ['run', 'ring', '--proceses', '3'],
    "unknown option '--proceses': did you mean --processes? (see paritas run --help)",
  ],
  [['run', 'ring', '--kill'], "option '--kill <who@when>' argument missing (see paritas run --help)"],
  [['run', 'ring', '--processes', '0'], "--processes must be a whole number from 1 to 10000, but is '0'"],
  [['run', 'ring', '--spares', '-1'], "--spares must be a whole number from 0 to 64, but is '-1'"],
  [['run', 'ring', '--tolerate', '0'], "--tolerate must be a whole number from 1 to 16, but is '0'"],
  [['run', 'ring', '--code', 'raid'], "--code must be reed-solomon or groups, but is 'raid'"],
  [
    ['run', 'ring', '--code', 'groups', '--tolerate', '5'],
    '--code groups --tolerate 5: there are only 4 processes to make groups of',
  ],
  [['run', 'ring', '--group-size', '0'], "--group-size must be a whole number from 1 to 240, but is '0'"],
  [['run', 'ring', '--group-size', '241'], "--group-size must be a whole number from 1 to 240, but is '241'"],
  [['run', 'ring', '--processes', '10001'], "--processes must be a whole number from 1 to 10000, but is '10001'"],
  [
    ['run', 'ring', '--processes', '241'],
    '--processes 241: one group has at most 240; make several, such as by --group-size 16',
  ],
  [
    ['run', 'ring', '--code', 'groups', '--tolerate', '2', '--group-size', '2'],
    '--code groups --group-size 2: there are as many groups as --tolerate says; leave out --group-size',
  ],
  [
    ['run', 'ring', '--scheme', 'mirror', '--group-size', '2'],
    '--scheme mirror --group-size 2: mirrors have no groups; leave out --group-size',
  ],
  [
    ['run', 'ring', '--scheme', 'disk', '--checkpoint-dir', 'd', '--group-size', '2'],
    '--scheme disk --group-size 2: files need no groups; leave out --group-size',
  ],
  [
    ['run', 'ring', '--group-size', '3', '--tolerate', '2', '--kill', 'c4@1s'],
    '--kill c4@1s: there is no checkpoint processor c4: they are c0 to c3',
  ],
  [
    ['run', 'ring', '--scheme', 'mirror', '--tolerate', '2'],
    '--scheme mirror --tolerate 2: a mirror holds one copy; leave out --tolerate',
  ],
  [
    ['run', 'ring', '--scheme', 'mirror', '--code', 'groups'],
    '--scheme mirror --code groups: mirrors are copies and need no code; leave out --code',
  ],
  [['run', 'ring', '--scheme', 'mirror', '--kill', 'b0@1s'], '--kill b0@1s: mirrors have no backup processors'],
  [['run', 'ring', '--kill', 'c1@1s'], '--kill c1@1s: there is no checkpoint processor c1: there is only c0'],
  [
    ['run', 'ring', '--tolerate', '2', '--kill', 'b2@1s'],
    '--kill b2@1s: there is no backup processor b2: they are b0 to b1',
  ],
  [['run', 'ring', '--scheme', 'tape'], "--scheme must be none, disk, n+1-parity, enhanced or mirror, but is 'tape'"],
  [
    ['run', 'ring', '--scheme', 'disk'],
    '--scheme disk: say by --checkpoint-dir DIR where checkpoints are to be written',
  ],
  [
    ['run', 'ring', '--scheme', 'disk', '--checkpoint-dir', 'd', '--tolerate', '2'],
    '--scheme disk --tolerate 2: files survive any number of losses; leave out --tolerate',
  ],
  [
    ['run', 'ring', '--scheme', 'disk', '--checkpoint-dir', 'd', '--code', 'groups'],
    '--scheme disk --code groups: files need no code; leave out --code',
  ],
  [
    ['run', 'ring', '--scheme', 'disk', '--checkpoint-dir', 'd', '--every', '2'],
    '--scheme disk --every 2: each checkpoint is written; leave out --every',
  ],
  [
    ['run', 'ring', '--scheme', 'disk', '--checkpoint-dir', 'd', '--kill', 'checkpoint@1s'],
    '--kill checkpoint@1s: there is no checkpoint processor with --scheme disk',
  ],
  [['run', 'ring', '--disk', 'full'], '--disk full: there is no --checkpoint-dir to write checkpoints to'],
  [['run', 'ring', '--disk', 'odd', '--checkpoint-dir', 'd'], "--disk must be incremental or full, but is 'odd'"],
  [['run', 'ring', '--resume', 'now'], "--resume must be after-commit or after-capture, but is 'now'"],
  [
    ['run', 'ring', '--resume', 'after-capture'],
    '--resume after-capture: nobody is frozen with --scheme enhanced; leave out --resume',
  ],
  [['run', 'ring', '--timeout', '5'], "--timeout must be a duration such as 500ms, 1.5s or 2m, but is '5'"],
  [['run', 'ring', '--timeout', '0s'], "--timeout must be at least 1ms, but is '0s'"],
  [['run', 'ring', '--buffer', '1'], "--buffer must hold at least one page of 4KiB, but is '1'"],
  [['run', 'ring', '--seed', 'x'], "--seed must be a whole number from 0 to 2147483647, but is 'x'"],
  [['run', 'ring', '--inspect-rank', 'a9'], '--inspect-rank: there is no process 9: processes are 0 to 3'],
  [['run', 'ring', '--kill', '7@1s'], '--kill 7@1s: there is no process 7: processes are 0 to 3'],
  [['run', 'ring', '--size', 'round=1'], "program 'ring' has no size 'round': its sizes are values and rounds"],
  [['run', 'ring', '--size', 'rounds=x'], "size 'rounds' must be a whole number of at least 1, but is 'x'"],
  [
    ['run', 'rnig'],
    "no program 'rnig': there are heat, key-value, life, matrix-multiplication, merge-sort, ring, shortest-paths, or name a module, such as ./rnig.ts",
  ],
  [['run', './no.ts'], 'no program module at ./no.ts'],
  [['run', 'ring', '--input', '/dev/null'], "program 'ring' reads no input: leave out --input"],
  [['run', 'ring', '--input', '/no/such'], '--input /no/such: no such file or folder'],
  [['run', 'ring', '--input', '/dev'], '--input /dev: it is a folder; give the name of a file'],
  [
    ['run', 'merge-sort', '--input', '/dev/null', '/dev/null'],
    "program 'merge-sort' reads one file, --input FILE, but 2 were given",
  ],
  [['run', '--input', 'x', 'ring'], 'name the program before --input and its files (see paritas run --help)'],
  [['run', 'ring', '--input', ''], '--input: the name of the file is empty'],
  [['run', 'ring', '--output', '/no/such'], '--output /no/such: no such folder: /no'],
  [['run', 'ring', '--output', '/dev'], '--output /dev: it is a folder; give the name of a file'],
  [['run', 'ring', '--output', '/dev/null'], "program 'ring' writes no output: leave out --output"],
  [['run', 'ring', '--trace', '/no/such'], '--trace /no/such: no such folder: /no'],
  [
    ['programs', 'x'],
    "too many arguments for 'programs'. Expected 0 arguments but got 1 (see paritas programs --help)",
  ],
  [['help', 'rnu'], "unknown command 'rnu': did you mean run? (see paritas --help)"],
  [
    ['--no-color', 'run', 'ring', 'x'],
    "too many arguments for 'run'. Expected 1 argument but got 2 (see paritas run --help)",
  ],
])('%j: exit 1 and one line', async (argv, line) => {
  const { exitCode, stderr, asked } = await paritas(argv)
  const lines = stderr.trimEnd().split('\n')
  expect([exitCode, lines.at(-1), asked]).toEqual([1, `paritas: ${line}`, null])
  if (argv.length > 0) expect(lines).toHaveLength(1)
})

test('more processes than one group holds are accepted in groups', () => {
  const { spares, conductors, scheme, memory, buffer } = defaults
  const others = { spares, conductors, scheme, memory, buffer, size: [], kill: [], freeze: [] }
  const { machine } = readRunArguments('ring', { ...others, processes: '300', groupSize: '100' })
  expect(machine.processes).toBe(300)
  expect(machine.protection).toEqual({ code: 'reed-solomon', tolerate: 1, groupSize: 100 })
})

test('--json: the error is an object too', async () => {
  const { exitCode, stdout } = await paritas(['run', 'ring', '--json', '--proceses', '3'])
  expect(exitCode).toBe(1)
  expect(JSON.parse(stdout)).toEqual({ error: expect.stringMatching(/^unknown option '--proceses'/), exitCode: 1 })
})

describe('help', () => {
  test('paritas --help', async () => {
    const { exitCode, stdout, stderr } = await paritas(['--help'])
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toMatchInlineSnapshot(`
      "Usage: paritas [options] [command]

      Runs message-passing programs that survive losing the processes they run on.

      Options:
        -v, --version               show the version
        --color                     use colours even where there is no terminal; as FORCE_COLOR=1 does
        --no-color                  use no colours; as NO_COLOR=1 does
        -h, --help                  show help

      Commands:
        run [options] <program>     run a program that ships, or one of your own
        resume [options] <dir>      go on with a run from its checkpoints on disk
        test [options] <program>    find out whether a program gives the same when processes are lost
        programs [options]          list the programs that ship, with their sizes
        interval [options]          say how often to checkpoint, and what that costs
        plan [options] [program]    say where on hosts a run would be, and what it survives
        daemon [options]            let this computer be one of several that runs are on
        measure [options]           measure what checkpoints and recoveries cost on this machine
        evaluate [options]          compare the schemes on real applications
        doctor [options]            say what this machine offers, and what would make runs faster
        lab [options] [command...]  make hosts on this computer, and lose and cut them off
        explore [options]           try to break the protocol, in simulated machines
        trace                       draw what happened in a run, or in a scenario
        completion <shell>          print what completes paritas in bash, zsh or fish
        help [command]              show help, of everything or of one command

      Examples:
        paritas run merge-sort                        sort a million numbers on 4 processes
        paritas run merge-sort --kill 2@50%           lose process 2 half way, and finish all the same
        paritas run ./my-program.ts --processes 8     run a program of your own
        paritas resume checkpoints                    go on with a run that kept checkpoints on disk
        paritas test ./my-program.ts                  whether it gives the same when processes are lost
        paritas programs                              what ships, and what sizes it takes
        paritas interval --overhead 1.2s --mtbf 44h   how often to checkpoint
        paritas measure --quick                       what checkpoints and recoveries cost here
        paritas evaluate --quick                      compare the schemes on real applications
        paritas doctor                                what this machine offers, and what it lacks
        paritas lab --hosts 3 -- bash                 three hosts on this computer, and a shell on the first
        paritas explore                               try to break the protocol, in simulated machines
        paritas trace show events.jsonl               draw what happened, of a run with --trace
        source <(paritas completion bash)             complete commands and options with the tab key
      "
    `)
  })

  test('paritas run --help', async () => {
    const { exitCode, stdout } = await paritas(['run', '--help'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatchInlineSnapshot(`
      "Usage: paritas run [options] <program>

      Runs a program: one that ships, by its name, or a module of your own (.ts or .js), by its path.

      Arguments:
        program                         merge-sort, for instance, or ./my-program.ts

      The program:
        --size <name=value>             set a size of the program (repeatable)
        --input <files...>              what the program reads
        --output <file>                 gets what the program emits, once it is complete and verified

      The machine:
        --processes <n>                 application processors, one process each (4)
        --on <file>                     on hosts, where paritas daemon runs; on this computer if not given
        --spares <s>                    spare processors that wait to replace a lost one (1)
        --conductors <k>                that may decide: all but one stand by, to take over (1)
        --tolerate <m>                  losses at the same time to survive (1)
        --group-size <g>                each g processes have check processors of their own (all in one)
        --code <name>                   reed-solomon or groups, one loss in each of m (reed-solomon)
        --scheme <name>                 enhanced, n+1-parity, mirror, disk or none; see below (enhanced)
        --resume <when>                 with n+1-parity or disk: after-commit or after-capture
                                        (after-commit)
        --memory <tracker>              how changes are found: shadow, lean or compare (auto)
        --timeout <duration>            longest time between two checkpoints, or never (500ms; n+1-parity:
                                        never)
        --buffer <bytes>                changed memory that calls for a checkpoint earlier; as much output
                                        may wait for one (64MiB)

      Checkpoints on disk:
        --checkpoint-dir <dir>          a new folder for them; paritas resume goes on from there
        --every <k>                     each k-th checkpoint is written (10; disk: each)
        --disk <files>                  incremental, with what has changed, or full (incremental)

      Faults on purpose:
        --kill <who@when>               end a processor with SIGKILL (repeatable)
        --freeze <who@when[+duration]>  stop it with SIGSTOP, and wake it later (repeatable)
        --seed <n>                      decides whom random hits

      What is told:
        --trace <file>                  gets every protocol event as a JSON line
        --inspect-rank <who>            lets a debugger come to one processor: 2, or checkpoint
        --json                          print one JSON object as the last line; all else goes to stderr
        -q, --quiet                     tell only results, warnings and errors

      Options:
        -h, --help                      show help

      Schemes:
        enhanced     parity in memory; nobody stands still: what is under way is logged
        n+1-parity   the same parity; all freeze together for each checkpoint, and no message is logged
        mirror       as enhanced, with a copy of each memory instead of parity
        disk         all freeze for each checkpoint and write it to --checkpoint-dir; nothing is kept in memory
        none         no protection, for comparison

      Groups: a group survives any m losses of its own (--tolerate m), whatever the others lose, and takes m checkpoint and m
      backup processors. Neighbours are in different groups. Without --group-size there is one, of up to 240 processes.

      WHO is the number of a process, checkpoint, backup, spare, random, or conductor where there are several.
      WHEN is a time (1.5s, 250ms), a share of progress (40%), a commit (commit:3), or every:1s for again and again: the next
      one waits until the one before is recovered from and something new is committed.

      Examples:
        paritas run merge-sort --size records=5000000 --kill 2@50%
        paritas run merge-sort --input numbers.txt --output sorted.txt
        paritas run merge-sort --kill checkpoint@commit:3 --kill random@80% --seed 7
        paritas run merge-sort --size records=20000000 --kill random@every:1s
        paritas run merge-sort --conductors 2 --kill conductor@50%
        paritas run merge-sort --freeze 1@0.5s+3s --timeout 200ms --trace events.jsonl
        paritas run ./my-program.ts --processes 8 --json
        paritas run merge-sort --checkpoint-dir checkpoints --every 5

      Exit codes:
        0 done and verified        1 bad usage or input       2 the program failed
        3 a loss nothing covers    130 interrupted            70 a defect of Paritas
      "
    `)
  })

  test.each([['--version'], ['-v'], ['--no-color', '-v']])('paritas %s', async (...argv) => {
    expect(await paritas(argv)).toMatchObject({ exitCode: 0, stdout: '1.2.3\n', stderr: '' })
  })

  test.each([
    [['help'], ['--help']],
    [
      ['help', 'run'],
      ['run', '--help'],
    ],
    [
      ['help', 'trace'],
      ['trace', '--help'],
    ],
    [
      ['help', 'trace', 'show'],
      ['trace', 'show', '--help'],
    ],
  ])('%j says the same as %j', async (words, option) => {
    const asWords = await paritas(words)
    expect(asWords).toEqual(await paritas(option))
    expect(asWords).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringMatching(/^Usage: paritas /) })
  })
})

describe('colours', () => {
  type Env = Readonly<Record<string, string>>
  const red = (text: string): boolean => text.includes('\x1b[31m')

  test.each([
    [{}, [], false],
    [{ FORCE_COLOR: '1' }, [], true],
    [{ FORCE_COLOR: '3' }, [], true],
    [{ FORCE_COLOR: 'true' }, [], true],
    [{ FORCE_COLOR: '0' }, [], false],
    [{ FORCE_COLOR: 'false' }, [], false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, [], false],
    [{ FORCE_COLOR: '1' }, ['--no-color'], false],
    [{ NO_COLOR: '1' }, ['--color'], true],
    [{ FORCE_COLOR: '0' }, ['--color'], true],
    [{}, ['--no-color', '--color'], true],
    [{}, ['--color', '--no-color'], false],
  ])('not in a terminal, %j %j: %s', async (env: Env, options, wanted) => {
    for (const argv of [
      [...options, 'rnu'],
      ['run', 'ring', '--processes', '0', ...options],
    ]) {
      const { exitCode, stderr } = await paritas(argv, undefined, { env })
      expect([exitCode, red(stderr)]).toEqual([1, wanted])
    }
    const { stdout } = await paritas(['help', 'run', ...options], undefined, { env })
    expect(stdout.includes('\x1b[')).toBe(wanted)
  })

  test.each([
    [{}, [], true],
    [{ FORCE_COLOR: '0' }, [], false],
    [{ NO_COLOR: '1' }, [], false],
    [{ TERM: 'dumb' }, [], false],
    [{}, ['--no-color'], false],
    [{ TERM: 'dumb' }, ['--color'], true],
  ])('in a terminal, %j %j: %s', async (env: Env, options, wanted) => {
    const { stderr } = await paritas([...options, 'rnu'], undefined, { env, stderr: new Written(true) })
    expect(red(stderr)).toBe(wanted)
  })
})

test('paritas programs', async () => {
  const { exitCode, stdout } = await paritas(['programs'])
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^merge-sort: sorts numbers;/m)
  expect(stdout).toMatch(/^ {2}--size records=1000000 {3}numbers to sort.* \(a whole number from 0 to 536870912\)$/m)
  expect(stdout).toMatch(/^ {2}--input FILE {13}one number a line/m)
  expect(stdout).toMatch(/^ {2}--output FILE {12}the numbers in ascending order/m)
  expect(stdout).toMatch(/^ring: averages numbers/m)
  expect(stdout).toMatch(/^ {2}--input A B {5}two square matrices/m)
})

describe('the command itself', () => {
  const entry = fileURLToPath(new URL('../../bin/paritas.js', import.meta.url))
  const start = (...argv: string[]) =>
    spawnSync(process.execPath, [entry, ...argv], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: folder },
    })

  test('bad usage: one line, exit 1, nothing left behind', () => {
    const { status, stdout, stderr } = start('run', 'merge-sort', '--size', 'chunk=0')
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toBe("paritas: size 'chunk' must be a whole number from 1 to 536870912, but is '0'\n")
    expect(readdirSync(folder)).toEqual([])
  })

  test('ends although the module of the program left a timer, and removes its folder', () => {
    const path = join(folder, 'endless.mjs')
    writeFileSync(path, 'setInterval(() => {}, 1000)\n')
    const { status, stderr } = start('run', path)
    rmSync(path)
    expect([status, stderr]).toEqual([
      1,
      'paritas: endless.mjs: no default export: end the module with `export default defineProgram({ ... })`\n',
    ])
    expect(readdirSync(folder)).toEqual([])
  })

  test('a reader that goes away is no error', () => {
    const script = `"${process.execPath}" "${entry}" --help | true; echo "\${PIPESTATUS[0]}"`
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe('0\n')
  })

  test('says its version', () => {
    expect(start('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(existsSync(entry)).toBe(true)
  })
})
