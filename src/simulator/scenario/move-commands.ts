/** The commands that only scenarios of random runs need: single moves of them, told completely. */
import type { ProcessorId } from '../../base/index.ts'
import { type Move, playMove } from '../moves.ts'
import { ScenarioError } from './error.ts'
import type { Stage } from './stage.ts'
import { type Command, word } from './word.ts'

function play(stage: Stage, move: Move, text: string): string[] {
  if (!playMove(stage.world, move)) throw new ScenarioError(`${text} is not possible here`)
  return stage.tellAll()
}

const onProcessor =
  (makeMove: (processor: ProcessorId) => Move): Command =>
  (stage, words) => {
    const name = word(words, 0, 'the processor')
    return play(stage, makeMove(stage.processor(name).id), name)
  }

export const moveCommands: Readonly<Record<string, Command>> = {
  /** go a0: its step ends, as the program has it. */
  go: onProcessor((processor) => ({ type: 'endStep', processor })),
  /** suspect a0: the conductor takes it for silent; `silent a0` if it is frozen; `hear a0`: no more. */
  suspect: onProcessor((processor) => ({ type: 'suspect', processor })),
  silent: onProcessor((processor) => ({ type: 'tellSilent', processor })),
  hear: onProcessor((processor) => ({ type: 'tellHeard', processor })),
  /** leave a0: it was given up since a connection of it broke, and ends. */
  leave: onProcessor((processor) => ({ type: 'leave', processor })),
  /** sever a0->a1: the connection breaks; what was in flight on it is lost. */
  sever: (stage, words) => {
    const { from, to } = stage.link(word(words, 0, 'the link'))
    return play(stage, { type: 'sever', from, to }, words[0]!)
  },
  /** late a0->a1 [which]: a frame of an older epoch, delivered before, is on the link once more. */
  late: (stage, words) => {
    const { from, to } = stage.link(word(words, 0, 'the link'))
    return play(stage, { type: 'repeatLate', from, to, which: Number(words[1] ?? 0) }, words[0]!)
  },
}
