import { numberIn, type ReadText } from '../limits/control-groups.ts'
import { ancestorsOf } from '../local/process-sight.ts'

/** What a group can limit, by the kernel's name for it. */
export type GroupController = 'cpu' | 'memory'

const limited: Readonly<Record<GroupController, string>> = { cpu: 'processor time', memory: 'memory' }

/** The control group that this process is in, of one controller, and below which others can be made. */
export interface GroupTree {
  /** Version 1 has a hierarchy for each kind of limit, version 2 one for all. */
  readonly version: 1 | 2
  readonly folder: string
  /** Groups below it can be limited already. Always so in version 1. */
  readonly isDivided: boolean
  /** Its processes must leave it before it can be divided: but for the group of all groups, the kernel wants that. */
  readonly hasToBeLeft: boolean
}

/** Why there can be no group with a limit of its own, and what to do. */
export interface GroupObstacle {
  readonly why: string
  readonly advice: string
}

/** What is asked of the system beside the contents of files: why a path cannot be written, as a code; null if it can. */
export type WhyReadOnly = (path: string) => string | null

const ownScope = 'systemd-run --scope -p Delegate=yes COMMAND (without root: systemd-run --user --scope …)'

/** Where groups can be made that limit what `controller` says. Looks only, and changes nothing. */
export function findGroupTree(
  read: ReadText,
  whyReadOnly: WhyReadOnly,
  pid: number,
  controller: GroupController = 'cpu',
): GroupTree | GroupObstacle {
  const own = read('/proc/self/cgroup')
  if (own === null) return { why: 'only Linux has control groups', advice: 'use Linux, or leave the option out' }
  const first = folderOf(own, read, controller)
  const folder = first ?? folderOf(own, read, null)
  if (folder === null) {
    return {
      why: `no control groups of ${limited[controller]} are mounted`,
      advice: 'mount them: mount -t cgroup2 none /sys/fs/cgroup',
    }
  }
  const isDivided = first !== null || offers(read, folder, 'cgroup.subtree_control', controller)
  const hasToBeLeft = !isDivided && read(`${folder}/cgroup.type`) !== null
  const tree: GroupTree = { version: first === null ? 2 : 1, folder, isDivided, hasToBeLeft }
  return lackingDelegation(tree, controller, read, pid) ?? refusedWrites(tree, whyReadOnly) ?? tree
}

/** The group's folder in the hierarchy of a controller, or of version 2 (null); null where it is not mounted. */
function folderOf(own: string, read: ReadText, controller: string | null): string | null {
  const groups = own.split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line))
  const group = groups.find((one) =>
    controller === null ? one?.[1] === '' : one?.[1]?.split(',').includes(controller),
  )
  if (!group) return null
  for (const line of (read('/proc/self/mountinfo') ?? '').split('\n')) {
    const [place, kind = ''] = line.split(' - ')
    const [, , , root = '', mounted = ''] = place!.split(' ').map(unescaped)
    const [type, , options = ''] = kind.split(' ')
    const isIt = controller === null ? type === 'cgroup2' : type === 'cgroup' && options.split(',').includes(controller)
    if (isIt) return `${mounted}${below(root, group[2]!)}`.replace(/(?<=.)\/$/, '')
  }
  return null
}

/** Blanks in names of /proc/self/mountinfo are octal numbers. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

/** A path in a hierarchy of which only what lies below `root` is mounted, as in containers. */
function below(root: string, path: string): string {
  if (root === '/') return path
  return path.startsWith(`${root}/`) ? path.slice(root.length) : ''
}

const offers = (read: ReadText, folder: string, file: string, controller: GroupController): boolean =>
  (read(`${folder}/${file}`) ?? '').trim().split(' ').includes(controller)

function lackingDelegation(
  tree: GroupTree,
  controller: GroupController,
  read: ReadText,
  pid: number,
): GroupObstacle | null {
  const { version, folder, hasToBeLeft } = tree
  if (version === 1) return null
  if (!offers(read, folder, 'cgroup.controllers', controller)) {
    return {
      why: `the control group ${folder} cannot limit ${limited[controller]}`,
      advice: `run it in one that can: ${ownScope}`,
    }
  }
  const stranger = hasToBeLeft ? processesIn(read, folder).find((one) => !isKin(one, pid, read)) : undefined
  if (stranger === undefined) return null
  const why = `the control group ${folder} cannot be divided: other processes are in it (pid ${stranger})`
  return { why, advice: `run it in a group of its own: ${ownScope}` }
}

export function processesIn(read: ReadText, folder: string): number[] {
  return (read(`${folder}/cgroup.procs`) ?? '').split('\n').flatMap((line) => numberIn(line) ?? [])
}

/** One of the two has started the other, or one that has. */
function isKin(one: number, other: number, read: ReadText): boolean {
  return one === other || ancestorsOf(other, read).includes(one) || ancestorsOf(one, read).includes(other)
}

function refusedWrites({ folder, version }: GroupTree, whyReadOnly: WhyReadOnly): GroupObstacle | null {
  const files = version === 1 ? [''] : ['', '/cgroup.procs', '/cgroup.subtree_control']
  const code = files.map((file) => whyReadOnly(`${folder}${file}`)).find((found) => found !== null)
  if (code === undefined) return null
  if (code === 'EROFS') {
    const advice = 'let the container write its control groups: docker run --privileged'
    return { why: `the control group ${folder} is mounted read-only`, advice }
  }
  const advice = version === 1 ? 'run it as root' : `run it as root, or in a group of its own: ${ownScope}`
  return { why: `the control group ${folder} must not be changed by this user`, advice }
}
