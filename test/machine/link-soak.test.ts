/**
 * Real runs whose links break: a proxy before every processor cuts, halves, delays and swallows what goes by, at random.
 * `npm run soak:links -- --seconds 600 --seed 7` does it for longer. And every frame of a recovery that was recorded on
 * the way is struck in turn.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, describe, expect, it, test } from 'vitest'
import { seededRandom } from '../../src/base/index.ts'
import { FrameDecoder } from '../../src/fabric/frame-decoder.ts'
import { unixFabric } from '../../src/fabric/index.ts'
import { type Envelope, envelopeProblem } from '../../src/protocol/index.ts'
import { useFabric } from '../fabric/harness.ts'
import { type StrikeKind, strikeKinds } from '../fabric/proxy.ts'
import { type ProxiedFabric, proxiedSession } from '../fabric/sessions-contract.ts'
import { patient } from '../load.ts'
import { ProgramModules } from './program-modules.ts'
import { Proxies } from './proxies.ts'
import { lossesOf, runProgram, silent } from './run-program.ts'

const seconds = Number(process.env.PARITAS_SOAK_SECONDS ?? 4)
const seed = Number(process.env.PARITAS_SEED ?? Date.now() % 1_000_000_000)

/** Without which a run would show nothing. */
const strikesLeast = 8

const modules = new ProgramModules()
afterAll(() => modules.remove())

/** Numbers go around a ring, and grow with each round, until a file is there: none may be lost or come twice. */
const untilFile = modules.write(
  'link-soak.ts',
  `import { existsSync } from 'node:fs'
   import { defineProgram, f64, text, u32 } from 'paritas'

   export default defineProgram({
     name: 'link-soak',
     size: { until: text({ default: '', help: 'file that ends the run' }) },
     memory: () => ({ round: u32(), values: f64(50_000) }),
     start(self) {
       if (self.rank === 0) self.send(self.right, 'round', Float64Array.of(1, ...new Array(2000).fill(1)))
       return self.receive({ from: self.left })
     },
     step(self, [message]) {
       const { tag, value } = message
       self.memory.round += 1
       const { round, values } = self.memory
       for (const one of [0, 1000, 2000]) {
         if (value[one] !== round) throw new Error('round ' + value[one] + ' in round ' + round)
       }
       for (let at = round % 50; at < values.length; at += 50) values[at] += 1
       const isFirst = self.rank === 0
       const total = (from, to) => values.slice(from, to).reduce((sum, one) => sum + one, 0)
       if (isFirst && tag === 'last') return self.done([round, total(0, 50_000)])
       const next = isFirst && existsSync(self.size.until) ? 'last' : tag
       self.send(self.right, next, new Float64Array(2001).fill(isFirst ? round + 1 : round))
       return !isFirst && next === 'last' ? self.done([round, total(0, 50_000)]) : self.receive({ from: self.left })
     },
     verify: ({ results }) => (results.every(([rounds, sum]) => rounds === results[0][0] && sum === rounds * 1000) ? null : 'rounds ' + results),
   })`,
)

/** What the greatest processor of the run has taken of memory that it shares with nobody. */
function mostOwnBytes(folder: string): number {
  const sizes = readdirSync('/proc').map((pid) => {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) return 0
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)) return 0
      return 1024 * Number(/^RssAnon:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
    } catch {
      // It has ended.
      return 0
    }
  })
  return Math.max(...sizes)
}

const recorded: Envelope[] = []

/** All that goes by in the first epoch after a loss, as it was sent; what lies in slots is made up. */
function record(): (frame: Uint8Array, link: string) => void {
  const decoders = new Map<string, FrameDecoder>()
  return (frame, link) => {
    let decoder = decoders.get(link)
    if (!decoder) {
      decoder = new FrameDecoder(2 ** 30, (message) => {
        if (envelopeProblem(message) === null && (message as Envelope).epoch === 2) recorded.push(message as Envelope)
      })
      const view = (_: number, length: number) => new Uint8Array(length).fill(recorded.length)
      decoder.borrower = { takesNow: false, view, keep: () => () => {}, giveBack: () => {}, noteNews: () => {} }
      decoders.set(link, decoder)
    }
    decoder.push(frame.slice())
  }
}

