import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { onLines } from './lines.ts'
import { labFiles } from './record.ts'
import { hostScript, operatorScript } from './scripts.ts'
import { asUser, searchPath } from './tools.ts'

/** What becomes of hosts, as their own processes tell it. */
export interface HostNews {
  /** `pid`: of the host's first process, as this process sees it. */
  ready(name: string, pid: number): void
  /** All of the host's processes have ended, and its link is gone. `text`: what was said before, such as why. */
  gone(name: string, text: string): void
}

interface Awaited {
  resolve(): void
  reject(error: Error): void
}

/**
 * The first process of a laboratory, a shell in the namespaces of its switch, which does what it is told, in order. When it
 * ends, everything in the laboratory does.
 */
export class Operator {
  readonly pid: number
  /** Resolves when it and all that was in the laboratory has ended. */
  readonly ended: Promise<void>
  readonly #child: ChildProcess
  readonly #awaited: Awaited[] = []
  #said: string[] = []
  #hasEnded = false

  private constructor(child: ChildProcess, pid: number, news: HostNews) {
    this.#child = child
    this.pid = pid
    onLines(child.stdout!, (line) => this.#take(line))
    onLines(child.stdio[3] as Readable, hostLines(news))
    this.ended = once(child, 'close').then(() => this.#end())
  }

  /** Throws an error that says what could not be made. `isInUserNamespace`: as a user who is not root. */
  static async start(folder: string, isInUserNamespace: boolean, news: HostNews): Promise<Operator> {
    const user = isInUserNamespace ? asUser : []
    const files = labFiles(folder)
    writeFileSync(files.host, hostScript)
    writeFileSync(files.operator, operatorScript)
    const shell = ['sh', files.operator, folder]
    const child = spawn('unshare', [...user, '--net', '--mount', '--pid', '--fork', '--kill-child', ...shell], {
      cwd: '/',
      // Signals of a terminal are for the command, and for the laboratory's own process.
      detached: true,
      env: { ...process.env, PATH: searchPath(process.env) },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    })
    child.stdin!.on('error', () => {})
    const said: string[] = []
    onLines(child.stderr!, (line) => said.push(line))
    const pid = await new Promise<number | null>((resolve) => {
      child.once('error', () => resolve(null))
      child.once('close', () => resolve(null))
      child.stdout!.once('data', (text: Buffer) => resolve(Number(/^operator (\d+)/.exec(String(text))?.[1])))
    })
    if (pid === null) throw new Error(said[0] ?? 'it ended at once')
    return new Operator(child, pid, news)
  }

  /** Has a line of shell done. Rejects with what it said, if it fails. */
  do(line: string): Promise<void> {
    if (this.#hasEnded) return Promise.reject(new Error('the laboratory has ended'))
    return new Promise<void>((resolve, reject) => {
      this.#awaited.push({ resolve, reject })
      ;(this.#child.stdin as Writable).write(`${line}\n`)
    })
  }

  /** Ends it, and with it all that is in the laboratory. */
  close(): Promise<void> {
    this.#child.stdin!.end()
    return this.ended
  }

  #take(line: string): void {
    const [, status] = /^done (\d+)$/.exec(line) ?? []
    if (status === undefined) {
      this.#said.push(line)
      return
    }
    const { resolve, reject } = this.#awaited.shift()!
    if (status === '0') resolve()
    else reject(new Error(this.#said[0] ?? `it failed with ${status}`))
    this.#said = []
  }

  #end(): void {
    this.#hasEnded = true
    for (const { reject } of this.#awaited.splice(0)) reject(new Error('the laboratory has ended'))
  }
}

function hostLines(news: HostNews): (line: string) => void {
  let said: string[] = []
  return (line) => {
    const [, what, name, pid] = /^(ready|gone) (\S+)(?: (\d+))?$/.exec(line) ?? []
    if (what === undefined) said.push(line)
    else if (what === 'ready') news.ready(name!, Number(pid))
    else {
      news.gone(name!, said.join('; '))
      said = []
    }
  }
}
