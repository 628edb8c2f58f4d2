import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type TestContext, test } from 'vitest'
import { isUsageError } from '../../src/base/index.ts'
import { type Lab, type LabSettings, openLab } from '../../src/lab/index.ts'
import { patient } from '../load.ts'

const agentPath = fileURLToPath(new URL('agent.mjs', import.meta.url))

/** Why there can be no laboratory on this computer; null: there can be. */
const whyNot = await reason()

async function reason(): Promise<string | null> {
  try {
    await (await openLab({ hosts: 1, cores: 0.5, memoryBytes: 64 * 1024 ** 2 })).close()
    return null
  } catch (error) {
    if (!isUsageError(error) || process.env.CI) throw error
    process.stderr.write(`Tests of laboratories are left out: ${error.message}\n`)
    return error.message
  }
}

/** A test that needs a laboratory; where there can be none it is skipped, and that is said. */
export function labTest(name: string, body: (context: TestContext) => Promise<void>): void {
  test(name, async (context) => {
    if (whyNot !== null) context.skip(whyNot)
    await body(context)
  })
}

/** One that all tests of a file share; it is not made where there can be none. */
export class SharedLab {
  #lab: Lab | null = null
  readonly #agents = new Map<string, Agent>()

  async open(settings: LabSettings): Promise<void> {
    if (whyNot === null) this.#lab = await openLab(settings)
  }

  async close(): Promise<void> {
    await this.#lab?.close()
  }

  get lab(): Lab {
    return this.#lab!
  }

  /** The one that is on the host, or a fresh one. */
  async agent(host: string): Promise<Agent> {
    const there = this.#agents.get(host)
    if (there !== undefined && !there.hasEnded) return there
    const agent = await Agent.start(this.lab, host)
    this.#agents.set(host, agent)
    return agent
  }
}

interface Told {
  readonly event: string
  readonly [field: string]: unknown
}

/** A process on a host that connects, sends and listens as it is told. */
export class Agent {
  readonly told: Told[] = []
  hasEnded = false
  readonly #process
  readonly #news = new EventTarget()

  private constructor(lab: Lab, host: string) {
    this.#process = lab.host(host).spawn([process.execPath, agentPath], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#process.stdin!.on('error', () => {})
    createInterface({ input: this.#process.stdout! }).on('line', (line) => {
      this.told.push(JSON.parse(line) as Told)
      this.#news.dispatchEvent(new Event('more'))
    })
    void this.#process.ended.then(() => {
      this.hasEnded = true
    })
  }

  static async start(lab: Lab, host: string): Promise<Agent> {
    const agent = new Agent(lab, host)
    await agent.next('ready')
    return agent
  }

  do(action: string, given: object = {}): void {
    this.#process.stdin!.write(`${JSON.stringify({ action, ...given })}\n`)
  }

  /** Resolves with the next thing of this kind that it tells, and takes that away. */
  async next(event: string): Promise<Told> {
    for (;;) {
      const at = this.told.findIndex((one) => one.event === event)
      if (at >= 0) return this.told.splice(at, 1)[0]!
      await once(this.#news, 'more', { signal: AbortSignal.timeout(patient(15_000)) })
    }
  }

  /** Milliseconds until the echo of so many bytes; null if it does not come. */
  async echo(to: string, { bytes = 1, withinMs = patient(5000) } = {}): Promise<number | null> {
    this.do('echo', { to, bytes, withinMs })
    return (await this.next('echoed')).tookMs as number | null
  }

  /** Sends packets to another agent's host; resolves with how many of them came. */
  async send(host: string, to: Agent, packets: number): Promise<number> {
    await to.received(0)
    let came = 0
    // No more at a time than there is room for while nobody takes them.
    for (let left = packets; left > 0; left -= 100) {
      const some = Math.min(left, 100)
      this.do('send', { to: host, packets: some })
      await this.next('sent')
      came += (await to.received(some)).received as number
    }
    return came
  }

  /** What has come by UDP since it was asked last: so many packets, or when none have come for a while. */
  async received(expected: number): Promise<Told> {
    this.do('received', { expected })
    return this.next('received')
  }
}

/** Runs a command on a host to its end. */
export async function runOn(
  lab: Lab,
  host: string,
  ...command: string[]
): Promise<{ readonly exitCode: number; readonly said: string }> {
  const running = lab.host(host).spawn(command)
  let said = ''
  for (const stream of [running.stdout!, running.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  return { exitCode: await running.ended, said: said.trim() }
}
