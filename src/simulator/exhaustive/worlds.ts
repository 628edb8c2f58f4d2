/** Small worlds whose every interleaving can be explored. Each process follows a script, one instruction a step. */
import type { Rank } from '../../base/index.ts'
import { defaultRules, literalRules, type Rules, rulesFor } from '../../protocol/index.ts'
import type { Canary } from '../canaries/canary.ts'
import type { ViolationKind } from '../oracle/oracle.ts'

/** What a process does in one step; behind the last instruction it finishes. */
export type Instruction =
  | { readonly type: 'send'; readonly to: Rank }
  /** Waits for a message from a rank or, with null, from any. */
  | { readonly type: 'receive'; readonly from: Rank | null }
  | { readonly type: 'compute' }

export interface ExhaustiveWorld {
  readonly description: string
  /** The script of each rank. Every message that is sent is received before its receiver's script ends. */
  readonly scripts: readonly (readonly Instruction[])[]
  readonly rules: Rules
  /** How the machine of a scenario is told these rules; nothing for the default ones. */
  readonly rulesOption?: string
  /** Stands around the state machines of every processor; it must depend on nothing but the state and the event. */
  readonly canary?: Canary
  /** Known to be broken: the kind of violation that is looked for. Others are passed over, with what follows them. */
  readonly wanted?: ViolationKind
  /** It has more interleavings than any computer has room for: only those with few delays can be seen to their end. */
  readonly tooLarge?: true
  /** How much a process may hold of what others have yet to take, in bytes; a message has 4. More than there is by default. */
  readonly logBytesMax?: number
  /** Every checkpoint is written to disk, beside the parity or with nothing else that keeps it; never if nothing is said. */
  readonly storage?: 'beside' | 'alone'
  /** How often the power may be cut, at any moment: everybody is lost, and the machine starts on what is whole on disk. */
  readonly powerCuts?: number
  /** How many processors may crash, each at any moment; as many spares wait. */
  readonly crashes: number
  /** How many timeouts may pass, each at any moment. The end of the program asks for one checkpoint more. */
  readonly timeouts: number
  /** How many processors may be taken for lost, each at any moment, while they live and work; as many spares more wait. */
  readonly suspicions?: number
  /** What may crash; all by default. */
  readonly victims?: 'checks' | 'all'
  /** Crashes happen only when every process knows that this checkpoint is committed; 0 by default. */
  readonly crashesFromCheckpoint?: number
  /** A further crash happens only before the machine has recovered from the one before it. */
  readonly onlyInterrupts?: boolean
  /**
   * Rank permutations under which scripts and chains are the same, beside the identity: each maps a rank to its image.
   * The chain that rebuilds a process goes on from its rank and round, so rotations keep it, and so does any order of two.
   */
  readonly symmetries: readonly (readonly Rank[])[]
}

/** How many check processors a world has. */
export function checksOf({ storage }: ExhaustiveWorld): number {
  return storage === 'alone' ? 0 : 2
}

/** How many places may be lost in one run, rightly or wrongly: for each a spare waits, and an epoch begins. */
export function lossesMax({ crashes, suspicions = 0 }: ExhaustiveWorld): number {
  return crashes + suspicions
}

const send = (to: Rank): Instruction => ({ type: 'send', to })
const receive = (from: Rank | null = null): Instruction => ({ type: 'receive', from })
const compute: Instruction = { type: 'compute' }

const channel = [
  [send(1), send(1), send(1)],
  [receive(), receive(), receive()],
]

const triangle = [0, 1, 2].map((rank) => [send((rank + 1) % 3), send((rank + 2) % 3), receive(), receive()])

const rotationsOfThree = [
  [1, 2, 0],
  [2, 0, 1],
]

