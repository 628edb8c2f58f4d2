import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { enumerate, UsageError } from '../base/index.ts'

/** The programs that a laboratory is made with, and Debian's packages that have them. */
const packages: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  tc: 'iproute2',
  nft: 'nftables',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
  hostname: 'hostname',
}

/** Where they are looked for: some systems keep them where only root looks. */
export function searchPath(env: NodeJS.ProcessEnv): string {
  return `${env.PATH ?? '/usr/bin:/bin'}:/usr/local/sbin:/usr/sbin:/sbin`
}

/** Throws a `UsageError` that says what is missing, and how to get it. */
export function requireTools(env: NodeJS.ProcessEnv, isThere: (path: string) => boolean = isProgram): void {
  if (process.platform !== 'linux') throw new UsageError('a laboratory needs Linux: its hosts are namespaces')
  const folders = searchPath(env).split(':')
  const missing = Object.keys(packages).filter((tool) => !folders.some((folder) => isThere(join(folder, tool))))
  if (missing.length === 0) return
  const wanted = [...new Set(missing.map((tool) => packages[tool]!))]
  throw new UsageError(`a laboratory needs ${enumerate(missing)}: apt-get install ${wanted.join(' ')}`)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** What a laboratory's own namespaces are made with. */
const namespaces = ['--net', '--mount', '--uts', '--ipc', '--pid', '--fork']
/** In a user namespace of one's own, as root there. */
export const asUser = ['--user', '--map-root-user']

/**
 * Whether this user needs a user namespace around them, in which he may make the others. Throws a `UsageError` where there
 * can be neither.
 */
export function needsUserNamespace(env: NodeJS.ProcessEnv): boolean {
  const isRoot = process.getuid?.() === 0
  const refused = isRoot ? refusalOf(namespaces, env) : null
  if (isRoot && refused === null) return false
  const refusedToo = refusalOf([...asUser, ...namespaces], env)
  if (refusedToo === null) return true
  const advice = isRoot
    ? 'in a container, start that with --privileged'
    : 'run it as root, or let users make namespaces (sysctl -w user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1)'
  throw new UsageError(`no namespaces can be made here (${refused ?? refusedToo}): ${advice}`)
}

/** What the system says against it; null: nothing. */
function refusalOf(flags: readonly string[], env: NodeJS.ProcessEnv): string | null {
  const { status, stderr } = spawnSync('unshare', [...flags, 'true'], {
    env: { ...env, PATH: searchPath(env) },
    encoding: 'utf8',
  })
  return status === 0 ? null : stderr.trim().split('\n')[0] || 'unshare fails'
}
