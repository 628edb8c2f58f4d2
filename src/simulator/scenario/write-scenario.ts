/** A run that went wrong as a scenario file, which the scenario runner can play again. */
import { type ProcessorId, unreachable } from '../../base/index.ts'
import type { CandidateId } from '../../protocol/index.ts'
import { isFault, type Move, playMove } from '../faults/moves.ts'
import { catchAssertion } from '../oracle/endings.ts'
import { type Replay, settleStart } from '../search/shrink.ts'
import type { End } from '../world/links.ts'
import { createWorld, type SimulatedMachine } from '../world/machine.ts'
import type { World } from '../world/world.ts'
import { runScenario } from './run-scenario.ts'

const lineLengthMax = 110

/** `why`: comment lines for its beginning. The text ends with what happens, as the scenario runner tells it. */
export function writeScenario({ script, violation, finishes }: Replay, why: readonly string[]): string {
  const { machine, settlesFirst, moves } = script
  const lines = [
    ...why.map((line) => `# ${line}`),
    machineLine(machine, settlesFirst),
    ...inLines(commandsOf(machine, settlesFirst, moves)),
  ]
  if (finishes) lines.push('run')
  else if (violation?.kind !== 'ASSERTION') lines.push('violations')
  return runScenario(`${[...lines, '----'].join('\n')}\n`)
}

function machineLine(machine: SimulatedMachine, settles: boolean): string {
  const { processes, spares, code, storage, coordination, program, logBytesMax, channels, choices, conductors } =
    machine
  const options = [
    `processes=${processes} spares=${spares} respawns=yes program=${program} choices=${choices}`,
    ...codeOptions(machine),
    ...schemeOptions(coordination, code),
    ...storageOptions(storage),
    ...(logBytesMax < 2 ** 20 ? [`logBytesMax=${logBytesMax}`] : []),
    ...(channels === 'ordered' ? [] : [`channels=${channels}`]),
    ...(conductors === undefined ? [] : [`conductors=${conductors}`]),
    ...unfetchedOption(machine),
    ...(machine.hosts === undefined ? [] : [`hosts=${machine.hosts}`]),
    ...(machine.canary === null ? [] : [`canary=${machine.canary}`]),
    ...(settles ? [] : ['start=cold']),
  ]
  return `machine ${options.join(' ')}`
}

function unfetchedOption({ unfetchedBytesMax: bytes = 2 ** 20 }: SimulatedMachine): string[] {
  return bytes < 2 ** 20 ? [`unfetched=${bytes}`] : []
}

function storageOptions(storage: SimulatedMachine['storage']): string[] {
  return storage ? [`disk-every=${storage.every}`, ...(storage.isIncremental ? ['disk-changes=yes'] : [])] : []
}

function schemeOptions(coordination: SimulatedMachine['coordination'], code: SimulatedMachine['code']): string[] {
  if (coordination === 'independent') return []
  return [
    code === 'none' ? 'scheme=disk' : 'scheme=n+1-parity',
    ...(coordination === 'resume-after-capture' ? ['resume=after-capture'] : []),
  ]
}

function codeOptions({ code, tolerate, groupSize }: SimulatedMachine): string[] {
  if (code === 'none') return []
  if (code === 'reed-solomon') {
    return [
      ...(tolerate > 1 ? [`tolerate=${tolerate}`] : []),
      ...(groupSize === undefined ? [] : [`group-size=${groupSize}`]),
    ]
  }
  return [code === 'groups' ? `groups=${tolerate}` : 'code=mirror']
}

/** Faults stand on lines of their own, so that they are seen. What moves tell is dropped: there is much of it. */
function inLines(commands: readonly { readonly text: string; readonly isFault: boolean }[]): string[] {
  const lines: string[] = []
  let line = ''
  const flush = (): void => {
    if (line !== '') lines.push(`quietly ${line}`)
    line = ''
  }
  for (const { text, isFault } of commands) {
    if (isFault || line.length + text.length > lineLengthMax) flush()
    line = line === '' ? text : `${line}; ${text}`
    if (isFault) flush()
  }
  flush()
  return lines
}

/** Each move as a command; processors are named as they are called when it happens. */
function commandsOf(
  machine: SimulatedMachine,
  settles: boolean,
  moves: readonly Move[],
): { text: string; isFault: boolean }[] {
  const world = createWorld(machine)
  const commands: { text: string; isFault: boolean }[] = []
  catchAssertion(() => {
    if (settles) settleStart(world)
    for (const move of moves) {
      commands.push({ text: commandFor(world, move), isFault: isFault(move) })
      playMove(world, move)
    }
    return null
  })
  return commands
}

