/** Runs on the hosts of a laboratory, whose power goes off, whose cables are cut, and whose packets get lost. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect } from 'vitest'
import type { MachineSettings, Recovery, RunHost, RunNews } from '../../src/machine/index.ts'
import { patient } from '../load.ts'
import { emittedIn, ringUntilFile } from '../machine/ring-until-file.ts'
import { labTest, SharedLab } from './on-hosts.ts'

const inPackage = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const { version } = JSON.parse(readFileSync(inPackage('package.json'), 'utf8')) as { readonly version: string }
/** All hosts see it. */
const folder = mkdtempSync(join(tmpdir(), 'paritas-hosts-'))
const shared = new SharedLab()
const hosts: readonly RunHost[] = [1, 2, 3, 4, 5, 6].map((number) => ({
  ...{ name: `h${number}`, address: `10.0.0.${number}`, port: 7400, processorsMax: null },
}))
/** Where the command is, whose host has to live. */
const home = 'h1'

beforeAll(async () => {
  const lines = hosts.map(({ name, address }) => `  - { name: ${name}, address: '${address}' }\n`)
  writeFileSync(join(folder, 'hosts.yaml'), `hosts:\n${lines.join('')}`)
  writeFileSync(join(folder, 'ring.ts'), ringUntilFile)
  await shared.open({ hosts: hosts.length, shows: [folder, inPackage('.')] })
  if (shared.lab) await Promise.all(hosts.map(({ name }) => startDaemon(name)))
}, patient(60_000))
afterAll(async () => {
  await shared.close()
  rmSync(folder, { recursive: true })
})

async function startDaemon(host: string): Promise<void> {
  const words = [process.execPath, inPackage('bin/paritas.js'), 'daemon', '--name', host]
  const daemon = shared.lab.host(host).spawn([...words, '--hosts', join(folder, 'hosts.yaml')], { folder })
  const lines = createInterface({ input: daemon.stdout! })
  const [line] = (await once(lines, 'line', { signal: AbortSignal.timeout(patient(20_000)) })) as [string]
  expect(line).toContain('takes processors')
}

/** The last news of a run: what came of it. */
type Outcome =
  | { readonly type: 'over'; readonly emitted: readonly number[]; readonly recoveries: readonly Recovery[] }
  | { readonly type: 'failed'; readonly name: string; readonly message: string }
type Told = RunNews | Outcome

let runs = 0

/** A ring that goes round on all hosts until it is told to end. */
class Ring {
  readonly told: Told[] = []
  readonly #process
  readonly #news = new EventTarget()

  constructor(options: Partial<MachineSettings> = {}) {
    runs += 1
    const given = JSON.stringify({ hosts, version, timeoutMs: 60, ...options })
    const words = [
      inPackage('test/lab/run-on-hosts.mjs'),
      join(folder, 'ring.ts'),
      join(folder, `until-${runs}`),
      given,
    ]
    this.#process = shared.lab.host(home).spawn([process.execPath, ...words], {
      ...{ folder, stdio: ['pipe', 'pipe', 'inherit'] },
    })
    createInterface({ input: this.#process.stdout! }).on('line', (line) => {
      this.told.push(JSON.parse(line) as Told)
      this.#news.dispatchEvent(new Event('more'))
    })
  }

  /** Resolves when it has told something that is wanted. */
  async until(isWanted: (told: Told) => boolean): Promise<void> {
    while (!this.told.some(isWanted)) {
      const ended = this.told.find(({ type }) => type === 'over' || type === 'failed')
      if (ended) throw new Error(`it ended too early: ${JSON.stringify(ended)}`)
      await once(this.#news, 'more', { signal: AbortSignal.timeout(patient(20_000)) })
    }
  }

  async untilCommit(checkpoint: number): Promise<void> {
    await this.until((told) => told.type === 'commit' && told.checkpoint >= checkpoint)
  }

  async untilNextCommit(): Promise<void> {
    const commits = (): number => this.told.filter(({ type }) => type === 'commit').length
    const before = commits()
    await this.until(() => commits() > before)
  }

  /** So many recoveries are over. */
  async untilRecovered(count: number): Promise<void> {
    const resumed = (): number => this.told.filter(({ type }) => type === 'resumed').length
    await this.until(() => resumed() >= count)
  }

  /** Resolves when a host was told of as lost, and what it held, if anything, has been recovered. */
  async untilLost(host: string): Promise<void> {
    await this.until((told) => told.type === 'hostLost' && told.host === host)
    const losses = this.told.filter((told) => told.type === 'hostLost' && told.places.length > 0)
    await this.untilRecovered(losses.length)
  }

  /** Has it come to its end: all that it put out must be there once and in order. Returns whose losses it has recovered from. */
  async end(): Promise<string[][]> {
    this.#process.stdin!.write('\n')
    await this.until(({ type }) => type === 'over')
    await this.#process.ended
    const { emitted, recoveries } = this.told.at(-1) as Extract<Outcome, { type: 'over' }>
    expect(emitted).toEqual(emittedIn((emitted.length + 1) / 4))
    return recoveries.map(({ lost }) => [...lost].sort())
  }

  /** Hosts whose loss was told not to be covered, as of the last time. */
  get uncovered(): (string | null)[] {
    const last = this.told.findLast(({ type }) => type === 'hostCoverage')
    return last?.type === 'hostCoverage' ? last.hosts.map(({ host }) => host) : []
  }

  /** Hosts that were told of as lost. */
  get lostHosts(): (string | null)[] {
    return this.told.flatMap((told) => (told.type === 'hostLost' ? [told.host] : []))
  }
}

labTest('the power of a host goes off: one loss, one recovery, and it is taken again when it is back', async () => {
  const ring = new Ring()
  await ring.untilCommit(2)
  await shared.lab.powerOff('h3')
  await ring.untilLost('h3')
  expect(ring.lostHosts).toEqual(['h3'])
  await shared.lab.powerOn('h3')
  await startDaemon('h3')
  await ring.until((told) => told.type === 'warning' && told.text === 'host h3 takes processors now')
  expect(await ring.end()).toHaveLength(1)
})

labTest('one host after the other, each when the one before is back', async () => {
  const ring = new Ring()
  await ring.untilCommit(2)
  const lost: string[] = []
  for (const host of ['h2', 'h4', 'h5', 'h6']) {
    // Nothing is moved since it lies badly: that is told, and so is what cannot be lost then.
    if (ring.uncovered.includes(host)) continue
    lost.push(host)
    await shared.lab.powerOff(host)
    await ring.untilLost(host)
    // What is covered from then on was told before.
    await ring.untilNextCommit()
    await shared.lab.powerOn(host)
    await startDaemon(host)
  }
  const recovered = await ring.end()
  expect(recovered.flat().length).toBeGreaterThan(0)
  expect(lost.length).toBeGreaterThan(1)
  expect(ring.lostHosts).toEqual(lost)
})

labTest('a host that is cut off is given up, and told so when the cable is there again', async () => {
  const ring = new Ring()
  await ring.untilCommit(2)
  for (const { name } of hosts) if (name !== 'h2') await shared.lab.cut('h2', name)
  await ring.untilLost('h2')
  await shared.lab.heal()
  await ring.until((told) => told.type === 'fenced')
  expect(await ring.end()).toHaveLength(1)
})

labTest('nobody is given up where one of twenty packets gets lost', async () => {
  for (const { name } of hosts) if (name !== home) await shared.lab.lose(home, name, 5)
  const ring = new Ring()
  await ring.untilCommit(10)
  expect(await ring.end()).toEqual([])
  await shared.lab.heal()
})