export const exhaustiveWorlds = {
  channel: {
    description: '2 processors, 1 channel, 3 messages, 1 crash',
    scripts: channel,
    rules: defaultRules,
    crashes: 1,
    timeouts: 0,
    symmetries: [],
  },
  three: {
    description: '3 processors that send nothing, 1 crash',
    scripts: [[], [], []],
    rules: defaultRules,
    crashes: 1,
    timeouts: 0,
    symmetries: rotationsOfThree,
  },
  ring: {
    description: '3 processors, 1 message each to the next, no crash',
    scripts: [0, 1, 2].map((rank) => [send((rank + 1) % 3), receive()]),
    rules: defaultRules,
    crashes: 0,
    timeouts: 0,
    symmetries: rotationsOfThree,
  },
  message: {
    description: '3 processors, 1 message between two of them, 1 crash',
    scripts: [[send(1)], [receive()], []],
    rules: defaultRules,
    crashes: 1,
    timeouts: 0,
    symmetries: [],
  },
  triangle: {
    description: '3 processors, 2 messages each, 1 crash',
    scripts: triangle,
    rules: defaultRules,
    tooLarge: true,
    crashes: 1,
    timeouts: 0,
    symmetries: rotationsOfThree,
  },
  commit: {
    description: 'the commit of checkpoint and backup processor, 2 crashes',
    scripts: [[compute], [compute]],
    rules: defaultRules,
    crashes: 2,
    timeouts: 0,
    // None: when both check processors are lost, the chain that rebuilds them goes by rank.
    symmetries: [],
  },
  recovery: {
    description: '2 processors, 1 message, a crash and one more during its recovery',
    scripts: [[send(1)], [receive()]],
    rules: defaultRules,
    crashes: 2,
    onlyInterrupts: true,
    timeouts: 0,
    symmetries: [],
  },
  suspicion: {
    description: '2 processors, 1 message, and one that lives is taken for lost',
    scripts: [[send(1)], [receive()]],
    rules: defaultRules,
    crashes: 0,
    suspicions: 1,
    timeouts: 0,
    symmetries: [],
  },
  /** Everybody is held up by the next: one has to say that it is stuck, so that anything goes on. */
  'held-up': {
    description: '3 processors in a ring that may have nothing in transit, 2 messages each, 1 timeout',
    scripts: [0, 1, 2].map((rank) => [send((rank + 1) % 3), send((rank + 1) % 3), receive(), receive()]),
    rules: defaultRules,
    logBytesMax: 0,
    tooLarge: true,
    crashes: 0,
    timeouts: 1,
    symmetries: rotationsOfThree,
  },
  /** Captures have to wait while a check processor is replaced, and what was consumed ahead meanwhile is too much. */
  'held-without-commits': {
    description: '2 processors that may have nothing in transit, 2 messages, 1 timeout, a check processor crashes',
    scripts: [
      [send(1), send(1)],
      [receive(), receive()],
    ],
    rules: defaultRules,
    logBytesMax: 0,
    tooLarge: true,
    crashes: 1,
    victims: 'checks',
    timeouts: 1,
    symmetries: [],
  },
  timeout: {
    description: '2 processors, 1 message, 1 timeout, 1 crash',
    scripts: [[compute, send(1)], [receive()]],
    rules: defaultRules,
    crashes: 1,
    timeouts: 1,
    symmetries: [],
  },
  'channel-timeout': {
    description: '2 processors, 1 channel, 3 messages, 1 timeout, 1 crash',
    scripts: channel,
    rules: defaultRules,
    tooLarge: true,
    crashes: 1,
    timeouts: 1,
    symmetries: [],
  },
  'triangle-timeout': {
    description: '3 processors, 2 messages each, 1 timeout, 1 crash',
    scripts: triangle,
    rules: defaultRules,
    tooLarge: true,
    crashes: 1,
    timeouts: 1,
    symmetries: rotationsOfThree,
  },
  'suspicion-and-crash': {
    description: '2 processors that send nothing, one that lives is taken for lost, and 1 crash',
    scripts: [[], []],
    rules: defaultRules,
    crashes: 1,
    suspicions: 1,
    timeouts: 0,
    symmetries: [],
  },
  /**
   * Everybody freezes, captures and writes; who has crashed is replaced, and all go back to the newest whole checkpoint, or
   * begin anew. It has: a crash at any moment, while files or a manifest are being written too, and while others read
   * theirs; a power cut at any moment, torn writes and lost names with it, and the start on what is left. It has not: disks
   * that are full or cannot be read, files of changes, a second power cut, suspicions: those the seeds have.
   */
  disk: {
    description: 'nothing but files, 2 processors, 1 message, 1 crash, 1 power cut',
    scripts: [[send(1)], [receive()]],
    rules: rulesFor('resume-after-commit'),
    storage: 'alone',
    crashes: 1,
    powerCuts: 1,
    timeouts: 0,
    symmetries: [],
  },
  /** The one process finishes later, so that the run goes on behind its first checkpoint on disk. */
  'disk-beside': {
    description: 'files beside the parity, 2 processors that send nothing, a crash and one more during its recovery',
    scripts: [[compute], []],
    rules: defaultRules,
    storage: 'beside',
    crashes: 2,
    onlyInterrupts: true,
    timeouts: 0,
    symmetries: [],
  },
  'freeze-to-commit': {
    description: 'all freeze until the commit, 1 message, 1 crash',
    scripts: [[send(1)], [receive()]],
    rules: rulesFor('resume-after-commit'),
    rulesOption: 'scheme=n+1-parity',
    crashes: 1,
    timeouts: 0,
    symmetries: [],
  },
  'freeze-to-capture': {
    description: 'all freeze until all have captured, 1 message, 1 crash',
    scripts: [[send(1)], [receive()]],
    rules: rulesFor('resume-after-capture'),
    rulesOption: 'scheme=n+1-parity resume=after-capture',
    crashes: 1,
    timeouts: 0,
    symmetries: [],
  },
  'literal-lost': {
    description: 'the tables of the paper: a message is lost',
    scripts: channel,
    rules: { ...defaultRules, log: 'literal' },
    rulesOption: 'without=log',
    wanted: 'LOST',
    crashes: 1,
    timeouts: 0,
    symmetries: [],
  },
  'literal-duplicate': {
    description: 'the paper at its word: a message is consumed twice',
    // The receiver goes on to wait, so that it consumes whatever comes twice.
    scripts: [[send(1)], [receive(), receive()]],
    rules: literalRules,
    rulesOption: 'rules=literal',
    wanted: 'DUPLICATE',
    crashes: 1,
    victims: 'checks',
    crashesFromCheckpoint: 2,
    timeouts: 1,
    symmetries: [],
  },
} satisfies Record<string, ExhaustiveWorld>

export type ExhaustiveWorldName = keyof typeof exhaustiveWorlds
