/** What the subcommands of `paritas lab` do to a laboratory that is running. */
import { enumerate, UsageError } from '../../base/index.ts'
import { callLab, findLab, type LabRequest, removeEndedLabs, runningLabs } from '../../lab/index.ts'
import { paintFor, type Surroundings } from '../surroundings.ts'
import { parsePercent, parseRate } from './arguments.ts'
import { runOnHost } from './exec.ts'
import { inRate, labLines } from './wording.ts'

type Named = string | undefined

export async function powerOff(host: string, named: Named, surroundings: Surroundings): Promise<void> {
  await request({ type: 'power-off', host }, named, surroundings)
  surroundings.stdout.write(`${host} is off\n`)
}

export async function powerOn(host: string, named: Named, surroundings: Surroundings): Promise<void> {
  await request({ type: 'power-on', host }, named, surroundings)
  surroundings.stdout.write(`${host} is on\n`)
}

export async function cut(
  { a, b, isOneWay }: { readonly a: string; readonly b: string; readonly isOneWay: boolean },
  named: Named,
  surroundings: Surroundings,
): Promise<void> {
  await request({ type: 'cut', a, b, isOneWay }, named, surroundings)
  const which = isOneWay ? `from ${a} to ${b}` : `between ${a} and ${b}`
  surroundings.stdout.write(`nothing gets ${which} any more\n`)
}

export async function lose(
  { a, b, percent: typed }: { readonly a: string; readonly b: string; readonly percent: string },
  named: Named,
  surroundings: Surroundings,
): Promise<void> {
  const percent = parsePercent(typed)
  await request({ type: 'lose', a, b, percent }, named, surroundings)
  const lost = percent === 0 ? 'nothing is lost any more' : `${percent}% of the packets are lost`
  surroundings.stdout.write(`${lost} between ${a} and ${b}\n`)
}

export async function slow(host: string, rate: string, named: Named, surroundings: Surroundings): Promise<void> {
  const rateBits = parseRate('the rate', rate)
  await request({ type: 'slow', host, rateBits }, named, surroundings)
  surroundings.stdout.write(`the link of ${host} takes ${inRate(rateBits)}\n`)
}

export async function heal(named: Named, surroundings: Surroundings): Promise<void> {
  await request({ type: 'heal' }, named, surroundings)
  surroundings.stdout.write('all links are as they were\n')
}

export async function exec(host: string, named: Named, surroundings: Surroundings): Promise<void> {
  const { passedOn } = surroundings
  if (passedOn.length === 0) throw new UsageError(`say what is to run: paritas lab exec ${host} -- COMMAND`)
  await runOnHost(await findLab(choice(named, surroundings)), host, surroundings)
}

export async function list(isJson: boolean, { stdout, stderr, env }: Surroundings): Promise<void> {
  const { running: laboratories, silent } = await runningLabs()
  const report = isJson ? stderr : stdout
  const paint = paintFor(report, env)
  const lines = [
    ...laboratories.flatMap((one) => labLines(one, paint)),
    ...silent.map((name) => `${paint.bold(name)}: ${paint.yellow('does not answer')}`),
  ]
  report.write(lines.length === 0 ? 'no laboratory is running\n' : `${lines.join('\n')}\n`)
  if (isJson) stdout.write(`${JSON.stringify({ laboratories, silent })}\n`)
}

export async function clean({ stdout }: Surroundings): Promise<void> {
  const { removed, left } = await removeEndedLabs()
  if (left.length > 0) {
    throw new UsageError(
      `${enumerate(left)} cannot be removed: a process of it does not end; try again, or restart the computer`,
    )
  }
  stdout.write(removed.length === 0 ? 'nothing is left of any laboratory\n' : `removed ${enumerate(removed)}\n`)
}

/** A laboratory tells the commands in it which one they are in. */
function choice(named: Named, { env }: Surroundings): Named {
  return named ?? env.PARITAS_LAB
}

async function request(what: LabRequest, named: Named, surroundings: Surroundings): Promise<void> {
  const name = await findLab(choice(named, surroundings))
  const answer = await callLab(name, what)
  if (answer === null) throw new UsageError(`the laboratory ${name} has ended`)
}
