import { assert, type ProcessorId, seededRandom } from '../../base/index.ts'
import { type ErasureCode, groupsCode, mirrorCode, reedSolomonCode } from '../../parity/index.ts'
import {
  type Coordination,
  describeCandidateEffect,
  describeCandidateEvent,
  literalRules,
  type Place,
  type Rules,
  rulesFor,
} from '../../protocol/index.ts'
import type { Canary } from '../canaries/canary.ts'
import { canaries } from '../canaries/index.ts'
import type { SimulatedCandidate } from '../candidates/candidate.ts'
import type { StorageSetting } from '../disk/manifests.ts'
import { isStart } from '../search/shrink.ts'
import type { ApplicationHost } from '../world/application-host.ts'
import type { End, SimulatedLink } from '../world/links.ts'
import { type ChannelKind, channelChance, channelKinds } from '../world/lossy-channel.ts'
import type { SimulatedProgram } from '../world/process.ts'
import type { SimulatedProcessor } from '../world/processor.ts'
import { type ProgramName, simulatedPrograms } from '../world/programs.ts'
import { type Action, World, type WorldEffect, type WorldEvent } from '../world/world.ts'
import { ScenarioError } from './error.ts'

/** Something that a processor did, for the output. */
export interface Seen {
  readonly who: string
  readonly event: WorldEvent
  readonly effects: readonly WorldEffect[]
}

export interface MachineOptions {
  readonly processes: number
  readonly spares: number
  readonly rules: Rules
  /** Null under the schemes `none` and `disk`. */
  readonly code: ErasureCode | null
  readonly storage: StorageSetting | null
  /** Null: the scenario says what each step does. */
  readonly program: ProgramName | null
  readonly logBytesMax: number
  readonly channels: ChannelKind
  /** What programs choose comes from this seed; null: always the first choice. */
  readonly choices: number | null
  /** So many may conduct, and be lost; one never is. */
  readonly conductors: number
  /** Of what was released and nobody has fetched. */
  readonly unfetchedBytesMax: number
  /** So many hosts; 0: one computer. */
  readonly hosts: number
  readonly canary: Canary | null
  /** A new spare is started for each processor that is lost. */
  readonly respawns: boolean
  /** Nothing has happened yet; otherwise everything has but steps and timeouts. */
  readonly startsCold: boolean
}

/** What a scenario without a program leaves a process in: a step that goes on until the scenario ends it. */
const puppet: SimulatedProgram = (self) => self.goOn()

/** The world of a scenario, and what has been seen in it since it was last told. */
export class Stage {
  readonly world: World
  /** Links that deliver nothing, until they are released, unless they are told to. */
  readonly held = new Set<string>()
  /** Tag of each message that was on a link: receiver, sender and sequence number. */
  readonly tags = new Map<string, string>()
  readonly #watch: ((seen: Seen) => void) | null
  #seen: Seen[] = []

  /** `watch` is told of everything that any processor does, from the start on. */
  constructor(options: MachineOptions, watch: ((seen: Seen) => void) | null = null) {
    this.#watch = watch
    const random = options.choices === null ? null : seededRandom(options.choices)
    this.world = new World({
      processes: options.processes,
      spares: options.spares,
      rules: options.rules,
      code: options.code,
      storage: options.storage,
      logBytesMax: options.logBytesMax,
      channels: channelChance(options.channels, options.choices ?? 1),
      program: options.program ? simulatedPrograms[options.program] : puppet,
      repeatsIds: options.program === null,
      choose: (count) => random?.integer(0, count - 1) ?? 0,
      ...(options.conductors > 1
        ? { candidates: options.conductors, unfetchedBytesMax: options.unfetchedBytesMax }
        : {}),
      ...(options.hosts > 0 ? { hosts: options.hosts } : {}),
      canary: options.canary ?? undefined,
      respawns: options.respawns,
      observe: (who, event, effects) => this.#see({ who, event, effects }),
    })
    if (!options.startsCold) this.settle(isStart)
    this.#seen = []
  }

