import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { removeLab } from './removal.ts'

/** The compiled guard: it runs as plain JavaScript, wherever this module itself runs from. */
const guardEntry = fileURLToPath(new URL('../../dist/bundles/lab-guard.cjs', import.meta.url))

/** The guard of a laboratory, as that itself knows it. */
export class Guarding {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #ended: Promise<void>

  constructor(name: string) {
    this.#name = name
    this.#child = spawn(process.execPath, [guardEntry, name], {
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    this.#child.stdin!.on('error', () => {})
    this.#ended = once(this.#child, 'exit').then(
      () => {},
      () => {},
    )
  }

  /** Has all removed. Says false if something is left. */
  async remove(): Promise<boolean> {
    this.#child.stdin!.end()
    await this.#ended
    // If somebody has ended the guard, it is done here.
    return this.#child.exitCode === 0 || removeLab(this.#name)
  }
}
