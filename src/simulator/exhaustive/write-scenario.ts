/**
 * A counter-example as a scenario file. The moves are played in a world of real bytes beside the explored one, where
 * more happens one by one (see the reductions in `state-space.ts`); what both have on their links tells what is due.
 */
import { AssertionError, assert, type ProcessorId, processorId } from '../../base/index.ts'
import type { Violation } from '../oracle/oracle.ts'
import { commands } from '../scenario/commands.ts'
import { runScenario } from '../scenario/run-scenario.ts'
import { parseMachine, Stage } from '../scenario/stage.ts'
import type { End, Packet, SimulatedLink } from '../world/links.ts'
import { tagOfMessage } from './application-node.ts'
import { replay } from './describe-moves.ts'
import { ownEvents } from './entries.ts'
import type { CounterExample } from './explore.ts'
import { conductorSlot } from './layout.ts'
import type { PackedState, StateMove } from './move.ts'
import { messageId } from './renaming.ts'
import { StateSpace } from './state-space.ts'
import { type ExhaustiveWorld, lossesMax } from './worlds.ts'

/**
 * The scenario, with what happens in it, or null if the violation does not show in a world of real bytes, or what happens on
 * a disk is part of it. `why`: comment lines for its beginning.
 */
export function writeCounterExample(
  world: ExhaustiveWorld,
  { moves, violation }: CounterExample,
  why: readonly string[],
): string | null {
  const { scripts, rulesOption, storage, logBytesMax } = world
  if (storage) return null
  const options = [`processes=${scripts.length}`, `spares=${lossesMax(world)}`, ...(rulesOption ? [rulesOption] : [])]
  if (logBytesMax !== undefined) options.push(`logBytesMax=${logBytesMax}`)
  const lines = new Writer(world, options).write(moves)
  const machine = `machine ${options.join(' ')}`
  const comments = why.map((line) => `# ${line}`)
  const text = runScenario(`${[...comments, machine, ...joined(lines), ...endingFor(violation), '----'].join('\n')}\n`)
  return sign(violation).test(text) ? text : null
}

function endingFor({ kind }: Violation): string[] {
  if (kind === 'ASSERTION') return []
  // What is still under way arrives, so that nothing is missed that is merely late.
  return kind === 'STUCK' ? ['run'] : ['settle', 'check']
}

/** What is wrong may be called otherwise where memories are real, and a wrong rebuild is found by its checksums. */
const sign = ({ kind }: Violation): RegExp =>
  kind === 'STUCK' ? /^STUCK: nothing can happen/m : /^[A-Z]+[A-Z ]*: |^ {2}\S+ is damaged: /m

const lineLengthMax = 110
const quietly = 'quietly '

/** Quiet commands that follow each other share a line; the others stand out. */
function joined(lines: readonly string[]): string[] {
  const all: string[] = []
  for (const line of lines) {
    const last = all.at(-1)
    const fits = last?.startsWith(quietly) && line.startsWith(quietly) && last.length + line.length < lineLengthMax
    if (fits) all[all.length - 1] = `${last}; ${line.slice(quietly.length)}`
    else all.push(line)
  }
  return all
}

class Writer {
  readonly #world: ExhaustiveWorld
  readonly #space: StateSpace
  readonly #stage: Stage
  readonly #lines: string[] = []

  constructor(world: ExhaustiveWorld, options: readonly string[]) {
    this.#world = world
    this.#space = new StateSpace(world, false)
    this.#stage = new Stage(parseMachine(options))
  }

  /** The commands; a protocol that breaks an assertion does so at the end of them. */
  write(moves: readonly StateMove[]): string[] {
    const states = replay(this.#space, moves)
    try {
      for (const [index, move] of moves.entries()) {
        this.#play(states[index]!, move)
        this.#catchUp(states[index + 1]!)
      }
    } catch (error) {
      if (!(error instanceof AssertionError)) throw error
    }
    return this.#lines
  }

  /** A delivery is made when the links are compared: what is missing on the explored link was delivered. */
  #play(before: PackedState, move: StateMove): void {
    if (move.type === 'own') this.#playOwn(before, processorId(move.processor), move.event)
    else if (move.type === 'crash') this.#crash(before, move.processor, move.surviving)
    else if (move.type === 'suspect' || move.type === 'hear')
      this.#do(`${move.type} ${this.#nameOf(processorId(move.processor))}`, false)
  }

  #do(command: string, isQuiet: boolean): string[] {
    this.#lines.push(isQuiet ? `${quietly}${command}` : command)
    const [name, ...words] = command.split(' ')
    return commands[name!]!(this.#stage, words)
  }