  #see(seen: Seen): void {
    this.#watch?.(seen)
    this.#seen.push(seen)
    const { who, event } = seen
    if (event.type !== 'frame' || event.frame.type !== 'message') return
    this.tags.set(`${who} ${event.from} ${event.frame.sequence}`, event.frame.tag)
  }

  /** The processor that holds a place; `old-a1` is the one that held it before, `p7` the seventh that was started. */
  processor(name: string): SimulatedProcessor {
    if (/^p\d+$/.test(name)) return this.#started(Number(name.slice(1)))
    const wantsOld = name.startsWith('old-')
    const place = name.replace('old-', '') as Place
    const holder = this.world.holder(place)
    const old = this.world.processors.findLast((one) => one.host?.state.place === place && one !== holder)
    const found = wantsOld ? old : holder
    if (!found) throw new ScenarioError(`nobody is ${name}`)
    return found
  }

  #started(number: number): SimulatedProcessor {
    if (number > this.world.processors.length) throw new ScenarioError(`there is no processor ${number}`)
    return this.world.processor(number as ProcessorId)
  }

  application(name: string): ApplicationHost {
    const { host } = this.processor(name)
    if (host?.kind !== 'application') throw new ScenarioError(`${name} is no application processor`)
    return host
  }

  /** The link that is written `a0->a1`. */
  link(text: string): SimulatedLink {
    const [from, to] = text.split('->')
    if (!from || !to) throw new ScenarioError(`'${text}' is no link such as a0->a1`)
    return this.world.links.between(this.end(from), this.end(to))
  }

  /**
   * `conductor`; where several may conduct, that is the one on record, and there are `candidate-2`, `store`,
   * `disk` and `watcher`.
   */
  end(name: string): End {
    const { candidates } = this.world
    if (candidates && (name === 'store' || name === 'disk' || name === 'watcher')) return name
    const candidate = this.candidate(name)
    if (candidate) return candidate.end
    return name === 'conductor' ? name : this.processor(name).id
  }

  /** One that may conduct, by its name; null: it is none. */
  candidate(name: string): SimulatedCandidate | null {
    const { candidates } = this.world
    if (candidates && name === 'conductor') return candidates.official
    const number = /^candidate-(\d+)$/.exec(name)?.[1]
    if (number === undefined) return null
    const found = candidates?.all[Number(number) - 1]
    if (!found) throw new ScenarioError(`there is no candidate ${number}`)
    return found
  }

  /**
   * Lets everything happen that `wanted` lets through and no held link stops, until nothing is left, or until an
   * effect of the type `until` was seen.
   */
  settle(wanted: (action: Action) => boolean, until?: string): void {
    const limit = this.world.time + 5000
    for (;;) {
      if (until !== undefined && this.#seen.some(({ effects }) => effects.some(({ type }) => type === until))) return
      const next = this.world.actions().find((action) => wanted(action) && !this.#isHeld(action))
      if (!next) return
      assert(this.world.time < limit, 'a scenario settles')
      this.world.perform(next)
    }
  }

  #isHeld(action: Action): boolean {
    return action.type === 'deliver' && this.held.has(`${action.link.from}>${action.link.to}`)
  }

  /** Everything seen since the last time, each event with its effects. */
  tellAll(): string[] {
    return this.#take().flatMap(({ who, event, effects }) => [
      `${who}: ${describeCandidateEvent(event)}`,
      ...effects.map((effect) => `  ${describeCandidateEffect(effect)}`),
    ])
  }

  /** What matters to the story: messages that arrive, steps with them, checkpoints, recoveries, output. */
  tellStory(): string[] {
    return this.#take().flatMap(({ who, event, effects }) => {
      const isMessage = event.type === 'frame' && event.frame.type === 'message'
      const isTold = isMessage || event.type === 'damaged'
      const told = effects.filter((effect) => storyEffects.has(effect.type) || (isMessage && effect.type === 'send'))
      if (isTold)
        return [
          `${who}: ${describeCandidateEvent(event)}`,
          ...told.map((effect) => `  ${describeCandidateEffect(effect)}`),
        ]
      return told.filter(isNews).map((effect) => `${who}: ${describeCandidateEffect(effect)}`)
    })
  }

  /** Only checkpoints, recoveries and output. */
  tellOutline(): string[] {
    return this.#take().flatMap(({ who, effects }) =>
      effects
        .filter(({ type }) => outlineEffects.has(type))
        .map((effect) => `${who}: ${describeCandidateEffect(effect)}`),
    )
  }

  #take(): Seen[] {
    const seen = this.#seen
    this.#seen = []
    return seen
  }
}

const outlineEffects: ReadonlySet<WorldEffect['type']> = new Set([
  'capture',
  'applyStaged',
  'recoveryBegan',
  'lineFound',
  'resumed',
  'seal',
  'stored',
  'notStored',
  'passedOver',
  'output',
  'finished',
  'uncovered',
  'programFailed',
  'repeatedLoss',
  'damaged',
  'release',
  'tookOffice',
  'resigned',
])

const storyEffects: ReadonlySet<WorldEffect['type']> = new Set([
  ...outlineEffects,
  'freeze',
  'thaw',
  'runStep',
  'restore',
  'store',
  'load',
  'adopt',
  'dropStaged',
  'assign',
  'fence',
  'challenge',
  'answerChallenge',
  'introduce',
])

/** A step that begins without a message is no news. */
function isNews(effect: WorldEffect): boolean {
  return effect.type !== 'runStep' || effect.deliveries.length > 0
}

