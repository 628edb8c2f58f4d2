import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ProcessorId } from '../../base/index.ts'
import type { CandidateId } from '../../protocol/index.ts'

/** The compiled processor: it runs as plain JavaScript, wherever this module itself runs from. */
const processorEntry = fileURLToPath(new URL('../../../dist/bundles/processor.cjs', import.meta.url))

/** The compiled conductor, for those that have a process of their own. */
const conductorEntry = fileURLToPath(new URL('../../../dist/bundles/conductor.cjs', import.meta.url))

/** Of a processor or a conductor: the socket whose other end the launcher watches for its end. */
export const lifelineDescriptor = 3

/** The argument with which a processor waits, once it has loaded its code, until something comes by stdin. */
export const waitingArgument = 'waits'

/** Starts the process of a processor. */
export function spawnProcessor(folder: string, id: ProcessorId, env: NodeJS.ProcessEnv, waits: boolean): ChildProcess {
  const args = [processorEntry, folder, String(id), ...(waits ? [waitingArgument] : [])]
  // What programs print goes to stderr: stdout belongs to the run's own outcome.
  return spawn(process.execPath, args, { stdio: [waits ? 'pipe' : 'ignore', 2, 2, 'pipe'], env })
}

/** Starts the process of one that may conduct. */
export function spawnConductor(folder: string, id: CandidateId, env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, [conductorEntry, folder, String(id)], { stdio: ['ignore', 2, 2, 'pipe'], env })
}

/** Of NODE_OPTIONS, those with which all processors would listen for a debugger at the same address. */
const inspecting = /(^|\s)--(?:inspect|debug)(?:-[\w-]+)?(?:=\S*|\s+[^-\s]\S*)?(?=\s|$)/g

/**
 * The environment of a processor, out of that of the launcher. `mayConnect`: the program may open connections, and needs
 * the certificates for it; where there are some, reading them takes as long as all else that Node does at its start.
 * `addon`: where the native addon is, so that nobody has to look for it again.
 */
export function processorEnvironment(
  { NODE_EXTRA_CA_CERTS: certificates, ...env }: NodeJS.ProcessEnv,
  { mayConnect, addon }: { readonly mayConnect: boolean; readonly addon: string | null },
): NodeJS.ProcessEnv {
  const options = env.NODE_OPTIONS
  return {
    ...env,
    ...(addon === null ? {} : { PARITAS_ADDON: addon }),
    ...(mayConnect && certificates !== undefined ? { NODE_EXTRA_CA_CERTS: certificates } : {}),
    ...(options === undefined ? {} : { NODE_OPTIONS: options.replace(inspecting, '').trim() }),
  }
}
