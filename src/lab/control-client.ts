import { once } from 'node:events'
import { connect } from 'node:net'
import { enumerate, UsageError } from '../base/index.ts'
import { onLines } from './lines.ts'
import { labFiles, labFolder, labNames } from './record.ts'
import { answerCheck, type LabAnswer, type LabRequest } from './requests.ts'
import type { LabState } from './state.ts'

/** How long to wait for what a laboratory says: to start a host takes longest, on a busy computer. */
const answerMsMax = 60_000
/** To say what there is takes it no time. */
const stateMsMax = 2000

/** Asks a laboratory for something. Null if there is none of this name. Throws a `UsageError` with what it refuses. */
export async function callLab(name: string, request: LabRequest): Promise<LabAnswer | null> {
  const answer = await answerOf(name, request, answerMsMax)
  if (answer === 'silent') throw new UsageError(`the laboratory ${name} does not answer`)
  return answer
}

/** All that are running, and the names of those that do not answer: their process stands still. */
export async function runningLabs(): Promise<{ readonly running: LabState[]; readonly silent: string[] }> {
  const names = labNames()
  const answers = await Promise.all(names.map((name) => answerOf(name, { type: 'list' }, stateMsMax)))
  const running = answers.flatMap((one) =>
    one !== null && one !== 'silent' && one.type === 'state' ? [one.state] : [],
  )
  return { running, silent: names.filter((_, at) => answers[at] === 'silent') }
}

/** The name of the one that is meant: the one that is named, or else the only one. Throws a `UsageError` that says which there are. */
export async function findLab(named: string | undefined): Promise<string> {
  if (named !== undefined && labNames().includes(named)) {
    if ((await answerOf(named, { type: 'list' }, stateMsMax)) !== null) return named
  }
  const { running, silent } = await runningLabs()
  const names = [...running.map(({ name }) => name), ...silent].sort()
  if (names.length === 0) {
    const what = named === undefined ? 'no laboratory is' : `no laboratory ${named} is`
    throw new UsageError(`${what} running: start one by paritas lab --hosts 3 -- COMMAND`)
  }
  const there = names.length === 1 ? `there is ${names[0]}` : `there are ${enumerate(names)}`
  if (named !== undefined) throw new UsageError(`no laboratory ${named} is running: ${there}`)
  if (names.length === 1) return names[0]!
  throw new UsageError(`several laboratories are running: choose one by --lab ${enumerate(names, 'or')}`)
}

async function answerOf(name: string, request: LabRequest, msMax: number): Promise<LabAnswer | 'silent' | null> {
  const line = await lineFrom(labFiles(labFolder(name)).control, JSON.stringify(request), msMax)
  if (line === null || line === 'silent') return line
  const answer: unknown = JSON.parse(line)
  const problem = answerCheck(answer)
  if (problem !== null) throw new UsageError(`the laboratory ${name} is of another version: its answer${problem}`)
  const known = answer as LabAnswer
  if (known.type === 'refused') throw new UsageError(known.error)
  return known
}

/** One line for one line. Null if nobody listens; `silent` if somebody does, and says nothing. */
async function lineFrom(path: string, line: string, msMax: number): Promise<string | null> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
  } catch {
    return null
  }
  const answered = new Promise<string | null>((resolve) => {
    onLines(socket, resolve)
    // It ends with what it was asked for undone.
    socket.once('close', () => resolve(null))
    socket.setTimeout(msMax, () => resolve('silent'))
  })
  socket.write(`${line}\n`)
  try {
    return await answered
  } finally {
    socket.destroy()
  }
}
