import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { bytesOfFrame, bytesOfOpening, unixFabric } from '../../src/fabric/index.ts'
import { sightOfProcess } from '../../src/machine/local/process-sight.ts'
import { EchoWatch } from '../../src/machine/processor/echo-watch.ts'
import { MainWatch } from '../../src/machine/processor/main-watch.ts'
import { loadAddon } from '../../src/memory/native/index.ts'
import { patient } from '../load.ts'

const heartbeatUrl = new URL('../../dist/bundles/heartbeat.cjs', import.meta.url).href
const hangCpuMs = 300
const silenceMs = 400
const timeout = patient(30_000)

describe('a main thread', () => {
  it('hangs when it has used too much without a turn, and no more after its next', () => {
    const watch = new MainWatch(100)
    expect(watch.isHung(1, () => 1000)).toBe(false)
    expect(watch.isHung(1, () => 1100)).toBe(false)
    expect(watch.isHung(1, () => 1101)).toBe(true)
    expect(watch.isHung(2, () => 1150)).toBe(false)
    expect(watch.isHung(2, () => 1250)).toBe(false)
  })

  it('does not hang while it gets no time, or nobody knows how much it gets', () => {
    const watch = new MainWatch(100)
    for (let look = 0; look < 1000; look += 1) expect(watch.isHung(7, () => 1000)).toBe(false)
    for (let look = 0; look < 1000; look += 1) expect(watch.isHung(8, () => null)).toBe(false)
  })
})

/** Each has a process beat on a socket, and then do `work` in its main thread. */
const threads: Record<string, (address: string, work: string) => string> = {
  'in JavaScript': (address, work) => `
    import { Worker } from 'node:worker_threads'
    const turns = new SharedArrayBuffer(4)
    const count = new Int32Array(turns)
    setInterval(() => Atomics.add(count, 0, 1), 20)
    const hello = { processor: 1, link: 'heartbeat' }
    const workerData = { address: ${JSON.stringify(address)}, hello, turns, hangCpuMs: ${hangCpuMs}, silenceMs: ${silenceMs} }
    new Worker(new URL(${JSON.stringify(heartbeatUrl)}), { workerData, execArgv: [] }).on('message', (news) => {
      if (news === 'beating') { ${work} } else console.log(news)
    })`,
}
const { addon, path } = loadAddon()
if (addon?.makeHeart) {
  threads['in native code'] = (address, work) => `
    import { createRequire } from 'node:module'
    const addon = createRequire('/')(${JSON.stringify(path)})
    const heart = addon.makeHeart(${JSON.stringify(address)}, 100, ${hangCpuMs}, ${silenceMs})
    const opening = Uint8Array.of(${bytesOfOpening({ processor: 1, link: 'heartbeat' }).join()})
    heart.begin(opening, Uint8Array.of(${bytesOfFrame({}).join()}), (come) => console.log(come))
    setTimeout(() => { ${work} }, 50)
    process.stdin.resume()`
}

/** What the other end of the link does, and what the process has told of it: whether beats come back. */
interface FarEnd {
  echoes: boolean
  told: string
}

describe('echoes', () => {
  it('are missed after the silence that is allowed, and told of once, and when they come again', () => {
    const watch = new EchoWatch(1000)
    for (let ms = 0; ms <= 1000; ms += 100) expect(watch.look(ms)).toBe(null)
    expect(watch.look(1100)).toBe(false)
    expect(watch.look(1200)).toBe(null)
    watch.echoed()
    expect(watch.look(1300)).toBe(true)
    expect(watch.look(2300)).toBe(null)
  })

  it('are not missed by who slept himself', () => {
    const watch = new EchoWatch(1000)
    expect(watch.look(0)).toBe(null)
    for (let ms = 10_000; ms <= 10_900; ms += 100) expect(watch.look(ms)).toBe(null)
    expect(watch.look(11_100)).toBe(false)
  })
})

describe.each(Object.keys(threads))('the thread that beats, %s,', (kind) => {
  /** A process whose main thread does `work` once the heart beats; `beats` are the times of its beats. */
  async function beating(work: string, use: (beats: readonly number[], pid: number, far: FarEnd) => Promise<void>) {
    const folder = mkdtempSync(join(tmpdir(), 'paritas-test-'))
    const address = join(folder, 'c.sock')
    const beats: number[] = []
    const far: FarEnd = { echoes: true, told: '' }
    const listener = await unixFabric().listen(address, (link) => {
      link.onMessage = () => {
        beats.push(performance.now())
        if (far.echoes) link.send({})
      }
    })
    const script = threads[kind]!(address, work)
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 2] })
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      far.told += text
    })
    try {
      const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`it ended with ${code}`)))
      await Promise.race([ended, vi.waitFor(() => expect(beats.length).toBeGreaterThan(0), { timeout })])
      await Promise.race([ended, use(beats, child.pid!, far)])
    } finally {
      child.kill('SIGKILL')
      await listener.close('destroy')
      rmSync(folder, { recursive: true, force: true })
    }
  }

  it('beats no more when the main thread never comes to an end', { timeout: 2 * timeout }, async () => {
    await beating('for (;;);', async (beats, pid) => {
      await vi.waitFor(() => expect(performance.now() - beats.at(-1)!).toBeGreaterThan(3000), { timeout })
      expect(sightOfProcess(pid)).toMatchObject({ state: 'R' })
      expect(sightOfProcess(pid)!.cpuMs).toBeGreaterThan(hangCpuMs)
    })
  })

  it('beats on while the main thread is busy without end, and comes to its event loop', {
    timeout: 2 * timeout,
  }, async () => {
    const turn =
      'const turn = () => { for (const end = performance.now() + 20; performance.now() < end; ); setTimeout(turn) }'
    await beating(`${turn}; turn()`, async (beats, pid) => {
      await vi.waitFor(() => expect(sightOfProcess(pid)!.cpuMs).toBeGreaterThan(5 * hangCpuMs), { timeout })
      const before = beats.length
      await vi.waitFor(() => expect(beats.length).toBeGreaterThan(before + 5), { timeout })
    })
  })

  it('tells when beats come back no more, and when they do again', { timeout: 3 * timeout }, async () => {
    await beating('', async (_, __, far) => {
      const toldIs = (told: string) => vi.waitFor(() => expect(far.told).toBe(told), { timeout })
      far.echoes = false
      await toldIs('false\n')
      far.echoes = true
      await toldIs('false\ntrue\n')
    })
  })

  it('beats ten times a second while the main thread sleeps', { timeout: 2 * timeout }, async () => {
    await beating('', async (beats) => {
      await vi.waitFor(() => expect(beats.length).toBeGreaterThan(20), { timeout })
      const [first, last] = [beats[0]!, beats.at(-1)!]
      expect((last - first) / (beats.length - 1)).toBeGreaterThan(95)
    })
  })
})

if (addon?.makeHeart)
  describe('a native heart', () => {
    it('is not made where nobody listens', () => {
      expect(addon.makeHeart!('/nowhere/to/be/found.sock', 100, 1000, 1000)).toBe(null)
      expect(addon.makeHeart!(`/${'a'.repeat(200)}`, 100, 1000, 1000)).toBe(null)
    })
  })
