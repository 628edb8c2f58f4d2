/** The hosts of a run as its launcher sees them, with daemons that only note what they are told. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type ProcessorId, processorId } from '../../src/base/index.ts'
import type { Link, LinkEnd } from '../../src/fabric/index.ts'
import { ClockOffset } from '../../src/machine/beats/clock-offset.ts'
import { ProgramBundle } from '../../src/machine/bundle/program-bundle.ts'
import type { RunHost } from '../../src/machine/index.ts'
import type { HostBeats } from '../../src/machine/launcher/hosts/host-link.ts'
import { Hosts, type HostsListener } from '../../src/machine/launcher/hosts/hosts.ts'
import { onOwnClock } from '../../src/machine/launcher/hosts/own-clock.ts'
import type { FromDaemon, ToDaemon } from '../../src/machine/wire/hosting.ts'

/** A daemon's end of a link. */
class Daemon {
  readonly told: ToDaemon[] = []
  link: Link | null = null
  /** Whether beats are answered. */
  answers = true
  /** It does nothing that it is told. */
  isDeaf = false
  #timer: NodeJS.Timeout | null = null

  beat(onAnswer: () => void): HostBeats {
    this.#timer = setInterval(() => void (this.answers && onAnswer()), 50)
    return { clock: new ClockOffset(), close: () => clearInterval(this.#timer!) }
  }

  /** The launcher's end. */
  connect(): Link {
    const { told } = this
    const isDeaf = (): boolean => this.isDeaf
    const link = {
      ...{ peer: null, queuedBytes: 0, receivedBytes: 0, closed: false },
      onMessage: null as ((message: unknown) => void) | null,
      onClose: null as ((end: LinkEnd) => void) | null,
      send(message: unknown) {
        told.push(message as ToDaemon)
        if ((message as ToDaemon).type === 'close' && !isDeaf())
          queueMicrotask(() => this.onMessage?.({ type: 'closed' }))
        return 1
      },
      whenDrained: async () => {},
      destroy() {
        this.onClose?.({ kind: 'closed', detail: 'closed' })
        this.onClose = null
      },
      reject(reason: string) {
        this.onClose?.({ kind: 'damaged', detail: reason })
        this.onClose = null
      },
    }
    this.link = link as unknown as Link
    return this.link
  }

  says(message: FromDaemon): void {
    this.link?.onMessage?.(message)
  }

  dies(): void {
    this.link?.onClose?.({ kind: 'ended', detail: 'the peer has ended the connection' })
  }

  get started(): ProcessorId[] {
    return this.told.flatMap((order) => (order.type === 'start' ? [order.processor] : []))
  }

  toldOf(type: ToDaemon['type']): ToDaemon[] {
    return this.told.filter((order) => order.type === type)
  }
}

const bundle = new ProgramBundle('p', { version: '1', api: 1 }, [['program.mjs', new Uint8Array(300_000)]])
const hosts: readonly RunHost[] = ['h1', 'h2', 'h3'].map((name, index) => ({
  name,
  address: '127.0.0.1',
  port: 1 + index,
  processorsMax: null,
}))

/** What was told of the run's hosts, in words. */
class Stage {
  readonly daemons = new Map<string, Daemon>()
  readonly heard: string[] = []
  readonly hosts: Hosts
  /** Those that are not there. */
  readonly away = new Set<string>()
  /** What comes of a knock. */
  knock: Promise<'there' | 'refused'> = new Promise(() => {})

  constructor(list: readonly RunHost[] = hosts) {
    const say =
      (what: string) =>
      (...args: unknown[]): void =>
        void this.heard.push([what, ...args.map(nameOf)].join(' '))
    const listener: HostsListener = {
      ...{ onStarted: say('started'), onReady: say('ready'), onEnded: say('ended'), onNews: say('news') },
      ...{ onLost: say('lost'), onSilent: say('silent'), onHeard: say('heard'), onSlow: say('slow') },
      ...{ onHostLost: say('host lost'), onHostSilent: say('host silent'), onHostHeard: say('host heard') },
      ...{ onHostUp: say('host up'), onStarting: say('starting'), onConductor: say('conductor') },
      ...{ onHopeless: say('hopeless'), onWarning: say('warning') },
      standingOf: () => 1,
    }
    this.hosts = new Hosts({
      hosts: list,
      places: 6,
      hello: { run: 'r', version: '1' },
      knock: () => this.knock,
      opening: { configuration: {} as never, digest: bundle.digest, mayConnect: false },
      bundle,
      connect: async ({ name }) => {
        if (this.away.has(name)) throw new Error(`cannot connect to ${name}`)
        const daemon = new Daemon()
        this.daemons.set(name, daemon)
        return daemon.connect()
      },
      beat: ({ port, onAnswer }) => this.daemon(list[port - 1]!.name).beat(onAnswer),
      listener,
    })
  }

  daemon(name: string): Daemon {
    return this.daemons.get(name)!
  }

  /** All that are there take processors. */
  async open(): Promise<void> {
    const opened = this.hosts.open()
    await vi.waitFor(() => expect(this.daemons.size).toBe(hosts.length - this.away.size))
    for (const daemon of this.daemons.values()) daemon.says({ type: 'opened' })
    await opened
  }

  /** So many more, each ready. */
  start(count: number): void {
    const up = this.hosts.hosts
    for (let index = 0; index < count; index += 1) this.hosts.start(up[index % up.length]!.name)
    for (const daemon of this.daemons.values()) {
      for (const processor of daemon.started) {
        if (this.hosts.find(processor)?.status === 'starting') {
          daemon.says({ type: 'started', processor, pid: 100 + processor })
          daemon.says({ type: 'ready', processor, address: null })
        }
      }
    }
    this.heard.length = 0
  }
}

function nameOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(nameOf).join(' ')}]`
  if (value instanceof Error) return value.message
  const { id, type } = value as { id?: number; type?: string }
  return id === undefined ? (type ?? String(value)) : `p${id}`
}

let stage: Stage
beforeEach(() => {
  stage = new Stage()
})
afterEach(() => stage.hosts.close(false))

test('processors are started where they are to be, with numbers of their own', async () => {
  await stage.open()
  stage.start(5)
  expect(['h1', 'h2', 'h3'].map((name) => stage.daemon(name).started)).toEqual([[1, 4], [2, 5], [3]])
  expect(stage.hosts.living.map(({ id, host, pid }) => [id, host, pid])).toEqual([
    [1, 'h1', 101],
    [2, 'h2', 102],
    [3, 'h3', 103],
    [4, 'h1', 104],
    [5, 'h2', 105],
  ])
})

test('a host that cannot be reached is told of, and the others go on', async () => {
  stage.away.add('h2')
  await stage.open()
  expect(stage.heard).toEqual(['warning host h2 takes no processors: cannot connect to h2'])
  stage.start(2)
  expect([stage.daemon('h1').started, stage.daemon('h3').started]).toEqual([[1], [2]])
})

test('where none of them can be, there is no run', async () => {
  for (const { name } of hosts) stage.away.add(name)
  await expect(stage.hosts.open()).rejects.toThrow(/none of the hosts takes processors/)
})

test('what a daemon refuses is told', async () => {
  const opened = stage.hosts.open()
  await vi.waitFor(() => expect(stage.daemons.size).toBe(3))
  stage.daemon('h1').says({ type: 'refused', reason: 'host h1 has Paritas 2, and the run is of 1' })
  for (const name of ['h2', 'h3']) stage.daemon(name).says({ type: 'opened' })
  await opened
  expect(stage.heard).toEqual(['warning host h1 takes no processors: host h1 has Paritas 2, and the run is of 1'])
})

test('hosts that have too little room for the run are refused, with the numbers', async () => {
  stage = new Stage(hosts.map((host) => ({ ...host, processorsMax: 1 })))
  await expect(stage.open()).rejects.toThrow(
    'the 3 hosts that take processors have room for 3, and the run has 6: add hosts,',
  )
})

test('a host that answers no datagrams takes no processors', async () => {
  const opened = stage.hosts.open()
  await vi.waitFor(() => expect(stage.daemons.size).toBe(3))
  stage.daemon('h2').answers = false
  for (const daemon of stage.daemons.values()) daemon.says({ type: 'opened' })
  await opened
  expect(stage.heard).toEqual([
    'warning host h2 takes no processors: it answers no datagrams at 127.0.0.1:2 (UDP): is there a firewall between?',
  ])
})

test('messages, signals and endings go by the daemon', async () => {
  await stage.open()
  stage.start(3)
  const second = stage.hosts.find(processorId(2))!
  second.send({ type: 'standBy' })
  second.signal('SIGSTOP')
  stage.hosts.lose(second, 'it sent what is no frame')
  expect(stage.daemon('h2').told.slice(-3)).toEqual([
    { type: 'tell', processor: 2, message: { type: 'standBy' } },
    { type: 'signal', processor: 2, signal: 'SIGSTOP' },
    { type: 'lose', processor: 2, why: 'it sent what is no frame' },
  ])
  const whenEnded = vi.fn()
  stage.daemon('h2').says({ type: 'lost', processor: processorId(2), why: 'its process ended' })
  second.whenEnded(whenEnded)
  expect(whenEnded).not.toHaveBeenCalled()
  stage.daemon('h2').says({ type: 'ended', processor: processorId(2), ending: 'was ended by SIGKILL' })
  expect(whenEnded).toHaveBeenCalledOnce()
  expect(stage.heard).toEqual(['lost p2 its process ended true'])
  expect([second.ending, stage.hosts.find(processorId(2))]).toEqual(['was ended by SIGKILL', null])
})

test('one that was replaced, or told to end, is no loss of the machine', async () => {
  await stage.open()
  stage.start(3)
  const [first, second] = [stage.hosts.find(processorId(1))!, stage.hosts.find(processorId(2))!]
  first.status = 'replaced'
  second.status = 'gone'
  stage.daemon('h1').says({ type: 'lost', processor: processorId(1), why: 'x' })
  stage.daemon('h2').says({ type: 'lost', processor: processorId(2), why: 'x' })
  expect(stage.heard).toEqual(['lost p1 x false'])
})

test('all that was on a host is lost with its daemon, at once, and the host is taken again when it is back', async () => {
  await stage.open()
  stage.start(6)
  const before = stage.daemon('h2')
  before.dies()
  expect(stage.heard).toEqual(['host lost h2 [p2 p5] the peer has ended the connection'])
  expect(stage.hosts.living.map(({ id }) => id)).toEqual([1, 3, 4, 6])
  await vi.waitFor(() => expect(stage.daemon('h2')).not.toBe(before), { timeout: 5000 })
  stage.daemon('h2').says({ type: 'opened' })
  await vi.waitFor(() => expect(stage.heard.at(-1)).toBe('host up h2'))
  stage.hosts.start('h2')
  expect(stage.daemon('h2').started).toEqual([7])
})

test('a daemon that is told to end says so, and all that it has is one loss', async () => {
  await stage.open()
  stage.start(6)
  const daemon = stage.daemon('h2')
  daemon.says({ type: 'leaving', reason: 'its daemon was told to end' })
  for (const processor of [2, 5]) daemon.says({ type: 'ended', processor: processorId(processor), ending: 'x' })
  expect(stage.heard).toEqual(['host lost h2 [p2 p5] its daemon was told to end'])
})

test('a processor that ends is lost, whether its daemon has said so or not', async () => {
  await stage.open()
  stage.start(3)
  stage.daemon('h2').says({ type: 'ended', processor: processorId(2), ending: 'was ended by SIGKILL' })
  expect(stage.heard).toEqual(['lost p2 its process was ended by SIGKILL true'])
})

test('what starts on a host that falls silent is waited for no more', async () => {
  await stage.open()
  stage.hosts.start('h2')
  stage.daemon('h2').answers = false
  const lines = ['host silent h2 [] it does not answer', 'lost p1 its host does not answer false']
  await vi.waitFor(() => expect(stage.heard).toEqual(lines), { timeout: 5000 })
  expect(stage.daemon('h2').told.at(-1)).toEqual({ type: 'lose', processor: 1, why: 'it does not get ready' })
})

test('one that falls silent while its host is silent stays so when that is heard, and the other way round', async () => {
  await stage.open()
  stage.start(6)
  const daemon = stage.daemon('h2')
  const tell = (type: 'silent' | 'heard', processor: number): void =>
    daemon.says({ type, processor: processorId(processor), why: 'its heartbeats are missing' } as FromDaemon)
  tell('silent', 5)
  daemon.answers = false
  await vi.waitFor(() => expect(stage.heard.at(-1)).toBe('host silent h2 [p2] it does not answer'), { timeout: 5000 })
  // These were under way.
  tell('silent', 2)
  tell('heard', 5)
  expect([2, 5].map((id) => stage.hosts.find(processorId(id))!.silent)).toEqual([true, true])
  daemon.answers = true
  await vi.waitFor(() => expect(stage.heard.at(-1)).toBe('host heard h2 [p5]'), { timeout: 5000 })
  expect([2, 5].map((id) => stage.hosts.find(processorId(id))!.silent)).toEqual([true, false])
  tell('heard', 2)
  expect(stage.heard.at(-1)).toBe('heard p2')
})

test('a host whose kernel answers is only busy, and is waited for', async () => {
  await stage.open()
  stage.start(3)
  stage.knock = Promise.resolve('there')
  const daemon = stage.daemon('h2')
  daemon.answers = false
  await new Promise((resolve) => setTimeout(resolve, 1000))
  expect(stage.heard).toEqual([])
  daemon.answers = true
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(stage.heard).toEqual([])
})

test('a run comes to its end though a host falls silent meanwhile', async () => {
  await stage.open()
  stage.start(3)
  stage.daemon('h2').isDeaf = true
  stage.daemon('h2').answers = false
  await stage.hosts.close(true)
  expect(stage.heard).toEqual([])
})

test('a host that answers no beat is silent with all on it, and is heard with all again', async () => {
  await stage.open()
  stage.start(6)
  const daemon = stage.daemon('h2')
  daemon.says({ type: 'silent', processor: processorId(5), why: 'its heartbeats are missing' })
  stage.heard.length = 0
  daemon.answers = false
  await vi.waitFor(() => expect(stage.heard).toEqual(['host silent h2 [p2] it does not answer']), {
    timeout: 5000,
  })
  expect([2, 5, 1].map((id) => stage.hosts.find(processorId(id))!.silent)).toEqual([true, true, false])
  // Nobody is started where nobody hears.
  expect(stage.hosts.hosts.map(({ name }) => name)).toEqual(['h1', 'h3'])
  stage.hosts.start('h2')
  expect(daemon.started).toEqual([2, 5])
  daemon.answers = true
  await vi.waitFor(() => expect(stage.heard.at(-1)).toBe('host heard h2 [p2]'), { timeout: 5000 })
  expect([2, 5].map((id) => stage.hosts.find(processorId(id))!.silent)).toEqual([false, true])
})

test('a daemon that has not got the program asks for it, part by part', async () => {
  const opened = stage.hosts.open()
  await vi.waitFor(() => expect(stage.daemons.size).toBe(3))
  const daemon = stage.daemon('h2')
  const { digest } = bundle
  const ask = (file: number | null, offset: number): void =>
    daemon.says({ type: 'bundleWanted', digest, file, offset, bytesMax: 131_072 })
  ask(null, 0)
  ask(0, 0)
  ask(0, 262_144)
  daemon.says({ type: 'bundleWanted', digest: digest.replace(/./, 'f'), file: 0, offset: 0, bytesMax: 1 })
  await vi.waitFor(() => expect(daemon.told).toHaveLength(5))
  expect(daemon.told.slice(1).map((answer) => [answer.type, 'bytes' in answer ? answer.bytes.length : 0])).toEqual([
    ['bundlePart', bundle.part(null, 0, 1e6)!.bytes.length],
    ['bundlePart', 131_072],
    ['bundlePart', 300_000 - 262_144],
    ['bundleMissing', 0],
  ])
  for (const one of stage.daemons.values()) one.says({ type: 'opened' })
  await opened
})

test('a daemon that says twice that it takes processors is not waited for again', async () => {
  await stage.open()
  stage.start(3)
  stage.daemon('h2').says({ type: 'opened' })
  await new Promise((resolve) => setTimeout(resolve, 3200))
  expect(stage.heard).toEqual([])
})

test('what no daemon says ends the link to it', async () => {
  await stage.open()
  stage.start(3)
  stage.daemon('h3').says({ type: 'ready' } as never)
  expect(stage.heard).toEqual([`host lost h3 [p3] a message of type 'ready': processor is missing`])
})

test('times of another clock are put on this one', () => {
  expect(onOwnClock({ type: 'computing', epoch: 3, atMs: 1010 }, 1000)).toEqual({
    type: 'computing',
    epoch: 3,
    atMs: 10,
  })
  expect(onOwnClock({ type: 'written', bytes: 1, beganMs: 1001, endedMs: 1002 }, 1000)).toMatchObject({
    beganMs: 1,
    endedMs: 2,
  })
  const line = { kind: 'event', atMs: 1005, place: 'a0', epoch: 1, text: '', what: {} } as never
  expect(onOwnClock({ type: 'trace', lines: [line] }, 1000)).toMatchObject({ lines: [{ atMs: 5 }] })
  expect(onOwnClock({ type: 'progress', done: 1, total: 2 }, 1000)).toEqual({ type: 'progress', done: 1, total: 2 })
})
