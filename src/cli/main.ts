/** The command `paritas` once nothing stands against it: hands the real world to `execute`, and ends the process. */
import { readFileSync, writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execute } from './command.ts'
import { exitCodes } from './exit-codes.ts'
import { StandardStream } from './standard-stream.ts'

let isOver = false

// The program's module is loaded into this process, and may end it before its time.
process.on('exit', () => {
  if (isOver) return
  writeSync(2, 'paritas: the program ended the command: neither call process.exit nor await what never comes\n')
  process.exitCode = exitCodes.program
})

process.on('uncaughtException', (error) => {
  if (isOver) return
  isOver = true
  void import('./failure.ts').then(({ describeError }) => {
    const { error: line, detail, exitCode } = describeError(error)
    writeSync(2, `paritas: ${line}\n${detail ?? ''}\n`)
    process.exit(exitCode)
  })
})

export async function main(): Promise<void> {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string
  }
  const stdout = new StandardStream('stdout')
  const stderr = new StandardStream('stderr')
  const exitCode = await execute(process.argv.slice(2), {
    stdout,
    stderr,
    env: process.env,
    signals: process,
    passedOn: [],
    programsFolder: fileURLToPath(new URL('../../programs', import.meta.url)),
    version,
    startAhead: async (folder, settings) => (await import('../machine/index.ts')).startAhead(folder, settings),
    runMachine: async (options) => (await import('../machine/index.ts')).runMachine(options),
    now: () => performance.now(),
  })
  const unwritten = await stdout.end()
  if (unwritten !== null) stderr.write(`paritas: ${unwritten}\n`)
  await stderr.end()
  // An exception that nobody has caught ends the process, as soon as it has been told.
  if (isOver) await new Promise(() => {})
  isOver = true
  // Timers and handles that the program's module left open must not keep the command from ending.
  process.exit(unwritten === null ? exitCode : exitCode || exitCodes.usage)
}