  #playOwn(before: PackedState, id: ProcessorId, event: number): void {
    const name = this.#nameOf(id)
    if (event === ownEvents.endStep) this.#endStep(before, id, name)
    else if (event === ownEvents.timeout) this.#do(`timeout ${name}`, false)
    else if (event === ownEvents.work) this.#work(name)
    else this.#ship(id, name, event - ownEvents.firstShipment)
  }

  #endStep(before: PackedState, id: ProcessorId, name: string): void {
    const { value } = this.#space.universe.nodes.entry(before[this.#space.layout.nodeSlot(id)]!)
    assert(value.host?.kind === 'application', 'steps are ended by application processors')
    const { journal, state } = value.host
    const { rank } = state.options
    const instruction = this.#world.scripts[rank]![journal.at]
    const { shape } = this.#space.universe.surroundings
    if (!instruction) this.#do(`finish ${name}`, false)
    else if (instruction.type === 'compute') this.#do(`step ${name}`, false)
    else if (instruction.type === 'send') {
      const id = messageId(shape, rank, journal.sentIds.length, state.epoch)
      this.#do(`send ${name} a${instruction.to} ${tagOfMessage(shape, id)}`, false)
    } else this.#do(`receive ${name}${instruction.from === null ? '' : ` a${instruction.from}`}`, false)
  }

  /** Up to the work that is answered; the explored processor has done the rest already. */
  #work(name: string): void {
    const { host } = this.#stage.processor(name)
    while (host?.kind === 'application' && host.memory.isWaiting) {
      if (this.#do(`work ${name}`, true).length > 0) return
    }
  }

  #ship(id: ProcessorId, name: string, index: number): void {
    const { host } = this.#stage.world.processor(id)
    const shipment = host?.shipments[index]
    while (shipment && host?.shipments.includes(shipment)) this.#do(`ship ${name} 1 ${index}`, true)
  }

  #crash(before: PackedState, processor: number, surviving: readonly number[]): void {
    const { world } = this.#stage
    const arriving = world.links.from(processorId(processor)).map((link) => {
      const groups = this.#groups(before, link)
      return groups.slice(0, surviving[numberOf(link.to)]).reduce((sum, { packets }) => sum + packets, 0)
    })
    this.#do(`crash ${this.#nameOf(processorId(processor))} arriving=${arriving.join() || 0}`, false)
  }

  /** Delivers what is on the links of the stage and no more on those that were explored. */
  #catchUp(after: PackedState): void {
    for (let again = true; again; ) {
      again = false
      for (const link of this.#stage.world.links.busy) {
        while (link.packets.length > 0 && this.#isDue(after, link)) {
          again = true
          const { from, to } = link
          const isBetween = from !== 'conductor' && to !== 'conductor' && !link.packets.some(isPages)
          const isStory = isBetween || isDamage(link.packets[0]!)
          this.#do(`deliver ${this.#nameOf(from)}->${this.#nameOf(to)}`, !isStory)
        }
      }
    }
  }

  #isDue(after: PackedState, link: SimulatedLink): boolean {
    const { universe } = this.#space
    if (typeof link.to === 'number' && !this.#stage.world.processor(link.to).alive) return false
    // One that was fenced comes back as a spare, which is left out of what is explored.
    if (Math.max(numberOf(link.from), numberOf(link.to)) >= this.#space.layout.ends) return true
    if (this.#isOld(after, link.packets[0]!, link.to)) return !this.#wouldFence(after, link)
    const slot = this.#space.layout.linkSlot(numberOf(link.from), numberOf(link.to))
    return this.#groups(after, link).length > universe.contents.entry(after[slot]!).packets.length
  }

  /** What one that was given up sends makes the conductor fence it, which is a move of its own where it is explored. */
  #wouldFence(state: PackedState, { from, to }: SimulatedLink): boolean {
    const { holders } = this.#space.universe.conductors.entry(state[conductorSlot]!)
    return to === 'conductor' && !holders.includes(numberOf(from))
  }

  /** What is on a link of the stage, as explored links have it: pages as one, nothing of epochs that are over. */
  #groups(state: PackedState, link: SimulatedLink): { readonly key: string; packets: number }[] {
    const groups: { readonly key: string; packets: number }[] = []
    let skipped = 0
    for (const packet of link.packets) {
      const key = isPages(packet) ? packet.frame.type : ''
      if (this.#isOld(state, packet, link.to)) skipped += 1
      else if (key !== '' && groups.at(-1)?.key === key) groups.at(-1)!.packets += 1
      else {
        groups.push({ key, packets: 1 + skipped })
        skipped = 0
      }
    }
    return groups
  }

  /** Of an epoch that its receiver has left: explored links do not carry it any more. */
  #isOld(state: PackedState, packet: Packet, to: End): boolean {
    if (packet.type !== 'frame') return false
    const { universe } = this.#space
    if (typeof to === 'string') return packet.epoch < universe.conductors.entry(state[conductorSlot]!).epoch
    const { epoch } = universe.nodes.entry(state[this.#space.layout.nodeSlot(to)]!)
    return this.#world.rules.checkEpoch && packet.epoch < epoch
  }

  #nameOf(end: End): string {
    if (end === 'conductor') return end
    for (const [place, holder] of this.#stage.world.conductor.members) if (holder === end) return place
    return `p${end}`
  }
}

const numberOf = (end: End): number => (typeof end === 'string' ? 0 : end)

/** A rebuild whose bytes are wrong: what ends the run. */
function isDamage(packet: Packet): boolean {
  return packet.type === 'frame' && packet.frame.type === 'damaged'
}

function isPages(packet: Packet): packet is Extract<Packet, { type: 'frame' }> {
  return packet.type === 'frame' && 'batch' in packet.frame
}
