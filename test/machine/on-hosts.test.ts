/** Runs on hosts that are daemons on this computer: each has processors of its own, and takes them with it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunHost, RunNews } from '../../src/machine/index.ts'
import { patient } from '../load.ts'
import { freePort } from './free-port.ts'
import { ProgramModules } from './program-modules.ts'
import { emittedIn, ringUntilFile } from './ring-until-file.ts'
import { type Command, Commands } from './run-command.ts'
import { finished, type Ran, runProgram } from './run-program.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string
}
const commands = new Commands()
const modules = new ProgramModules()
const program = modules.write('ring-until-file.ts', ringUntilFile)
const list: RunHost[] = []
const daemons = new Map<string, Command>()

beforeAll(async () => {
  for (const name of ['h1', 'h2', 'h3', 'h4']) {
    list.push({ name, address: '127.0.0.1', port: await freePort(), processorsMax: null })
  }
  const lines = list.map(({ name, address, port }) => `  - { name: ${name}, address: '${address}:${port}' }\n`)
  commands.write('hosts.yaml', `hosts:\n${lines.join('')}`)
  for (const { name } of list) startDaemon(name)
  for (const daemon of daemons.values()) await daemon.said(/takes processors, at/)
}, patient(30_000))
afterAll(async () => {
  for (const daemon of daemons.values()) daemon.signal('SIGTERM')
  await commands.remove()
  modules.remove()
})

function startDaemon(name: string): void {
  daemons.set(name, commands.start(['daemon', '--hosts', 'hosts.yaml', '--name', name]))
}

/** Does `strike` at the second commit, goes on until `isOver`, and checks what was emitted. */
async function ring(strike: () => void, isOver: (news: readonly RunNews[]) => boolean): Promise<Ran> {
  const flag = join(modules.folder, `until-${Math.random()}`)
  const news: RunNews[] = []
  const ran = await runProgram({
    ...{ program, sizes: [`until=${flag}`] },
    options: { timeoutMs: 60, spares: 2, hosts: { list, version } },
    onNews(one) {
      news.push(one)
      if (one.type === 'commit' && one.checkpoint === 2) strike()
      if (isOver(news)) writeFileSync(flag, '')
    },
  })
  const { emitted } = finished(ran)
  expect(emitted).toEqual(emittedIn((emitted.length + 1) / 4))
  return ran
}

const hasResumed = (news: readonly RunNews[]): boolean => news.some(({ type }) => type === 'resumed')

describe('a run on four hosts', () => {
  test(
    'gives what it gives on one computer, and every daemon has done with it',
    async () => {
      const ran = await ring(
        () => {},
        (news) => news.filter(({ type }) => type === 'commit').length > 5,
      )
      expect(finished(ran).recoveries).toEqual([])
      for (const daemon of daemons.values()) await daemon.said(/run \S+ has ended here/)
    },
    patient(60_000),
  )

  test(
    'survives that a daemon is killed, and with it all that it had, by one recovery',
    async () => {
      const ran = await ring(() => daemons.get('h2')!.signal('SIGKILL'), hasResumed)
      expect(finished(ran).recoveries).toHaveLength(1)
      // It is told of as one loss, and which hosts may not be lost any more: four processes are too many for three hosts.
      const lost = ran.news.filter(({ type }) => type === 'hostLost')
      expect(lost).toEqual([expect.objectContaining({ host: 'h2' })])
      expect(ran.news.filter(({ type }) => type === 'lost' || type === 'spareLost')).toEqual([])
      const coverage = ran.news.flatMap((one) => (one.type === 'hostCoverage' ? [one.hosts.length] : []))
      expect(coverage).toEqual([1])
      startDaemon('h2')
      await daemons.get('h2')!.said(/takes processors, at/)
    },
    patient(60_000),
  )
})
