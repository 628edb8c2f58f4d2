import { spawn } from 'node:child_process'
import { UsageError } from '../../base/index.ts'
import { exitCodeOf, type Lab, openLab } from '../../lab/index.ts'
import { InterruptedError } from '../../machine/index.ts'
import { CommandEnded } from '../exit-codes.ts'
import { paintFor, type Surroundings } from '../surroundings.ts'
import type { LabArguments } from './arguments.ts'
import { type EndingSignal, hasReachedAll, onSignals } from './signals.ts'
import { labInWords } from './wording.ts'

/** The command that a laboratory was started for, on the first host or outside. */
interface LabCommand {
  /** Its exit code; 128 and the number of the signal that ended it. */
  readonly ended: Promise<number>
  kill(name: NodeJS.Signals): void
}

/** How long a command may take to end that was interrupted. */
const endingMsMax = 5000

/** Makes a laboratory, runs the command, and removes all of it. Throws a `CommandEnded` with the command's exit code. */
export async function startLab(args: LabArguments, surroundings: Surroundings): Promise<void> {
  const interruption = new Interruption()
  const stop = onSignals(surroundings.signals, (name) => interruption.take(name))
  try {
    const lab = await openLab(args.settings)
    try {
      throw new CommandEnded(await runCommand(lab, args, interruption, surroundings))
    } finally {
      await lab.close()
    }
  } finally {
    stop()
    interruption.close()
  }
}

async function runCommand(
  lab: Lab,
  { command, isOutside }: LabArguments,
  interruption: Interruption,
  surroundings: Surroundings,
): Promise<number> {
  const [first] = lab.hosts
  const last = lab.hosts.at(-1)!
  const { stderr, env } = surroundings
  const hosts =
    first === last
      ? `${first!.name} at ${first!.address}`
      : `${first!.name} at ${first!.address} to ${last.name} at ${last.address}`
  const place = isOutside ? 'outside' : `on ${first!.name}`
  const paint = paintFor(stderr, env)
  stderr.write(`${paint.bold(lab.name)}: ${labInWords(lab.state())}; ${hosts}; ${command[0]} runs ${place}\n`)
  const running: LabCommand = isOutside
    ? runOutside(lab, command, env)
    : first!.spawn(command, { stdio: 'inherit', env: { ...env } })
  interruption.of(running)
  const labEnded = lab.ended.then(() => 'lab' as const)
  const outcome = await Promise.race([running.ended, interruption.isOver, labEnded])
  if (outcome === 'interrupted' || interruption.hasCome) {
    if (isOutside) running.kill('SIGKILL')
    throw new InterruptedError('interrupted')
  }
  // That a command has ended may be the first that is seen of it.
  if (outcome === 'lab' || !(await lab.answers())) {
    throw new UsageError(`the laboratory ${lab.name} was ended from outside`)
  }
  if (!isOutside && !first!.isOn) stderr.write(`${first!.name} went off, and ${command[0]} with it\n`)
  return outcome
}

function runOutside(lab: Lab, [program, ...args]: readonly string[], env: Surroundings['env']): LabCommand {
  const child = spawn(program!, args, { stdio: 'inherit', env: { ...env, PARITAS_LAB: lab.name } })
  return {
    ended: new Promise((resolve, reject) => {
      child.once('error', ({ message }) => reject(new UsageError(`${program} cannot be started: ${message}`)))
      child.once('exit', (code, signalName) => resolve(exitCodeOf(code, signalName)))
    }),
    kill: (name) => child.kill(name),
  }
}

/** Ctrl-C and the like: the command gets some time to end by itself; a second one takes it away. */
class Interruption {
  readonly isOver: Promise<'interrupted'>
  #command: LabCommand | null = null
  #first: EndingSignal | null = null
  #over: () => void = () => {}
  #timer: NodeJS.Timeout | null = null

  constructor() {
    this.isOver = new Promise((resolve) => {
      this.#over = () => resolve('interrupted')
    })
  }

  get hasCome(): boolean {
    return this.#first !== null
  }

  take(name: EndingSignal): void {
    if (this.#first !== null || this.#command === null) this.#over()
    this.#first ??= name
    if (this.#command !== null) this.#pass(this.#command, name)
  }

  /** The command is there. If a signal has come before it, it is not waited for. */
  of(command: LabCommand): void {
    this.#command = command
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #pass(command: LabCommand, name: EndingSignal): void {
    if (!hasReachedAll(name)) command.kill(name)
    this.#timer ??= setTimeout(() => this.#over(), endingMsMax)
  }
}
