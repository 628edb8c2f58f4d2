/** A process as others can find it again. Its number alone says nothing: it comes again, and means something in one place only. */
import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { isCount, objectOf, text, when } from '../base/index.ts'

export interface Owner {
  readonly pid: number
  /** When it began, in clock ticks since the boot; empty where the system does not tell. */
  readonly began: string
  /** Where its number was given: containers number their processes each for itself. */
  readonly space: string
  /** Which start of the machine; empty where the system does not tell. */
  readonly boot: string
  /** Name of the machine: several may share a folder. */
  readonly machine: string
}

export const ownerCheck = objectOf<Owner>({
  pid: when('the number of a process', (value) => isCount(value) && value > 0),
  ...{ began: text, space: text, boot: text, machine: text },
})

export function thisProcess(): Owner {
  return ownerOf(process.pid)
}

/** Any process that lives here. */
export function ownerOf(pid: number): Owner {
  return { pid, began: beganOf(pid) ?? '', ...here() }
}

export function encodeOwner(one: Owner): string {
  return JSON.stringify(one)
}

/** Null for a text that a power cut has cut off, or that is something else. */
export function decodeOwner(encoded: string): Owner | null {
  try {
    const value: unknown = JSON.parse(encoded)
    return ownerCheck(value) === null ? (value as Owner) : null
  } catch {
    return null
  }
}

/** An owner in a few characters, for the name of a file. */
export function ownerTag({ pid, began, space, boot, machine }: Owner): string {
  return [pid, began || '0', ...[space, boot, machine].map(digest)].join('-')
}

/**
 * The owner as far as the tag says it, which is enough for `stateOf`: places that are not here are not told apart.
 * Null for what is no tag.
 */
export function decodeOwnerTag(tag: string): Owner | null {
  const [, pid, began, space, boot, machine] = /^(\d+)-(\d+)-(\w{8})-(\w{8})-(\w{8})$/.exec(tag) ?? []
  if (machine === undefined) return null
  const own = here()
  return {
    pid: Number(pid),
    began: began === '0' ? '' : began!,
    space: space === digest(own.space) ? own.space : space!,
    boot: boot === digest(own.boot) ? own.boot : boot!,
    machine: machine === digest(own.machine) ? own.machine : machine,
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}

/** Elsewhere: in another container or on another machine, so that nobody here can tell whether it lives. */
export function stateOf({ pid, began, space, boot, machine }: Owner): 'lives' | 'ended' | 'elsewhere' {
  const own = here()
  if (machine !== own.machine) return 'elsewhere'
  if (boot !== own.boot) return 'ended'
  if (space !== own.space) return 'elsewhere'
  return lives(pid, began) ? 'lives' : 'ended'
}

const here = (): Omit<Owner, 'pid' | 'began'> => ({
  space: numberSpace(),
  boot: contentOf('/proc/sys/kernel/random/boot_id') ?? '',
  machine: `${hostname()} ${contentOf('/etc/machine-id') ?? ''}`.trim(),
})

function numberSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return process.platform
  }
}

function lives(pid: number, began: string): boolean {
  if (began !== '') return beganOf(pid) === began
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Null if there is no such process any more. */
function beganOf(pid: number): string | null {
  const stat = contentOf(`/proc/${pid}/stat`)
  if (stat === null) return null
  // Behind the name of the command, which may hold anything, the start is the 20th field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A process that was killed and not yet waited for by its parent does nothing more.
  return fields[0] === 'Z' || fields[0] === 'X' ? null : fields[19]!
}

function contentOf(path: string): string | null {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch {
    return null
  }
}
