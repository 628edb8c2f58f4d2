import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { enteredBy, type HostDoor, hostCommand } from './enter.ts'
import { signal } from './processes.ts'

export interface HostProcessOptions {
  /** As for a child process; without it, nothing comes in, and what is said is to be read. */
  readonly stdio?: StdioOptions
  /** In place of this process's environment. */
  readonly env?: NodeJS.ProcessEnv
  /** The host has to see it. In place of this process's folder, or of the root where the host does not see that. */
  readonly folder?: string
}

/** A process in a host. It ends with the host, at the latest. */
export class HostProcess {
  readonly stdin: Writable | null
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  /** Its exit code when it has ended and all that it said has come; 128 and the number of the signal that ended it. */
  readonly ended: Promise<number>
  readonly #child: ChildProcess

  constructor(door: HostDoor, command: readonly string[], options: HostProcessOptions = {}) {
    const { stdio = ['ignore', 'pipe', 'pipe'], env = process.env, folder = null } = options
    const entering = hostCommand(door, command, folder, env)
    const [program, ...args] = entering.words
    this.#child = spawn(program, args, { stdio, env: entering.env })
    this.stdin = this.#child.stdin
    this.stdout = this.#child.stdout
    this.stderr = this.#child.stderr
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', (code, signalName) => resolve(exitCodeOf(code, signalName)))
    })
  }

  /** To the process itself, and not to the one that has entered the host for it. */
  kill(name: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.#child
    if (pid === undefined || exitCode !== null || signalCode !== null) return
    signal(enteredBy(pid) ?? pid, name)
  }
}

/** As a shell has it: 128 and the number of the signal that ended a process. */
export function exitCodeOf(code: number | null, signalName: NodeJS.Signals | null): number {
  return code ?? 128 + constants.signals[signalName!]
}
