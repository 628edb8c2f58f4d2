/**
 * `paritas explore --exhaustive`: every interleaving of small worlds, one world after the other; with `--delays` every
 * schedule with few delays.
 */
import { writeFile } from 'node:fs/promises'
import { getHeapStatistics } from 'node:v8'
import { UsageError } from '../../base/index.ts'
import {
  type CounterExample,
  describeMoves,
  type ExhaustiveExploration,
  type ExhaustiveOptions,
  type ExhaustiveProgress,
  type ExhaustiveWorld,
  exhaustiveWorlds,
  exploreExhaustively,
  writeCounterExample,
} from '../../simulator/index.ts'
import { ViolationError } from '../exit-codes.ts'
import { parseWhole } from '../quantities.ts'
import { canRewrite, paintFor, type Surroundings } from '../surroundings.ts'
import { counted, inTime } from '../wording.ts'

export interface ExhaustiveArguments {
  readonly worlds: readonly string[]
  /** Not explored, since they were not asked for by name and are too large to be explored to their end. */
  readonly leftOut: readonly string[]
  /** Null: any number. */
  readonly delays: number | null
  readonly isJson: boolean
}

const worlds: Readonly<Record<string, ExhaustiveWorld>> = exhaustiveWorlds
export const worldNames = Object.keys(worlds)

const delaysMost = 100

/** Of the heap; more would leave its garbage collector too little room. */
const heapShare = 0.7

/** The options of an exhaustive exploration as they were typed. */
export interface TypedExhaustiveOptions {
  readonly world?: string
  readonly delays?: string
  readonly json?: true
}

/**
 * One world by its name, or all that are not broken on purpose and can be explored to their end. Throws a `UsageError` for
 * the first that is wrong.
 */
export function readExhaustiveArguments({ world, delays, json }: TypedExhaustiveOptions): ExhaustiveArguments {
  if (world !== undefined && !worldNames.includes(world)) {
    throw new UsageError(`--world: there is no '${world}': there are ${worldNames.join(', ')}`)
  }
  const named = world === undefined ? worldNames.filter((name) => !worlds[name]!.wanted) : [world]
  const leftOut = world === undefined && delays === undefined ? named.filter((name) => worlds[name]!.tooLarge) : []
  return {
    worlds: named.filter((name) => !leftOut.includes(name)),
    leftOut,
    delays: delays === undefined ? null : parseWhole('--delays', delays, { min: 0, max: delaysMost }),
    isJson: json ?? false,
  }
}

/**
 * Explores and prints. Throws a `ViolationError` at the first counter-example, which is in a file then, and a `UsageError`
 * if a world has more states than there is room for.
 */
export async function exploreExhaustive(
  args: ExhaustiveArguments,
  surroundings: Pick<Surroundings, 'stdout' | 'stderr' | 'env' | 'now'>,
  bounds: Pick<ExhaustiveOptions, 'statesMax'> = {},
): Promise<void> {
  const { stdout, stderr, env, now } = surroundings
  const report = args.isJson ? stderr : stdout
  const explored: object[] = []
  let failure: string | null = null
  const unfinished: string[] = []
  for (const name of args.leftOut) {
    report.write(
      `${name}: left out, it has too many interleavings; --world ${name} --delays 2 explores those with few delays\n`,
    )
  }
  for (const name of args.worlds) {
    const world = worlds[name]!
    report.write(`${name}: ${world.description}\n`)
    const startedMs = now()
    const isShown = canRewrite(stderr, env)
    const found = exploreExhaustively(world, {
      ...bounds,
      ...(args.delays === null ? {} : { delays: args.delays }),
      heapBytesMax: heapShare * getHeapStatistics().heap_size_limit,
      onDepth: (progress) => isShown && show(progress, args, surroundings),
    })
    if (isShown) stderr.write('\r\x1b[2K')
    const elapsedMs = now() - startedMs
    report.write(`  ${summary(found, elapsedMs)}\n`)
    const { counterExample } = found
    explored.push({ world: name, ...found, counterExample: counterExample?.violation ?? null, elapsedMs })
    if (counterExample) failure = await tellCounterExample(name, counterExample, (text) => report.write(text))
    else if (!found.isComplete) unfinished.push(name)
    else if (found.finished + found.uncovered === 0) failure = `${name}: no run comes to an end`
    if (failure !== null) break
  }
  if (args.isJson) stdout.write(`${JSON.stringify({ explored })}\n`)
  if (failure !== null) throw new ViolationError(failure)
  if (unfinished.length > 0) {
    const what = `${unfinished.join(', ')}: not explored to the end, there is no room for more states`
    throw new UsageError(`${what}; no violation among those that were seen`)
  }
  const schedules = args.delays === null ? '' : `every schedule with at most ${counted(args.delays, 'delay')}: `
  report.write(`${paintFor(report, env).green(`${schedules}no violation`)}\n`)
}

const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ' ')

function show(
  { delays, depth, states, width }: ExhaustiveProgress,
  args: ExhaustiveArguments,
  { stderr }: Pick<Surroundings, 'stderr'>,
): void {
  const level = args.delays === null ? '' : `${counted(delays, 'delay')}, `
  stderr.write(`\r\x1b[2K  ${level}depth ${depth}  ${grouped(states)} states  ${grouped(width)} of this depth`)
}

function summary(found: ExhaustiveExploration, elapsedMs: number): string {
  const rate = grouped(Math.round((1000 * found.states) / elapsedMs))
  const part = found.counterExample || found.isComplete ? '' : ', stopped at a bound of states or memory'
  return [
    `${grouped(found.states)} states, ${grouped(found.moves)} moves, depth ${found.depth}${part}`,
    `${grouped(found.finished)} ends finished, ${grouped(found.uncovered)} with a loss that no code covers`,
    ...(found.statesByDelays ?? []).map(
      (states, delays) => `at most ${counted(delays, 'delay')}: ${grouped(states)} states`,
    ),
    `${inTime(elapsedMs)}, ${rate} states/s`,
  ].join('\n  ')
}

/** As a scenario if it can be told as one, in the current folder, else as a list of events. */
async function tellCounterExample(
  name: string,
  counterExample: CounterExample,
  tell: (text: string) => void,
): Promise<string> {
  const { violation, delays, moves } = counterExample
  const late = delays > 0 ? ` and ${counted(delays, 'delay')}` : ''
  const what = `${name}: ${violation.kind}: ${violation.detail}, after ${counted(moves.length, 'move')}${late}`
  const why = [
    `Found in the world ${name}: ${worlds[name]!.description}.`,
    `A shortest schedule to: ${violation.kind}.`,
  ]
  const scenario = writeCounterExample(worlds[name]!, counterExample, why)
  tell(scenario ?? `${describeMoves(worlds[name]!, moves).join('\n')}\n`)
  if (scenario === null) return what
  const file = `violation-${name}.txt`
  await writeFile(file, scenario)
  return `${what}: see ${file}`
}