function commandFor(world: World, move: Move): string {
  const link = ({ from, to }: { readonly from: End; readonly to: End }): string =>
    `${nameOf(world, from)}->${nameOf(world, to)}`
  switch (move.type) {
    case 'deliver':
      return `deliver ${link(move)}`
    case 'sever':
      return `sever ${link(move)}`
    case 'duplicate':
      return `duplicate ${link(move)} ${move.which} ${move.at}`
    case 'repeatLate':
      return `late ${link(move)} ${move.which}`
    case 'startProcessor':
      return 'spare'
    case 'partition':
      return `partition ${move.side.map((end) => nameOf(world, end)).join(' ')} ${move.way}`
    case 'watcherLeaves':
      return 'freeze watcher'
    case 'watcherReturns':
      return 'thaw watcher'
    case 'heal':
      return 'heal'
    case 'passTimeouts':
      return 'timeouts'
    case 'writeManifest':
      return 'write manifest'
    case 'fillDisk':
      return 'fill-disk'
    case 'damageFile':
      return `damage ${move.name}`
    case 'cutPower':
      return `cut-power ${move.luck}`
    case 'loseHost':
      return `lose-host ${move.host} arriving=${move.arriving.join(',') || '0'}${move.accident ? ` accident=${move.accident}` : ''}`
    case 'returnHost':
    case 'freezeHost':
    case 'thawHost':
      return `${hostFaultCommands[move.type]} ${move.host}`
    case 'tellHostLost':
    case 'tellHostSilent':
    case 'tellHostHeard':
      return `${hostNewsCommands[move.type]} ${move.host}`
    default:
      return 'candidate' in move ? onCandidate(move) : onProcessor(nameOf(world, move.processor), move)
  }
}

const hostFaultCommands = { returnHost: 'return-host', freezeHost: 'freeze-host', thawHost: 'thaw-host' }
const hostNewsCommands = { tellHostLost: 'host-lost', tellHostSilent: 'host-silent', tellHostHeard: 'host-heard' }

function onCandidate(move: Extract<Move, { candidate: CandidateId }>): string {
  const name = `candidate-${move.candidate}`
  switch (move.type) {
    case 'crashCandidate':
      return `crash ${name} arriving=${move.arriving.join(',') || '0'}`
    case 'crashCandidateAfter':
      return `crash ${name} after=${move.effects}`
    case 'freezeCandidate':
      return `freeze ${name}`
    case 'thawCandidate':
      return `thaw ${name}`
    case 'doubtConductor':
      return `doubt ${name}`
    case 'loseAnswer':
      return `lose-answer ${name}`
    case 'standbySilent':
      return `silent ${name}`
    case 'standbyHeard':
      return `hear ${name}`
    case 'unheard':
    case 'unanswered':
      return `${move.type} ${name}`
    default:
      return unreachable(move)
  }
}

function onProcessor(name: string, move: Extract<Move, { processor: ProcessorId }>): string {
  switch (move.type) {
    case 'ship':
      return move.shipment === 0 ? `ship ${name} 1` : `ship ${name} 1 ${move.shipment}`
    case 'crash':
      return move.accident
        ? `crash ${name} accident=${move.accident}`
        : `crash ${name} arriving=${move.arriving.join(',') || 'all'}`
    case 'crashAfter':
      return `crash ${name} after=${move.effects}`
    case 'failStep':
      return `fail ${name} ${move.site}`
    case 'workOnMemory':
      return `work ${name}`
    case 'endStep':
      return `go ${name}`
    case 'fillBuffer':
      return `full ${name}`
    case 'tellSilent':
      return `silent ${name}`
    case 'tellHeard':
      return `hear ${name}`
    case 'writeFile':
      return `write ${name}`
    case 'readFile':
      return `read ${name}`
    case 'timeout':
    case 'leave':
    case 'freeze':
    case 'thaw':
    case 'suspect':
      return `${move.type} ${name}`
    default:
      return unreachable(move)
  }
}

/** The place that an end of a link holds, or the number of a processor that holds none any more, or not yet. */
function nameOf(world: World, end: End): string {
  if (end === 'conductor' || end === 'store' || end === 'disk' || end === 'watcher') return end
  if (typeof end === 'string') return end.replace(' ', '-')
  for (const [place, holder] of world.conductor.members) if (holder === end) return place
  return `p${end}`
}
