import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, vi } from 'vitest'
import { patient } from '../load.ts'
import { processesOf } from './run-program.ts'

const entry = fileURLToPath(new URL('../../bin/paritas.js', import.meta.url))

/** How long to wait on an idle computer for what must come about, before it counts as never. */
const waitMs = 15_000

export interface Ended {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder with modules of one's own, and the command `paritas` as a process that runs in it. */
export class Commands {
  readonly folder = mkdtempSync(join(tmpdir(), 'paritas-'))
  /** The command makes the folders of its runs here. */
  readonly #runsFolder = join(this.folder, 'runs')
  readonly #started: Command[] = []

  constructor() {
    mkdirSync(this.#runsFolder)
  }

  write(name: string, source: string): void {
    writeFileSync(join(this.folder, name), source)
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8')
  }

  has(name: string): boolean {
    return existsSync(join(this.folder, name))
  }

  /** Starts `paritas` in a group of its own, as a shell does. `limits` is shell code that is run first. */
  start(args: readonly string[], limits = ''): Command {
    const shell = `${limits}\nexec "$0" "$@"`
    const child = spawn('sh', ['-c', shell, process.execPath, entry, ...args], {
      cwd: this.folder,
      detached: true,
      env: { ...process.env, TMPDIR: this.#runsFolder, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const command = new Command(child)
    this.#started.push(command)
    return command
  }

  /** Runs `paritas` to its end, and checks that nothing is left of it. */
  async run(args: readonly string[], limits = ''): Promise<Ended> {
    const ended = await this.start(args, limits).ended
    this.expectNothingLeft()
    return ended
  }

  /** Of a command that has ended by itself: what it cleans up is gone when it is gone. */
  expectNothingLeft(): void {
    expect(this.#left()).toEqual([])
  }

  /** The output that a command has kept in the temporary folder, and says so at the end of its line; takes it away. */
  takeKept(line: string): string {
    const [, path = ''] = /; the whole output is kept in (\S+)$/.exec(line.trimEnd())!
    expect(dirname(path)).toBe(this.#runsFolder)
    const text = readFileSync(path, 'utf8')
    rmSync(path)
    return text
  }

  /** Resolves when a command has started a processor. */
  async untilProcessor(): Promise<void> {
    await vi.waitFor(() => expect(processesOf(this.#runsFolder)).not.toEqual([]), {
      timeout: patient(waitMs),
      interval: 5,
    })
  }

  /** Of a command that was ended: its processors notice in their own time. */
  async untilNothingLeft(): Promise<void> {
    await vi.waitFor(() => expect(this.#left()).toEqual([]), { timeout: patient(waitMs), interval: 20 })
  }

  /** Ends what a failed test has left behind, and removes the folder. */
  async remove(): Promise<void> {
    for (const command of this.#started) command.signal('SIGTERM')
    await Promise.all(this.#started.map(({ ended }) => ended))
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Processes, sockets and temporary files. */
  #left(): string[] {
    return [...processesOf(this.#runsFolder), ...readdirSync(this.#runsFolder)]
  }
}

/** The command `paritas` while it runs. */
export class Command {
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  #stdout = ''
  #stderr = ''

  /** Of `paritas` itself: the shell that starts it becomes it. */
  get pid(): number {
    return this.#child.pid!
  }

  constructor(child: ChildProcess) {
    this.#child = child
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.ended = once(child, 'close').then(([exitCode]) => ({
      exitCode: exitCode as number | null,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }))
  }

  /** Resolves when stdout holds a match. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#stdout)
      if (match) return match
      const more = once(this.#child.stdout!, 'data', { signal: AbortSignal.timeout(patient(waitMs)) })
      const isOver = await Promise.race([more.then(() => false), this.ended.then(() => true)])
      if (isOver && !pattern.test(this.#stdout)) {
        throw new Error(`it ended without saying ${pattern}:\n${this.#stdout}${this.#stderr}`)
      }
    }
  }

  /** Process ids of its processors, as it tells them at the start: the spare's is the last. */
  async processors(): Promise<number[]> {
    const [table] = await this.said(/^ {2}\d+ application processors[\s\S]*^ {2}1 spare processor .*\n/m)
    return [...table.matchAll(/\b\d+(?=,|\n)/g)].map(([pid]) => Number(pid))
  }

  /** To the command alone. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** To the command and its processors, as Ctrl-C in a terminal does. */
  signalGroup(name: NodeJS.Signals): void {
    process.kill(-this.#child.pid!, name)
  }
}