/** Options written `processes=2 rules=literal without=holdOutput`. */
export function parseMachine(words: readonly string[]): MachineOptions {
  const given = new Map(words.map((word) => word.split('=') as [string, string]))
  const rules: Rules = given.get('rules') === 'literal' ? { ...literalRules } : { ...rulesFor(coordinationOf(given)) }
  for (const rule of given.get('without')?.split(',') ?? []) {
    if (!Object.hasOwn(rules, rule)) throw new ScenarioError(`there is no rule ${rule}`)
    Object.assign(rules, { [rule]: rule === 'log' ? 'literal' : false })
  }
  const processes = whole(given, 'processes', { default: 2, min: 1, max: 64 })
  const program = given.get('program') ?? null
  const conductors = whole(given, 'conductors', { default: 1, min: 1, max: 8 })
  if (program !== null && !Object.hasOwn(simulatedPrograms, program))
    throw new ScenarioError(`there is no program ${program}`)
  return {
    processes,
    spares: whole(given, 'spares', { default: 1, min: 0, max: 64 }),
    rules,
    code: codeFor(processes, given),
    storage: storageFor(given),
    program: program as MachineOptions['program'],
    logBytesMax: whole(given, 'logBytesMax', { default: 2 ** 20, min: 0, max: 2 ** 30 }),
    channels: channelsOf(given.get('channels')),
    choices: given.has('choices') ? whole(given, 'choices', { default: 0, min: 0, max: 2 ** 31 - 1 }) : null,
    conductors,
    unfetchedBytesMax: whole(given, 'unfetched', { default: 2 ** 20, min: 1, max: 2 ** 30 }),
    hosts: whole(given, 'hosts', { default: 0, min: 0, max: 64 }),
    canary: canaryNamed(given.get('canary')),
    respawns: given.get('respawns') === 'yes',
    startsCold: given.get('start') === 'cold',
  }
}

/** `scheme=n+1-parity` freezes everybody until the commit, or, with `resume=after-capture`, until all have captured. */
function coordinationOf(given: ReadonlyMap<string, string>): Coordination {
  const scheme = given.get('scheme')
  if (scheme !== 'n+1-parity' && scheme !== 'disk') return 'independent'
  return given.get('resume') === 'after-capture' ? 'resume-after-capture' : 'resume-after-commit'
}

/** `channels=lossy`: frames between processors are lost, doubled and reordered below their sessions; `bare`: without any. */
function channelsOf(name = 'ordered'): ChannelKind {
  const known = channelKinds.find((one) => one === name)
  if (!known) throw new ScenarioError(`there are no channels ${name}`)
  return known
}

/** `tolerate=2`, `tolerate=2 group-size=2`, `groups=2` or `code=mirror`; plain parity where nothing is said. */
function codeFor(processes: number, given: ReadonlyMap<string, string>): ErasureCode | null {
  if (given.get('scheme') === 'none' || given.get('scheme') === 'disk') return null
  if (given.get('code') === 'mirror') return mirrorCode(processes)
  if (given.has('groups')) {
    return groupsCode(processes, whole(given, 'groups', { default: 1, min: 1, max: processes }))
  }
  const tolerate = whole(given, 'tolerate', { default: 1, min: 1, max: 64 })
  const groupSize = whole(given, 'group-size', { default: processes, min: 1, max: processes })
  return reedSolomonCode(processes, tolerate, groupSize)
}

/** `disk-every=2`: each second checkpoint goes to disk; `disk-changes=yes`: only what has changed, mostly. */
function storageFor(given: ReadonlyMap<string, string>): StorageSetting | null {
  if (!given.has('disk-every') && given.get('scheme') !== 'disk') return null
  const every = whole(given, 'disk-every', { default: 1, min: 1, max: 64 })
  return { every, isIncremental: given.get('disk-changes') === 'yes' }
}

interface WholeNumber {
  readonly default: number
  readonly min: number
  readonly max: number
}

/** The whole number of an option, or its default. */
function whole(given: ReadonlyMap<string, string>, name: string, range: WholeNumber): number {
  const text = given.get(name)
  if (text === undefined && !given.has(name)) return range.default
  const value = /^\d+$/.test(text ?? '') ? Number(text) : Number.NaN
  if (value >= range.min && value <= range.max) return value
  throw new ScenarioError(`${name} must be a whole number from ${range.min} to ${range.max}, but is '${text ?? ''}'`)
}

function canaryNamed(name: string | undefined): Canary | null {
  if (name === undefined) return null
  const canary = Object.hasOwn(canaries, name) && (canaries as Readonly<Record<string, Canary>>)[name]
  if (!canary) throw new ScenarioError(`there is no canary ${name}`)
  return canary
}
