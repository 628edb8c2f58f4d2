/** The commands of scenario files. Those about one event tell all of it; those that let things happen tell the story. */
import { checkpointPlace } from '../../protocol/index.ts'
import type { SimulatedProgram } from '../process.ts'
import type { Processor } from '../processor.ts'
import type { Action } from '../world.ts'
import type { Stage } from './stage.ts'
import { showCheck, showLinks, showStatus, showTables } from './views.ts'

type Command = (stage: Stage, words: readonly string[]) => string[]

const word = (words: readonly string[], index: number, what: string): string => {
  const found = words[index]
  if (found === undefined) throw new Error(`${what} is missing`)
  return found
}

const rankNamed = (name: string): number => Number(name.slice(1))

/** Ends the step of a process; it did `program`. */
function endStep(stage: Stage, name: string, program: SimulatedProgram): string[] {
  const { step, state } = stage.application(name)
  if (!step && state.process.waiting.kind === 'receive') return [`${name} waits for a message`]
  if (!step) throw new Error(`${name} is not in a step`)
  stage.world.endStep(stage.processor(name), program)
  return stage.tellAll()
}

/** Everything but what the program and its clock do by themselves. */
const isTraffic = ({ type }: Action): boolean => type !== 'endStep' && type !== 'timeout'

function isAboutChecks(stage: Stage, action: Action): boolean {
  if (action.type === 'ship') return true
  if (action.type !== 'deliver') return false
  const { from, to } = action.link
  const checks = stage.world.processors.filter(({ host }) => host?.kind === 'check').map(({ id }) => id)
  return [from, to].every((end) => end !== 'conductor') && checks.some((id) => id === from || id === to)
}

/** Asks for a checkpoint, has it authorized and comes to the end of a step. The delta stays where it is. */
function capture(stage: Stage, name: string): string[] {
  const host = stage.application(name)
  const { id } = stage.processor(name)
  const check = stage.processor(checkpointPlace).id
  const before = host.state.captured
  host.passTimeout()
  stage.settle((action) => {
    if (action.type !== 'deliver' || host.state.authorized || host.state.captured > before) return false
    const { from, to } = action.link
    return (from === id && to === check) || (from === check && to === id)
  })
  if (host.state.captured === before && host.step) stage.world.endStep(stage.processor(name), (self) => self.goOn())
  const story = stage.tellStory()
  return host.state.captured > before ? story : [...story, `${name} is not authorized`]
}

function crash(stage: Stage, processor: Processor, how: string | undefined): string[] {
  const [option, count] = (how ?? 'arriving=0').split('=')
  if (option === 'after') processor.effectsLeft = Number(count)
  else stage.world.crash(processor, (packets) => (count === 'all' ? packets : Number(count)))
  return []
}

function duplicate(stage: Stage, text: string): string[] {
  const { packets } = stage.link(text)
  if (!packets[0]) throw new Error(`nothing is on ${text}`)
  packets.unshift(packets[0])
  return []
}

/** Flips a bit in the next pages on a link, as a bad memory or a bad cable would. */
function corrupt(stage: Stage, text: string): string[] {
  for (const packet of stage.link(text).packets) {
    if (packet.type !== 'frame' || !('batch' in packet.frame)) continue
    const { bytes } = packet.frame.batch
    bytes[0] = bytes[0]! ^ 1
    return []
  }
  throw new Error(`no pages are on ${text}`)
}

function deliver(stage: Stage, text: string, count: string): string[] {
  const link = stage.link(text)
  let left = count === 'all' ? link.packets.length : Number(count)
  if (left > link.packets.length) throw new Error(`only ${link.packets.length} on ${text}`)
  for (; left > 0; left -= 1) stage.world.perform({ type: 'deliver', link })
  return stage.tellAll()
}

/** Puts frames of what a processor ships on their link. */
function ship(stage: Stage, name: string, count: number): string[] {
  const processor = stage.processor(name)
  for (let left = count; left > 0; left -= 1) {
    const shipment = processor.host?.shipments[0]
    if (!shipment) break
    stage.world.perform({ type: 'ship', processor, shipment })
  }
  return [...stage.tellAll(), ...showLinks(stage).filter((line) => line.startsWith(`${name} -> `))]
}

/** Every so many actions the timeouts that are armed may pass. */
const timeoutActions = 40

