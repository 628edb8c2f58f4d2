/** What a daemon makes of launchers that are none, or mean it harm: nothing is started, and nothing stays. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fc } from '@fast-check/vitest'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { processorId } from '../../src/base/index.ts'
import { callResumed, type Link, tcpFabric } from '../../src/fabric/index.ts'
import { BundleStore } from '../../src/machine/bundle/bundle-store.ts'
import { HostedRun } from '../../src/machine/daemon/hosted-run.ts'
import { type DaemonNews, defaultSettings, HostDaemon } from '../../src/machine/index.ts'
import type { FromDaemon, ToDaemon } from '../../src/machine/wire/hosting.ts'
import { launcherProblem, toDaemonProblem } from '../../src/machine/wire/validate-hosting.ts'
import { freePort } from './free-port.ts'

const run = '01234567-89ab-4cde-8f01-23456789abcd'
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paritas-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const one = processorId(1)
const messages: readonly ToDaemon[] = [
  {
    type: 'open',
    configuration: { machine: defaultSettings, sizes: {}, storeFolder: null, traced: false },
    digest: 'a'.repeat(64),
    mayConnect: false,
    beatKey: new Uint8Array(32),
  },
  { type: 'start', processor: one },
  { type: 'tell', processor: one, message: { type: 'ask' } },
  { type: 'signal', processor: one, signal: 'SIGKILL' },
  { type: 'giveUp', processor: one },
  { type: 'lose', processor: one, why: 'it lies' },
  { type: 'bundleMissing', digest: 'a'.repeat(64) },
]

/** Has every program. */
const allBundles = {
  obtain: async () => ({ moduleUrl: 'file:///program.mjs', release: async () => {} }),
} as unknown as BundleStore

/** A run here, and what it tells; what it rejects does not end it, so that more can follow. Without `bundles` it has none. */
async function hostedRun(bundles?: BundleStore, room = () => true) {
  const told: FromDaemon[] = []
  const rejected: string[] = []
  const link = {
    onMessage: null as ((message: unknown) => void) | null,
    send: (message: FromDaemon) => told.push(message),
    reject: (reason: string) => rejected.push(reason),
    close() {},
  }
  const hosted = new HostedRun({
    ...{ link: link as unknown as Link, folder, addon: null },
    host: { name: 'h1', address: '127.0.0.1', ports: null },
    bundles: bundles ?? (await BundleStore.open(join(folder, 'bundles'))),
    room,
    onOpened() {},
  })
  return { hosted, told, rejected, say: (message: unknown) => link.onMessage!(message) }
}

test('every message of a launcher is one, and 10,000 that are random or changed harm nothing', async () => {
  expect(messages.map(toDaemonProblem)).toEqual(messages.map(() => null))
  const { hosted, told, rejected, say } = await hostedRun()
  const before = process.memoryUsage.rss()
  for (const message of fc.sample(fc.anything(), 5000)) say(message)
  const change = fc.tuple(fc.constantFrom(...messages), fc.nat(), fc.oneof(fc.anything(), fc.nat(3)))
  for (const [message, at, value] of fc.sample(change, 5000)) {
    const keys = Object.keys(message)
    say({ ...message, [keys[at % keys.length]!]: value })
  }
  expect(rejected.length).toBeGreaterThan(5000)
  expect(told.filter(({ type }) => type === 'started')).toEqual([])
  expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024)
  hosted.close(false)
  await hosted.closed
  expect(told.at(-1)).toEqual({ type: 'closed' })
})

test('a processor is started by nobody before the run is open, nor when it ends', async () => {
  const { hosted, told, rejected, say } = await hostedRun()
  say(messages[1])
  expect(rejected).toEqual(['a processor is to be started before processors can be'])
  say(messages[0])
  say(messages[1])
  expect(rejected).toHaveLength(2)
  hosted.close(false)
  say(messages[1])
  say(messages[0])
  await hosted.closed
  expect([rejected.length, told.some(({ type }) => type === 'started')]).toEqual([2, false])
})

test('a processor for which the host has no room is lost, and where that stays so the run hears why', async () => {
  const { hosted, told, rejected, say } = await hostedRun(allBundles, () => false)
  say(messages[0])
  await vi.waitFor(() => expect(told).toEqual([{ type: 'opened' }]))
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] })
  const why = 'the host h1 has as many processors as its own file of hosts allows'
  for (const processor of [1, 2, 3]) {
    told.length = 0
    say({ type: 'start', processor })
    expect(told).toEqual([])
    vi.advanceTimersByTime(500)
    const hopeless = {
      type: 'hopeless',
      reason: `${why}: other runs have them, or the command goes by another file`,
      isUsage: true,
    }
    expect(told).toEqual([
      { type: 'lost', processor, why },
      { type: 'ended', processor, ending: 'was never started' },
      ...(processor === 3 ? [hopeless] : []),
    ])
    vi.advanceTimersByTime(5000)
  }
  vi.useRealTimers()
  expect(rejected).toEqual([])
  say({ type: 'start', processor: 3 })
  expect(rejected).toEqual(['processor 3 is to be started behind processor 3'])
  hosted.close(false)
  await hosted.closed
})

test('a run is named by a UUID, and beats have a key of 32 bytes', () => {
  expect(launcherProblem({ run, host: 'h1', version: '1' })).toBeNull()
  for (const other of ['r', `${run}\u001b[2J`, run.toUpperCase(), 7]) {
    expect(launcherProblem({ run: other, host: 'h1', version: '1' })).toContain('must be a UUID')
  }
  for (const bytes of [0, 31, 33, 1_000_000]) {
    expect(toDaemonProblem({ ...messages[0], beatKey: new Uint8Array(bytes) })).toContain('must have 32 bytes')
  }
})

test('connections that say nothing, or nonsense, leave a daemon as it was', async () => {
  const port = await freePort()
  const news: DaemonNews[] = []
  const daemon = new HostDaemon({
    ...{ name: 'h1', address: '127.0.0.1', port, version: '1', bundlesFolder: join(folder, 'bundles') },
    processorsMax: null,
    onNews: (one) => news.push(one),
  })
  await daemon.open()
  const strangers = Array.from({ length: 300 }, (_, index) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()
    if (index % 3 > 0) socket.write(Buffer.alloc(index, index % 3 === 1 ? 0 : index))
    return socket
  })
  const fabric = tcpFabric()
  const address = `127.0.0.1:${port}`
  const nobody = await callResumed({ fabric, address, hello: { run: 'r', host: 'h1', version: '1' } })
  nobody.onMessage = () => {}
  await new Promise((resolve) => {
    nobody.onClose = resolve
  })
  const link = await callResumed({ fabric, address, hello: { run, host: 'h1', version: '1' } })
  const answer = new Promise((resolve) => {
    link.onMessage = resolve
  })
  link.send(messages[0])
  expect(await answer).toMatchObject({ type: 'bundleWanted', digest: 'a'.repeat(64) })
  link.destroy()
  await vi.waitFor(() => expect(news.at(-1)).toEqual({ type: 'runEnded', run }))
  expect(news.filter(({ type }) => type === 'runBegan')).toEqual([{ type: 'runBegan', run }])
  await daemon.close()
  for (const socket of strangers) socket.destroy()
})
