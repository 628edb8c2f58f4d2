/** Whether what came on the link between a launcher and a daemon is a message of it. */
import {
  bytes,
  type Check,
  count,
  flag,
  number,
  objectOf,
  oneOf,
  orNull,
  problemWith,
  text,
  variantOf,
} from '../../base/index.ts'
import { beatKeyBytes } from '../beats/beat.ts'
import { digestCheck } from '../bundle/manifest.ts'
import { bundleAnswers, bundleQuestions } from './bundles.ts'
import type { FromDaemon, HostedConfiguration, LauncherHello, ToDaemon } from './hosting.ts'
import { configurationChecks, newsProblem, orderProblem } from './validate-control.ts'

/** As `randomUUID` makes them. It is printed. */
const uuid: Check = (value) =>
  typeof value === 'string' && /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(value) ? null : ' must be a UUID'

const hello = objectOf<LauncherHello>({ run: uuid, host: text, version: text })

const key: Check = (value) =>
  bytes(value) ?? ((value as Uint8Array).length === beatKeyBytes ? null : ` must have ${beatKeyBytes} bytes`)

/** A check that says what another one says in a whole line. */
const by =
  (problemOf: (message: unknown) => string | null): Check =>
  (value) => {
    const problem = problemOf(value)
    return problem === null ? null : `: ${problem}`
  }

const processor = count

const toDaemon = variantOf<ToDaemon>({
  open: {
    configuration: objectOf<HostedConfiguration>(configurationChecks),
    digest: digestCheck,
    mayConnect: flag,
    beatKey: key,
  },
  ...bundleAnswers,
  start: { processor },
  tell: { processor, message: by(orderProblem) },
  signal: { processor, signal: oneOf(['SIGKILL', 'SIGSTOP', 'SIGCONT']) },
  giveUp: { processor },
  lose: { processor, why: text },
  close: { flushes: flag },
})

const fromDaemon = variantOf<FromDaemon>({
  ...bundleQuestions,
  opened: {},
  refused: { reason: text },
  started: { processor, pid: count },
  ready: { processor, address: orNull(text) },
  news: { processor, news: by(newsProblem) },
  lost: { processor, why: text },
  ended: { processor, ending: text },
  silent: { processor, why: text },
  heard: { processor },
  slow: { processor, silentMs: number },
  starting: {},
  hopeless: { reason: text, isUsage: flag },
  warning: { text },
  leaving: { reason: text },
  closed: {},
})

/** Why a launcher's first words are none, in a few words; null if they are. */
export function launcherProblem(message: unknown): string | null {
  return problemWith('the hello', message, hello)
}

/** Why `message` is none of a launcher's to a daemon, in a few words that name it; null if it is one. */
export function toDaemonProblem(message: unknown): string | null {
  return problemWith('a message', message, toDaemon)
}

/** Why `message` is none of a daemon's to a launcher, in a few words that name it; null if it is one. */
export function fromDaemonProblem(message: unknown): string | null {
  return problemWith('a message', message, fromDaemon)
}
