import { UsageError } from '../../base/index.ts'
import { codeFor, loadProgram, processMemoryBytes, UncoveredLossError, withRunFolder } from '../../machine/index.ts'
import { type PlannedHost, placesOf, planMachine, roomOf } from '../../placement/index.ts'
import { parseSizes } from '../../program/index.ts'
import { foldAll } from '../folding.ts'
import { readHosts } from '../hosts-file.ts'
import { paintFor, type Surroundings } from '../surroundings.ts'
import { counted } from '../wording.ts'
import type { PlanArguments } from './arguments.ts'
import { planJson } from './plan-json.ts'
import { planLines, shortfall } from './plan-lines.ts'

/**
 * Plans a run on hosts. Throws a `UsageError` where they have no room, and an `UncoveredLossError`, after all else is told, where
 * less is survived than was asked for.
 */
export async function plan(args: PlanArguments, surroundings: Surroundings): Promise<void> {
  const { stdout, stderr, env } = surroundings
  const hosts = await readHosts(args.hostsPath)
  const code = codeFor(args.processes, args.protection)
  requireRoom(hosts, placesOf(code).length)
  const memoryBytes = args.program === null ? null : await memoryOf(args, args.program, surroundings)
  const { domain, losses } = args
  const planned = planMachine({ hosts, code, domain, losses })
  const report = args.isJson ? stderr : stdout
  const lines = planLines({ hosts, domain, losses, planned, memoryBytes }, paintFor(report, env))
  report.write(`${foldAll(lines, report.columns).join('\n')}\n`)
  if (args.isJson) stdout.write(`${JSON.stringify(planJson(hosts, args, planned, memoryBytes))}\n`)
  const missing = shortfall(planned, losses)
  if (missing !== null) throw new UncoveredLossError(missing)
}

function requireRoom(hosts: readonly PlannedHost[], processors: number): void {
  const room = roomOf(hosts)
  if (room >= processors) return
  throw new UsageError(
    `the hosts have room for ${counted(room, 'processor')}, and the run has ${processors}: add hosts, let them take more ('processors'), or use fewer processes (--processes)`,
  )
}

/** Bytes of each process's memory, by rank. */
async function memoryOf(args: PlanArguments, name: string, { programsFolder }: Surroundings): Promise<number[]> {
  const { processes, sizeSettings } = args
  return withRunFolder(async (folder) => {
    const program = await loadProgram(name, { programsFolder, cacheFolder: folder })
    return processMemoryBytes({ program, machine: { processes }, sizes: parseSizes(program.program, sizeSettings) })
  })
}
