// What one message or output costs the protocol when thousands wait at once: the state machine of an application
// processor by itself. A line for each size; where a column grows with the size, something looks at all that wait.
// `npm run bench:bursts -- 400000` adds a size.
import {
  type ApplicationEvent,
  type ApplicationState,
  createApplication,
  stepApplication,
} from '../src/protocol/index.ts'

const sizes = [10_000, 40_000, 160_000, ...process.argv.slice(2).map(Number)]
const payload = new Uint8Array(8)

type Result = (ApplicationEvent & { type: 'stepEnded' })['result']

const idle: Result = {
  sends: [],
  outputs: [],
  waiting: { kind: 'receive', patterns: [{ from: 0, tag: 'x' }] },
  vars: null,
}

/** Under the scheme `none`: without captures, only the tables and queues are left. */
function computing(rank: number): ApplicationState {
  const state = createApplication(1, { rank, processes: 2, code: null, logBytesMax: 2 ** 40, rowBytes: 512 })
  const tell = (frame: (ApplicationEvent & { type: 'frame' })['frame']): void => {
    stepApplication(state, { type: 'frame', epoch: 1, from: 'conductor', frame })
  }
  tell({ type: 'plan', line: 0, rebuild: [{ target: state.place, sources: [] }], disk: null })
  stepApplication(state, { type: 'restored', epoch: 1, checkpoint: 0, blobs: new Map() })
  tell({ type: 'resume' })
  return state
}

/** Microseconds of processor time for each of `count`. */
function microseconds(count: number, work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

function measure(count: number): Readonly<Record<string, number>> {
  const each = (event: (index: number) => ApplicationEvent, state: ApplicationState) => () => {
    for (let index = 0; index < count; index += 1) stepApplication(state, event(index))
  }
  const [sender, receiver, source] = [computing(0), computing(1), computing(0)]
  const sends = Array.from({ length: count }, () => ({ to: 1, tag: 'x', payload }))
  const outputs = Array.from({ length: count }, () => ({ kind: 'emit' as const, payload }))
  const frame = { type: 'frame', epoch: 1 } as const
  const ack = (sequence: number) => ({ ...frame, from: 'a1', frame: { type: 'ack', sequence, interval: 0 } }) as const
  const message = (sequence: number) =>
    ({ ...frame, from: 'a0', frame: { type: 'message', sequence, interval: 0, tag: 'x', payload } }) as const
  const outputAck = (index: number) => ({ ...frame, from: 'conductor', frame: { type: 'outputAck', index } }) as const
  const ended = (result: Result) => ({ type: 'stepEnded', result }) as const
  const once = (state: ApplicationState, event: ApplicationEvent) => () => stepApplication(state, event)
  return {
    send: microseconds(count, once(sender, ended({ ...idle, sends }))),
    acknowledge: microseconds(count, each(ack, sender)),
    arrive: microseconds(count, each(message, receiver)),
    consume: microseconds(
      count,
      each(() => ended(idle), receiver),
    ),
    emit: microseconds(count, once(source, ended({ ...idle, outputs }))),
    'output taken': microseconds(count, each(outputAck, source)),
  }
}

process.stdout.write('Microseconds of processor time each, by how many wait\n\n')
measure(1000)
for (const [index, count] of sizes.entries()) {
  const figures = measure(count)
  if (index === 0) line('', Object.keys(figures))
  line(
    String(count),
    Object.values(figures).map((one) => one.toFixed(1)),
  )
}

function line(first: string, cells: readonly string[]): void {
  process.stdout.write(`${first.padStart(8)}${cells.map((cell) => cell.padStart(14)).join('')}\n`)
}
