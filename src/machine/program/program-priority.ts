import { readlinkSync } from 'node:fs'
import { constants, getPriority, setPriority } from 'node:os'

/** How far below the protocol's threads the program's thread stands, in steps of `nice`. */
const defaultNice = 10

/**
 * Has the calling thread give way to those that carry the protocol. A program that computes all the time shares the
 * cores with them, and whatever they do late, a commit or a rebuild, others wait for. Where the system does not let a
 * thread have a priority of its own, nothing changes.
 */
export function giveWayToProtocol(): void {
  const nice = wantedNice(process.env.PARITAS_PROGRAM_NICE)
  if (nice === 0) return
  try {
    // For the kernel each thread is a process with a number of its own: `PID/task/TID`.
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    setPriority(thread, Math.min(constants.priority.PRIORITY_LOW, getPriority(thread) + nice))
  } catch {
    // No Linux, or nothing that may change priorities.
  }
}

/** The priority of the program's thread, for a thread of this process that shall take as much as that. */
export function programNiceness(): number {
  return Math.min(constants.priority.PRIORITY_LOW, getPriority() + wantedNice(process.env.PARITAS_PROGRAM_NICE))
}

/** What is set counts if it is a whole number from 0 to 19. */
export function wantedNice(setting: string | undefined): number {
  return setting !== undefined && /^1?\d$/.test(setting) ? Number(setting) : defaultNice
}
