/** The commands of scenario files. Those about one event tell all of it; those that let things happen tell the story. */
import { checkpointPlace } from '../../protocol/index.ts'
import type { SimulatedCandidate } from '../candidates/candidate.ts'
import { finishRun } from '../search/finish.ts'
import type { SimulatedProgram } from '../world/process.ts'
import type { SimulatedProcessor } from '../world/processor.ts'
import type { Action } from '../world/world.ts'
import { ScenarioError } from './error.ts'
import { moveCommands, play } from './move-commands.ts'
import type { Stage } from './stage.ts'
import { showCheck, showLinks, showStatus, showTables } from './views.ts'
import { type Command, word } from './word.ts'

const rankNamed = (name: string): number => Number(name.slice(1))

/** Ends the step of a process; it did `program`. */
function endStep(stage: Stage, name: string, program: SimulatedProgram): string[] {
  const { step, state } = stage.application(name)
  if (!step && state.process.waiting.kind === 'receive') return [`${name} waits for a message`]
  if (!step) throw new ScenarioError(`${name} is not in a step`)
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
  const check = stage.processor(checkpointPlace(host.state.options.rows[0] ?? 0)).id
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

/** Of one that may conduct. Without `arriving`, nothing of what is in flight arrives. */
function crashCandidate(stage: Stage, { id, end }: SimulatedCandidate, how: string | undefined): string[] {
  const [option, count] = (how ?? 'arriving=0').split('=')
  if (option === 'after')
    return play(stage, { type: 'crashCandidateAfter', candidate: id, effects: Number(count) }, end)
  const counts = count!.split(',')
  const arriving = stage.world.links.from(end).map(({ packets }, link) => {
    const one = counts[Math.min(link, counts.length - 1)]!
    return one === 'all' ? packets.length : Number(one)
  })
  return play(stage, { type: 'crashCandidate', candidate: id, arriving }, end)
}

/** `freeze` and `thaw`, of a processor or of one that may conduct. */
function freeze(stage: Stage, name: string, isFrozen: boolean): string[] {
  if (name === 'watcher') return play(stage, { type: isFrozen ? 'watcherLeaves' : 'watcherReturns' }, name)
  const candidate = stage.candidate(name)
  if (candidate) {
    return play(stage, { type: isFrozen ? 'freezeCandidate' : 'thawCandidate', candidate: candidate.id }, name)
  }
  stage.processor(name).frozen = isFrozen
  return []
}

function crash(stage: Stage, processor: SimulatedProcessor, how: string | undefined): string[] {
  const [option, count] = (how ?? 'arriving=0').split('=')
  if (option === 'after') processor.effectsLeft = Number(count)
  else if (option === 'accident') {
    processor.accident = count === 'late' ? 'late' : 'soon'
    stage.world.crash(processor, () => 0)
  } else {
    const counts = count!.split(',')
    let link = 0
    const next = (): string => counts[Math.min(link++, counts.length - 1)]!
    stage.world.crash(processor, (packets) => {
      const arriving = next()
      return arriving === 'all' ? packets : Number(arriving)
    })
  }
  return []
}

function duplicate(stage: Stage, text: string, which: number, at: number): string[] {
  const link = stage.link(text)
  const packet = link.packets[which]
  if (!packet) throw new ScenarioError(`nothing is on ${text}`)
  stage.world.links.replace(link, link.packets.toSpliced(at, 0, packet))
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
  throw new ScenarioError(`no pages are on ${text}`)
}

function deliver(stage: Stage, text: string, count: string): string[] {
  const link = stage.link(text)
  let left = count === 'all' ? link.packets.length : Number(count)
  // Where a channel has lost everything, it is sent again.
  const most = link.packets.length || Number(link.isBusy)
  if (left > most) throw new ScenarioError(`only ${most} on ${text}`)
  for (; left > 0; left -= 1) stage.world.perform({ type: 'deliver', link })
  return stage.tellAll()
}

/** Puts frames of what a processor ships on their link. */
function ship(stage: Stage, name: string, count: number, which: number): string[] {
  const processor = stage.processor(name)
  for (let left = count; left > 0; left -= 1) {
    const shipment = processor.host?.shipments[which]
    if (!shipment) break
    stage.world.perform({ type: 'ship', processor, shipment })
  }
  return [...stage.tellAll(), ...showLinks(stage).filter((line) => line.startsWith(`${name} -> `))]
}

const runActions = 60_000

/** Lets programs run, everything in turn, until the run has ended or something is wrong. */
function run(stage: Stage): string[] {
  const violation = finishRun(stage.world, runActions)
  const found = new Set(stage.world.violations)
  if (violation) found.add(violation)
  const isTold = stage.world.outcome !== null && stage.world.outcome.type !== 'finished'
  const shown = isTold ? stage.world.violations : [...found]
  return [...stage.tellOutline(), ...shown.map(({ kind, detail }) => `${kind}: ${detail}`)]
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
    const processor = stage.processor(word(words, 0, 'the process'))
    stage.world.perform({ type: 'timeout', processor })
    return stage.tellAll()
  },
  full: (stage, words) => {
    stage.application(word(words, 0, 'the process')).handle({ type: 'bufferFull' })
    return stage.tellAll()
  },
  /** deliver a0->a1 [n|all] */
  deliver: (stage, words) => deliver(stage, word(words, 0, 'the link'), words[1] ?? '1'),
  /** ship a0 [n] [which]: n frames of what a0 ships go on their link; all by default, and of its first shipment. */
  ship: (stage, words) =>
    ship(stage, word(words, 0, 'the processor'), Number(words[1] ?? Number.POSITIVE_INFINITY), Number(words[2] ?? 0)),
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
  /** crash a0 [arriving=n|all] [after=n] [accident=soon|late]: at once, or after n more effects; or nobody asked for it. */
  crash: (stage, words) => {
    const name = word(words, 0, 'the processor')
    const candidate = stage.candidate(name)
    return candidate ? crashCandidate(stage, candidate, words[1]) : crash(stage, stage.processor(name), words[1])
  },
  freeze: (stage, words) => freeze(stage, word(words, 0, 'the processor'), true),
  thaw: (stage, words) => freeze(stage, word(words, 0, 'the processor'), false),
  patience: (stage) => {
    stage.world.tellConductor({ type: 'patienceOver' })
    return stage.tellAll()
  },
  spare: (stage) => {
    stage.world.startProcessor()
    return []
  },
  /** duplicate a0->c0 [which at]: the next frame on the link, or number `which`, is there twice. */
  duplicate: (stage, words) =>
    duplicate(stage, word(words, 0, 'the link'), Number(words[1] ?? 0), Number(words[2] ?? 0)),
  corrupt: (stage, words) => corrupt(stage, word(words, 0, 'the link')),
  ...moveCommands,
  /** What the checkers have found so far. */
  violations: ({ world }) => {
    const lines = world.violations.map(({ kind, detail }) => `${kind}: ${detail}`)
    return lines.length > 0 ? lines : ['none']
  },
  tables: (stage, words) => showTables(stage, word(words, 0, 'the process')),
  links: showLinks,
  status: showStatus,
  check: showCheck,
}