/** Lets programs run, everything in turn, until the run has ended. */
function run(stage: Stage): string[] {
  const { world } = stage
  for (let turn = 0; !world.outcome; turn += 1) {
    const actions = world.actions().filter(({ type }) => (type === 'timeout') === (turn % timeoutActions === 0))
    const possible = actions.length > 0 ? actions : world.actions()
    if (possible.length === 0) return [...stage.tellOutline(), 'STUCK: nothing can happen any more']
    world.perform(possible[turn % possible.length]!)
  }
  if (world.outcome.type === 'finished') world.checkFinished()
  return [...stage.tellOutline(), ...world.violations.map(({ kind, detail }) => `${kind}: ${detail}`)]
}

export const commands: Readonly<Record<string, Command>> = {
  /** send a0 a1 m1: a step ends in which a0 sent m1 to a1. */
  send: (stage, words) =>
    endStep(stage, word(words, 0, 'the sender'), (self) => {
      self.send(rankNamed(word(words, 1, 'the receiver')), word(words, 2, 'the message'))
      return self.goOn()
    }),
  /** receive a1 [a0] [tag=m1]: a step ends after which a1 waits for a message. */
  receive: (stage, words) =>
    endStep(stage, word(words, 0, 'the receiver'), (self) => {
      const from = words.slice(1).find((one) => !one.startsWith('tag='))
      const tag = words.find((one) => one.startsWith('tag='))?.slice(4) ?? null
      return self.receive(from === undefined ? null : rankNamed(from), tag)
    }),
  /** step a0: a step ends, the next begins. */
  step: (stage, words) => endStep(stage, word(words, 0, 'the process'), (self) => self.goOn()),
  emit: (stage, words) =>
    endStep(stage, word(words, 0, 'the process'), (self) => {
      self.emit(word(words, 1, 'the output'))
      return self.goOn()
    }),
  finish: (stage, words) => endStep(stage, word(words, 0, 'the process'), (self) => self.done()),
  fail: (stage, words) => {
    stage.application(word(words, 0, 'the process')).failStep(word(words, 1, 'the place in the program'))
    return stage.tellAll()
  },
  timeout: (stage, words) => {
    stage.application(word(words, 0, 'the process')).passTimeout()
    return stage.tellAll()
  },
  full: (stage, words) => {
    stage.application(word(words, 0, 'the process')).handle({ type: 'bufferFull' })
    return stage.tellAll()
  },
  /** deliver a0->a1 [n|all] */
  deliver: (stage, words) => deliver(stage, word(words, 0, 'the link'), words[1] ?? '1'),
  /** ship a0 [n]: n frames of what a0 ships go on their link; all by default. */
  ship: (stage, words) => ship(stage, word(words, 0, 'the processor'), Number(words[1] ?? Number.POSITIVE_INFINITY)),
  capture: (stage, words) => capture(stage, word(words, 0, 'the process')),
  /** commit: whatever check processors have to do with happens, nothing else. */
  commit: (stage) => {
    stage.settle((action) => isAboutChecks(stage, action))
    return stage.tellStory()
  },
  /** settle [until=lineFound]: everything happens but steps and timeouts, or until such an effect was seen. */
  settle: (stage, words) => {
    stage.settle(isTraffic, words[0]?.replace('until=', ''))
    return stage.tellStory()
  },
  /** work a1: the next piece of work on the memory of a1. */
  work: (stage, words) => {
    stage.world.perform({ type: 'workOnMemory', processor: stage.processor(word(words, 0, 'the processor')) })
    return stage.tellAll()
  },
  run,
  hold: (stage, words) => {
    const { from, to } = stage.link(word(words, 0, 'the link'))
    stage.held.add(`${from}>${to}`)
    return []
  },
  release: (stage, words) => {
    const { from, to } = stage.link(word(words, 0, 'the link'))
    stage.held.delete(`${from}>${to}`)
    return []
  },
  /** crash a0 [arriving=n|all] [after=n]: at once, or after n more effects. */
  crash: (stage, words) => crash(stage, stage.processor(word(words, 0, 'the processor')), words[1]),
  freeze: (stage, words) => {
    stage.processor(word(words, 0, 'the processor')).frozen = true
    return []
  },
  thaw: (stage, words) => {
    stage.processor(word(words, 0, 'the processor')).frozen = false
    return []
  },
  patience: (stage) => {
    stage.world.tellConductor({ type: 'patienceOver' })
    return stage.tellAll()
  },
  spare: (stage) => {
    stage.world.startProcessor()
    return []
  },
  /** duplicate a0->c0: the next frame on the link is there twice. */
  duplicate: (stage, words) => duplicate(stage, word(words, 0, 'the link')),
  corrupt: (stage, words) => corrupt(stage, word(words, 0, 'the link')),
  tables: (stage, words) => showTables(stage, word(words, 0, 'the process')),
  links: showLinks,
  status: showStatus,
  check: showCheck,
}
