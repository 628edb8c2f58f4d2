/** What ends a run early, in one line for the user. */
import { quoted, type Rank } from '../../../base/index.ts'
import { type ConductorEffect, type Place, placeName, type Rest } from '../../../protocol/index.ts'
import { groupSizeMax, tolerateMax } from '../../protection.ts'
import { ProgramError, type RunOptions, UncoveredLossError } from '../../run.ts'
import type { MachineSettings } from '../../settings.ts'

/** `atMs`: since the program began. */
export function endingFor(
  effect: Extract<ConductorEffect, { type: 'uncovered' | 'programFailed' | 'damaged' }>,
  { machine, store }: Pick<RunOptions, 'machine' | 'store'>,
  atMs: number,
): Error {
  if (effect.type === 'uncovered') return uncoveredLoss(effect, machine, atMs)
  return effect.type === 'damaged' ? damage(effect, store?.path) : programFailure(effect.rank, effect.error)
}

/** `needed`: the tolerance that would have covered it. `atMs`: since the program began. */
function uncoveredLoss(
  { lost, needed }: { readonly lost: readonly Place[]; readonly needed: number },
  { protection, processes }: Pick<MachineSettings, 'protection' | 'processes'>,
  atMs: number,
): UncoveredLossError {
  const who = listOf(lost.map(placeName))
  const when = `${(atMs / 1000).toFixed(1)} s into the run`
  if (!protection) {
    return new UncoveredLossError(
      `lost ${who}, ${when}, and the scheme none keeps no checkpoints; --scheme enhanced would have covered it`,
    )
  }
  const { code, tolerate, groupSize } = protection
  const groups = groupSize === undefined ? '' : `--group-size ${groupSize} `
  const had = { 'reed-solomon': groups, groups: '--code groups ', mirror: '--scheme mirror' }[code]
  const limit = code === 'mirror' ? had : `${had}--tolerate ${tolerate}`
  const largest = processes > groupSizeMax ? `--group-size ${groupSizeMax} ` : ''
  const instead = {
    'reed-solomon': groups,
    groups: `--code reed-solomon ${largest}`,
    mirror: `--scheme enhanced ${largest}`,
  }[code]
  const wanted = needed > tolerateMax ? '--checkpoint-dir' : `${instead}--tolerate ${needed}`
  return new UncoveredLossError(
    `lost ${who} together, ${when}: more than ${limit} covers; ${wanted} would have covered it`,
  )
}

/**
 * Nobody may take over: all those that might are gone, or the conductor is silent, and nobody is who might and has all that
 * it would need. `atMs`: since the program began.
 */
export function uncoveredConductors(how: 'gone' | 'silent', conductors: number, atMs: number): UncoveredLossError {
  const when = `${(atMs / 1000).toFixed(1)} s into the run`
  if (how === 'silent') {
    return new UncoveredLossError(
      `the conductor has not been heard for 10 s, ${when}, and nobody can take over: too many are silent or lost together; --conductors ${conductors + 1} or a higher --tolerate would have covered it`,
    )
  }
  return new UncoveredLossError(
    `lost the conductor, ${when}, and all that had what was released: more than --conductors ${conductors} covers; --conductors ${conductors + 1} would have covered it`,
  )
}

/** `error`: the message and, below it, the program's own part of the stack. */
function programFailure(rank: Rank, error: string): ProgramError {
  const [headline = '', ...stack] = error.split('\n')
  const who = `process ${rank} `
  // What the machine says of a process names it already.
  const isNamed = headline.startsWith(who)
  return new ProgramError(isNamed ? headline : `${who}failed: ${headline}`, stack.join('\n'))
}

/** `ending`: how the place's process ended the last time; null if it is frozen. */
export function lossesInARow(
  { place, losses, withHost }: Extract<ConductorEffect, { type: 'repeatedLoss' }>,
  ending: string | null,
): ProgramError {
  if (withHost) {
    return new ProgramError(
      `${placeName(place)} was lost ${losses} times one right after another, each time with all of its host, with no checkpoint committed in between`,
      '',
    )
  }
  const how = ending === null ? '' : `; its process ${ending} the last time`
  const hint = ending?.includes('SIGKILL') ? ' (the system ends processes like that when memory is short)' : ''
  return new ProgramError(
    `${placeName(place)} was lost ${losses} times one right after another, with no checkpoint committed in between${how}${hint}`,
    '',
  )
}

const waitsShownMax = 8

/** `rests`: what each process waits for, by rank. */
export function deadlock(rests: readonly Rest[]): ProgramError {
  const waits = rests.flatMap(({ waitsFor }, rank) => {
    const wanted = waitsFor.map(
      ({ from, tag }) =>
        `${tag === null ? 'any message' : quoted(tag)} from ${from === null ? 'anybody' : `process ${from}`}`,
    )
    return wanted.length === 0 ? [] : [`process ${rank} for ${listOf(wanted)}`]
  })
  const more = waits.length - waitsShownMax
  const shown = more > 0 ? [...waits.slice(0, waitsShownMax), `${more} more`].join(', ') : waits.join(', ')
  const done = waits.length < rests.length ? '; all others are done' : ''
  return new ProgramError(`the program waits for ever, and no message is under way: ${shown}${done}`, '')
}

/** `reason`: what makes it impossible to go on and, below it, the program's own part of the stack. */
export function unfitProgram(reason: string): ProgramError {
  const [headline = '', ...stack] = reason.split('\n')
  return new ProgramError(headline, stack.join('\n'))
}

/** Bytes that were rebuilt, or read, and are wrong must not be computed with. */
function damage(
  { place, onDisk, reason }: Extract<ConductorEffect, { type: 'damaged' }>,
  folder = 'its folder',
): UncoveredLossError {
  const who = placeName(place)
  if (onDisk === null) return new UncoveredLossError(`the memory of ${who} cannot be rebuilt: ${reason}`)
  return new UncoveredLossError(
    `nobody can go back to checkpoint ${onDisk} in ${folder}, for ${who} (${reason}), and no other one there is whole; start anew: 'paritas run' with an empty --checkpoint-dir`,
  )
}

function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