test(
  `nobody is given up for links that break, and the result is right: PARITAS_SEED=${seed}, ${seconds} s`,
  async () => {
    const random = seededRandom(seed)
    const flag = join(modules.folder, 'until')
    const kinds: readonly StrikeKind[] = [
      ...new Array(5).fill('cut'),
      ...new Array(5).fill('halve'),
      'delay',
      'delay',
      'swallow',
      'mute',
    ]
    let proxies: Proxies | null = null
    let [mostBytes, resumed, folder] = [0, 0, 'nowhere']
    const struck = new Set<number>()
    let beganMs = Number.POSITIVE_INFINITY
    const look = setInterval(() => {
      mostBytes = Math.max(mostBytes, mostOwnBytes(folder))
      const isLong = performance.now() - beganMs > 1000 * seconds
      if (isLong && resumed > 0 && proxies!.strikes >= strikesLeast) writeFileSync(flag, '')
    }, 500)
    const ran = await runProgram({
      program: untilFile,
      sizes: [`until=${flag}`],
      faults: [
        {
          kind: 'kill',
          who: seconds < 30 ? 'a1' : 'random',
          when: seconds < 30 ? { kind: 'commit', checkpoint: 3 } : { kind: 'every', ms: 15_000 },
        },
      ],
      options: { timeoutMs: 100, seed, signal: AbortSignal.timeout(patient(60_000) + 1500 * seconds) },
      surround(runFolder) {
        folder = runFolder
        proxies = new Proxies(folder, {
          strike: () => (random.integer(1, seconds < 30 ? 40 : 150) === 1 ? random.pick(kinds) : null),
          onFrame: record(),
        })
        return proxies
      },
      onNews(one) {
        if (one.type === 'started') beganMs = performance.now()
        if (one.type === 'fault') struck.add(one.pid)
        if (one.type === 'resumed') resumed += 1
      },
    })
    clearInterval(look)
    expect(ran.complaint).toBeNull()
    expect(lossesOf(ran)).toHaveLength(resumed)
    // Heartbeats go past the proxies: who has none for so long on a busy computer is lost for that.
    const given = ran.news.flatMap((one) =>
      one.type === 'lost' && !struck.has(one.pid) && one.why !== silent ? [one.why] : [],
    )
    expect(given).toEqual([])
    expect(proxies!.strikes).toBeGreaterThanOrEqual(strikesLeast)
    expect(mostBytes).toBeLessThan(400 * 2 ** 20)
    process.stdout.write(
      `${proxies!.strikes} strikes on ${proxies!.links} links, ${struck.size} kills, ${Math.round(mostBytes / 2 ** 20)} MiB at most\n`,
    )
  },
  patient(120_000) + 2000 * seconds,
)

test(
  'of two that live and cannot reach each other one is given up, and never both',
  async () => {
    const flag = join(modules.folder, 'until-decided')
    let pair: string | null = null
    const ran = await runProgram({
      program: untilFile,
      sizes: [`until=${flag}`],
      options: { timeoutMs: 100, signal: AbortSignal.timeout(patient(60_000)) },
      surround: (runFolder) =>
        new Proxies(runFolder, {
          strike(frame, name) {
            const sender = helloFrom(frame)
            if (sender === null) return null
            const link = `${sender} to ${name}`
            // The first who wants to reach another one never does.
            pair ??= link
            return link === pair ? 'cut' : null
          },
        }),
      onNews(one) {
        if (one.type === 'resumed') writeFileSync(flag, '')
      },
    })
    expect(ran.complaint).toBeNull()
    const losses = ran.news.flatMap((one) => (one.type === 'lost' ? [one.why.replace(/\(.*/, '')] : []))
    expect(losses).toEqual(['its link broke '])
  },
  patient(90_000),
)

/** Whose hello a frame is; null if it is none. */
function helloFrom(frame: Uint8Array): number | null {
  let sender: number | null = null
  const decoder = new FrameDecoder(2 ** 30, (message) => {
    const { hello } = message as { readonly hello?: { readonly processor: number } }
    sender = hello?.processor ?? null
  })
  decoder.push(frame.slice())
  return sender
}

const unix: ProxiedFabric = {
  name: 'unixFabric',
  make: unixFabric,
  freshAddress: (directory) => join(directory, 'a0.sock'),
  frontOf: (address) => `${address}.front`,
  parts: (path) => ({ path }),
}

const framesMax = 40
const pageBytesMax = 32 * 1024

/** Frames of pages shortened, and not all of one kind. */
function recording(): Envelope[] {
  const counts = new Map<string, number>()
  const some = recorded.filter(({ frame: { type } }) => {
    counts.set(type, (counts.get(type) ?? 0) + 1)
    return counts.get(type)! <= 8
  })
  return some.slice(0, framesMax).map((envelope) => {
    const { frame } = envelope
    if (!('batch' in frame)) return envelope
    const bytes = Uint8Array.from(frame.batch.bytes.subarray(0, pageBytesMax))
    return { ...envelope, frame: { ...frame, batch: { ...frame.batch, bytes } } } as Envelope
  })
}

describe('a recording of a recovery', () => {
  const bench = useFabric(unix)

  it('has images and messages in it', () => {
    const types = new Set(recording().map(({ frame }) => frame.type))
    expect([...types]).toEqual(expect.arrayContaining(['image', 'imageEnd', 'message']))
  })

  it.each(strikeKinds)(
    'arrives once and in order whichever frame meets this: %s',
    async (kind) => {
      const sent = recording()
      const timing = { ackMs: 2, overdueMs: 60, retryMs: 1, downMs: 10_000 }
      // The hello goes first, and each link tells where it begins.
      for (let at = 0; at < sent.length + 2; at += 1) {
        const one = await proxiedSession(unix, bench, { timing, strike: (frames) => (frames === at ? kind : null) })
        for (const envelope of sent) one.sender.send(envelope)
        await one.untilArrived(sent.length)
        expect(isDeepStrictEqual(one.arrived, sent)).toBe(true)
        await one.close()
        await bench.closeAll()
      }
    },
    patient(30_000),
  )
})
