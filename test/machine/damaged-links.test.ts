/** Bytes and messages that are none, on the links of a machine that runs: named, cut off, and survived. */
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { bytesOfFrame, unixFabric } from '../../src/fabric/index.ts'
import type { RunNews } from '../../src/machine/index.ts'
import { patient } from '../load.ts'
import { ProgramModules } from './program-modules.ts'
import { lossesOf, type Ran, runProgram, silent } from './run-program.ts'

interface Socket {
  readonly folder: string
  /** Number of the processor, as its socket and its hello have it. */
  readonly processor: number
}

/** Where a processor listens: its command line ends with it, and so does the title that takes its place. */
function socketOf(pid: number): Socket {
  const [folder, processor] = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    .replaceAll('\0', ' ')
    .trim()
    .split(/ +/)
    .slice(-2)
  return { folder: folder!, processor: Number(processor) }
}

type Started = Extract<RunNews, { type: 'started' }>

const modules = new ProgramModules()
afterAll(() => modules.remove())

/** A number goes around a ring, and grows with each round, until a file is there. */
const untilFile = modules.write(
  'until-file.ts',
  `import { existsSync } from 'node:fs'
   import { defineProgram, text, u32 } from 'paritas'

   export default defineProgram({
     name: 'until-file',
     size: { until: text({ default: '', help: 'file that ends the run' }) },
     memory: () => ({ round: u32() }),
     start(self) {
       if (self.rank === 0) self.send(self.right, 'round', 1)
       return self.receive({ from: self.left })
     },
     step(self, [message]) {
       const { tag, value } = message!
       self.memory.round += 1
       if (value !== self.memory.round) throw new Error('round ' + value + ' in round ' + self.memory.round)
       const isFirst = self.rank === 0
       if (isFirst && tag === 'last') return self.done(value)
       const next = isFirst && existsSync(self.size.until) ? 'last' : tag
       self.send(self.right, next, isFirst ? self.memory.round + 1 : self.memory.round)
       return !isFirst && next === 'last' ? self.done(value) : self.receive({ from: self.left })
     },
     verify: ({ results }) => (results.every((one) => one === results[0]) ? null : 'rounds ' + results),
   })`,
)

let runs = 0

/**
 * Runs a program until it has been disturbed and \`isSeen\` says that the machine has noticed. \`disturb\` gets the sockets
 * of all processors by what they are, once the program has begun.
 */
async function disturbed(
  disturb: (sockets: ReadonlyMap<string, Socket>) => Promise<void>,
  isSeen = (news: readonly RunNews[]): boolean => news.some(({ type }) => type === 'resumed'),
): Promise<Ran> {
  runs += 1
  const flag = join(modules.folder, `disturbed-${runs}`)
  const news: RunNews[] = []
  let disturbance = Promise.resolve()
  let isOver = false
  const endWhenSeen = (): void => {
    if (isOver && isSeen(news)) writeFileSync(flag, '')
  }
  const ran = await runProgram({
    program: untilFile,
    sizes: [`until=${flag}`],
    options: { timeoutMs: 40, signal: AbortSignal.timeout(patient(60_000)) },
    onNews(one) {
      news.push(one)
      if (one.type === 'started') {
        disturbance = disturb(socketsOf(one)).finally(() => {
          isOver = true
          endWhenSeen()
        })
      }
      endWhenSeen()
    },
  })
  await disturbance
  return ran
}

function socketsOf({ processors }: Started): Map<string, Socket> {
  return new Map(processors.map(({ name, pid }) => [name, socketOf(pid)]))
}

const warnings = ({ news }: Ran): string[] => news.flatMap((one) => (one.type === 'warning' ? [one.text] : []))
const losses = ({ news }: Ran): string[] =>
  news.flatMap((one) => (one.type === 'lost' && one.why !== silent ? [`${one.name}: ${one.why}`] : []))

test.each([
  ['a number', 42, 'an envelope is 42, not an object'],
  [
    'a frame of no type that there is',
    { epoch: 1, from: 'a2', to: 'a1', frame: { type: 'gossip' } },
    "an envelope: frame of type 'gossip', which there is not",
  ],
  [
    'pages beyond any memory',
    {
      ...{ epoch: 1, from: 'a2', to: 'a1' },
      frame: { type: 'image', target: 'a1', part: 0, batch: { numbers: [2 ** 40], bytes: new Uint8Array(4096) } },
    },
    "an envelope: frame of type 'image': batch is an object, not pages",
  ],
])('%s between processors: its sender is given up, and the run goes on', async (_, message, problem) => {
  const ran = await disturbed(async (sockets) => {
    const { folder, processor } = sockets.get('application processor 1')!
    const sender = sockets.get('application processor 2')!.processor
    const link = await unixFabric().connect(join(folder, `p${processor}.sock`), { processor: sender })
    link.onMessage = () => {}
    const end = new Promise((resolve) => {
      link.onClose = resolve
    })
    link.send(message)
    await end
  })
  expect(warnings(ran)).toEqual([`application processor 2 sent application processor 1 what is no frame: ${problem}`])
  expect(losses(ran)).toEqual([`application processor 2: it sent what is no frame (${problem})`])
  expect(lossesOf(ran)).toEqual([['a2']])
  expect(ran.complaint).toBeNull()
})

test('strangers at the sockets of launcher and processors are turned away by name; nobody is lost', async () => {
  const noise = Buffer.from('GET / HTTP/1.1\r\n\r\n')
  const ran = await disturbed(
    async (sockets) => {
      const { folder, processor } = sockets.get('checkpoint processor')!
      for (const name of ['c.sock', `p${processor}.sock`]) {
        const socket = connect(join(folder, name))
        socket.on('error', () => {})
        socket.resume()
        socket.write(noise)
        await once(socket, 'close')
      }
      // A second control link of a processor that has one, and one of a processor that there is not.
      for (const one of [processor, 99]) {
        const link = await unixFabric().connect(join(folder, 'c.sock'), { processor: one, link: 'control' })
        link.onMessage = () => {}
        await new Promise((resolve) => {
          link.onClose = resolve
        })
      }
    },
    (news) => news.filter(({ type }) => type === 'warning').length >= 2,
  )
  expect(warnings(ran)).toHaveLength(2)
  expect(warnings(ran)[0]).toMatch(/^a connection was turned away: a frame of \d+ bytes is longer than/)
  expect(warnings(ran)[1]).toMatch(/^a connection sent checkpoint processor what is no frame: a frame of \d+ bytes is/)
  expect(losses(ran)).toEqual([])
  expect(lossesOf(ran)).toEqual([])
  expect(ran.complaint).toBeNull()
})

test('heartbeats that are damaged count as a loss, and are named', async () => {
  const ran = await disturbed(async (sockets) => {
    const { folder, processor } = sockets.get('application processor 1')!
    const socket = connect(join(folder, 'c.sock'))
    socket.on('error', () => {})
    socket.resume()
    socket.write(bytesOfFrame({ paritas: 3, hello: { processor, link: 'heartbeat' } }))
    socket.write(Buffer.of(9, 0, 0, 0, 6, 0, 0, 0))
    await once(socket, 'close')
  })
  const problem = 'a frame of 9 bytes cannot have a header of 6'
  expect(losses(ran)).toEqual([`application processor 1: its heartbeats are damaged (${problem})`])
  expect(lossesOf(ran)).toEqual([['a1']])
  expect(ran.complaint).toBeNull()
})
