import { type Random, seededRandom } from '../../src/base/index.ts'
import { programCodec } from '../../src/machine/program/program-codec.ts'
import {
  type AnySizes,
  createProcess,
  memoryLayout,
  type Pattern,
  type Process,
  type Program,
  parseSizes,
  type Sending,
  type StepOutcome,
  type TypedArray,
  validateProgram,
} from '../../src/program/index.ts'

export interface Run {
  readonly size: AnySizes
  readonly results: unknown[]
  /** Process 0's values first, those of each process in the order in which it emitted them. */
  readonly emitted: unknown[]
  readonly progress: [done: number, total: number][]
}

interface Seat {
  process: Process
  readonly memory: SharedArrayBuffer
  readonly mailbox: (Sending & { readonly from: number })[]
  next: StepOutcome['next'] | null
}

/** One message of `mailbox` for each pattern, the oldest that matches; null if one is missing. */
function match(mailbox: Seat['mailbox'], patterns: readonly Pattern[]): Seat['mailbox'] | null {
  const matched: Seat['mailbox'] = []
  for (const { from, tag } of patterns) {
    const message = mailbox.find(
      (one) => !matched.includes(one) && (from === null || from === one.from) && (tag === null || tag === one.tag),
    )
    if (message === undefined) return null
    matched.push(message)
  }
  return matched
}

function runStep({ process, mailbox, next }: Seat): StepOutcome {
  if (next === null) return process.start()
  const messages = next.kind === 'receive' ? match(mailbox, next.patterns)! : []
  for (const message of messages) mailbox.splice(mailbox.indexOf(message), 1)
  return process.step(messages)
}

/**
 * Runs a program to its end in this thread, in an order of steps drawn from `seed`. After each step the process is made
 * anew on its memory, as after a recovery, so that state kept anywhere else is lost.
 */
export function runInOneThread(
  program: Program,
  options: {
    readonly processes: number
    readonly settings?: string[]
    readonly size?: AnySizes
    readonly input?: TypedArray
    readonly seed?: number
  },
): Run {
  validateProgram(program)
  const { processes } = options
  const size = options.size ?? parseSizes(program, options.settings ?? [])
  const random: Random = seededRandom(options.seed ?? 1)
  const run: Run = { size, results: [], emitted: [], progress: [] }
  const create = (rank: number, memory: SharedArrayBuffer, vars: Uint8Array | null): Process =>
    createProcess(program, {
      ...{ rank, processes, size, vars, buffer: memory, byteOffset: 64 },
      input: rank === 0 ? (options.input ?? null) : null,
      codec: programCodec,
      onProgress: (done, total) => run.progress.push([done, total]),
    })
  const emittedBy: unknown[][] = Array.from({ length: processes }, () => [])
  const seats = Array.from({ length: processes }, (_, rank): Seat => {
    const memory = new SharedArrayBuffer(64 + memoryLayout(program, { rank, processes, size }).bytes)
    return { process: create(rank, memory, null), memory, mailbox: [], next: null }
  })

  const canStep = (rank: number): boolean => {
    const { next, mailbox } = seats[rank]!
    return next?.kind !== 'receive' || match(mailbox, next.patterns) !== null
  }
  for (;;) {
    const ranks = [...seats.keys()].filter((rank) => seats[rank]!.next?.kind !== 'done')
    if (ranks.length === 0) return { ...run, emitted: emittedBy.flat() }
    const first = random.integer(0, ranks.length - 1)
    const order = [...ranks.slice(first), ...ranks.slice(0, first)]
    const rank = order.find(canStep)
    if (rank === undefined) throw new Error(`deadlock: ${ranks.join(', ')} wait for messages`)
    const seat = seats[rank]!
    const { sends, emits, next, vars } = runStep(seat)
    seat.next = next
    for (const send of sends) seats[send.to]!.mailbox.push({ ...send, from: rank })
    emittedBy[rank]!.push(...emits.map((emit) => programCodec.decode(emit) as unknown))
    if (next.kind === 'done') run.results[rank] = programCodec.decode(next.result)
    else seat.process = create(rank, seat.memory, vars)
  }
}
