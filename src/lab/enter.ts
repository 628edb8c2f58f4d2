/** The way into a host, for those that are outside: what to start so that a command runs in it. */
import { allProcesses } from './processes.ts'
import { labsFolder, labsVariable } from './record.ts'
import { searchPath } from './tools.ts'

/** What is to be known of a host to enter it. */
export interface HostDoor {
  readonly lab: string
  readonly host: string
  /** Of the host's first process. */
  readonly pid: number
  /** The control groups of the host. */
  readonly groups: readonly string[]
  readonly isInUserNamespace: boolean
}

/** Joins the groups, with all that comes after; then enters, which starts another process, and that goes to the folder. */
const enterScript = `
count=$1
shift
while [ "$count" -gt 0 ]; do
  echo 0 > "$1/cgroup.procs" || exit 126
  count=$((count - 1))
  shift
done
exec nsenter "$@"`
const goScript = 'cd "$1" 2>/dev/null || cd "$2" || exit 126; shift 2; exec "$@"'

/**
 * The words and the environment of a process that runs `command` in the host. `folder` has to be there; if it is null, it is
 * this process's own, or the root where the host does not see that.
 */
export function hostCommand(
  { lab, host, pid, groups, isInUserNamespace }: HostDoor,
  command: readonly string[],
  folder: string | null,
  env: NodeJS.ProcessEnv,
): { readonly words: readonly [string, ...string[]]; readonly env: NodeJS.ProcessEnv } {
  const folders = folder === null ? [process.cwd(), '/'] : [folder, folder]
  const user = isInUserNamespace ? ['--user', '--preserve-credentials'] : []
  const namespaces = ['--net', '--mount', '--uts', '--ipc', '--pid']
  const enter = [...user, `--target=${pid}`, ...namespaces, '--', 'sh', '-c', goScript, host, ...folders, ...command]
  // Temporary folders are the host's own; that of the session is the machine's.
  const { TMPDIR: _, XDG_RUNTIME_DIR: __, ...kept } = env
  return {
    words: ['sh', '-c', enterScript, 'enter', String(groups.length), ...groups, ...enter],
    env: { ...kept, PATH: searchPath(env), PARITAS_LAB: lab, PARITAS_LAB_HOST: host, [labsVariable]: labsFolder() },
  }
}

/** The process in the host that an entering one has started; null if there is none yet. */
export function enteredBy(pid: number): number | null {
  return allProcesses().find(({ parent }) => parent === pid)?.pid ?? null
}
