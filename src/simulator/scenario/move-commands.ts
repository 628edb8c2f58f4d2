/** The commands that only scenarios of random runs need: single moves of them, told completely. */
import type { ProcessorId } from '../../base/index.ts'
import type { CandidateId } from '../../protocol/index.ts'
import type { HostFault } from '../faults/host-moves.ts'
import { type Move, playMove } from '../faults/moves.ts'
import type { ToldOfHost } from '../hosts/hosts.ts'
import { ScenarioError } from './error.ts'
import type { Stage } from './stage.ts'
import { type Command, word } from './word.ts'

/** Throws an error if the move is not possible now. */
export function play(stage: Stage, move: Move, text: string): string[] {
  if (!playMove(stage.world, move)) throw new ScenarioError(`${text} is not possible here`)
  return stage.tellAll()
}

function wayNamed(text: string | undefined): 'out' | 'in' | 'both' {
  if (text === 'out' || text === 'in' || text === 'both') return text
  throw new ScenarioError(`a partition is 'out', 'in' or 'both', but not '${text ?? ''}'`)
}

const onProcessor =
  (makeMove: (processor: ProcessorId) => Move): Command =>
  (stage, words) => {
    const name = word(words, 0, 'the processor')
    return play(stage, makeMove(stage.processor(name).id), name)
  }

const onCandidate =
  (makeMove: (candidate: CandidateId) => Move): Command =>
  (stage, words) => {
    const name = word(words, 0, 'the candidate')
    const candidate = stage.candidate(name)
    if (!candidate) throw new ScenarioError(`'${name}' is none of several that may conduct, such as candidate-2`)
    return play(stage, makeMove(candidate.id), name)
  }

/** A command for processors and for those who may conduct. */
function onEither(
  ofProcessor: (processor: ProcessorId) => Move,
  ofCandidate: (candidate: CandidateId) => Move,
): Command {
  const [one, other] = [onProcessor(ofProcessor), onCandidate(ofCandidate)]
  return (stage, words) => (stage.candidate(words[0] ?? '') ? other : one)(stage, words)
}

function onHost(type: Exclude<HostFault['type'], 'loseHost'> | ToldOfHost['type']): Command {
  return (stage, words) => {
    const host = word(words, 0, 'the host')
    return play(stage, { type, host }, `what is said of ${host}`)
  }
}

export const moveCommands: Readonly<Record<string, Command>> = {
  /** go a0: its step ends, as the program has it. */
  go: onProcessor((processor) => ({ type: 'endStep', processor })),
  /** suspect a0: the conductor takes it for silent; `silent a0` if it is frozen; `hear a0`: no more. */
  suspect: onProcessor((processor) => ({ type: 'suspect', processor })),
  silent: onEither(
    (processor) => ({ type: 'tellSilent', processor }),
    (candidate) => ({ type: 'standbySilent', candidate }),
  ),
  hear: onEither(
    (processor) => ({ type: 'tellHeard', processor }),
    (candidate) => ({ type: 'standbyHeard', candidate }),
  ),
  /** unheard candidate-2: it does not hear the conductor any more, and asks; unanswered candidate-2: in vain. */
  unheard: onCandidate((candidate) => ({ type: 'unheard', candidate })),
  unanswered: onCandidate((candidate) => ({ type: 'unanswered', candidate })),
  /** doubt candidate-2: it takes it that it does not hear the conductor, and does. */
  doubt: onCandidate((candidate) => ({ type: 'doubtConductor', candidate })),
  /** lose-answer candidate-1: it never hears what the store made of its proposal, and asks once more. */
  'lose-answer': onCandidate((candidate) => ({ type: 'loseAnswer', candidate })),
  /** leave a0: it was given up since a connection of it broke, and ends. */
  leave: onProcessor((processor) => ({ type: 'leave', processor })),
  /** sever a0->a1: the connection breaks; what was in flight on it is lost. */
  sever: (stage, words) => {
    const { from, to } = stage.link(word(words, 0, 'the link'))
    return play(stage, { type: 'sever', from, to }, words[0]!)
  },
  /** partition a0 c0 both: they and the rest do not hear each other; out: they are not heard; in: they hear nothing. */
  partition: (stage, words) => {
    const way = wayNamed(words.at(-1))
    const side = words.slice(0, -1).map((name) => stage.end(name))
    return play(stage, { type: 'partition', side, way }, words.join(' '))
  },
  /** write a0, read a0, write manifest: the next operation on the file that is being written or read. */
  write: (stage, words) =>
    words[0] === 'manifest'
      ? play(stage, { type: 'writeManifest' }, 'write manifest')
      : onProcessor((processor) => ({ type: 'writeFile', processor }))(stage, words),
  read: onProcessor((processor) => ({ type: 'readFile', processor })),
  /** fill-disk: there is no room for the next thing that is written. */
  'fill-disk': (stage) => play(stage, { type: 'fillDisk' }, 'fill-disk'),
  /** damage pages-1-1-0: the file cannot be read any more: checkpoint file 1 of run 1, of process 0. */
  damage: (stage, words) => {
    const name = word(words, 0, 'the file')
    return play(stage, { type: 'damageFile', name }, name)
  },
  /** cut-power [luck]: of the whole machine, which starts anew; what is not durable is there or not, as luck has it. */
  'cut-power': (stage, words) => play(stage, { type: 'cutPower', luck: Number(words[0] ?? 0) }, 'cut-power'),
  /** lose-host h2 [arriving=n] [accident=soon|late]: all of it is lost at once; `host-lost h2`: the conductor is told. */
  'lose-host': (stage, words) => {
    const host = word(words, 0, 'the host')
    const given = new Map(words.slice(1).map((one) => one.split('=') as [string, string]))
    const arriving = (given.get('arriving') ?? '0').split(',').map(Number)
    const how = given.get('accident')
    const accident = how === undefined ? {} : { accident: how === 'late' ? ('late' as const) : ('soon' as const) }
    return play(stage, { type: 'loseHost', host, arriving, ...accident }, `lose-host ${host}`)
  },
  'return-host': onHost('returnHost'),
  'freeze-host': onHost('freezeHost'),
  'thaw-host': onHost('thawHost'),
  'host-lost': onHost('tellHostLost'),
  'host-silent': onHost('tellHostSilent'),
  'host-heard': onHost('tellHostHeard'),
  heal: (stage) => play(stage, { type: 'heal' }, 'heal'),
  /** timeouts: all that are armed pass at once. */
  timeouts: (stage) => play(stage, { type: 'passTimeouts' }, 'timeouts'),
  /** late a0->a1 [which]: a frame of an older epoch, delivered before, is on the link once more. */
  late: (stage, words) => {
    const { from, to } = stage.link(word(words, 0, 'the link'))
    return play(stage, { type: 'repeatLate', from, to, which: Number(words[1] ?? 0) }, words[0]!)
  },
}
