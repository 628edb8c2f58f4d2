import { UsageError } from '../base/index.ts'
import { coresEachMin } from '../machine/index.ts'

/** What a laboratory is to be. */
export interface LabSettings {
  /** So many, named h1, h2 and so on. */
  readonly hosts: number
  /** By which commands find it; if not given, one with the number of this process. */
  readonly name?: string
  /** Processor time of each host, in cores; no limit if not given. */
  readonly cores?: number
  /** Memory of each host; no limit if not given. */
  readonly memoryBytes?: number
  /** Of each host's link, in bits per second and direction; no limit if not given. */
  readonly bandwidthBits?: number
  /** How long each packet takes to leave its host; needs a kernel with netem. */
  readonly delayMs?: number
  /** Folders that hosts see though they lie in a temporary folder, where each host has its own. */
  readonly shows?: readonly string[]
}

/** Numbers that have to be within a range, with its ends. */
export const labRanges = {
  hosts: [1, 100],
  cores: [coresEachMin, 1024],
  memoryBytes: [16 * 1024 ** 2, 2 ** 50],
  bandwidthBits: [8000, 400e9],
  delayMs: [0.001, 60_000],
} as const

export const labNamePattern = /^[A-Za-z][\w-]{0,39}$/

/** Throws a `UsageError` that names the first field that is wrong. */
export function checkSettings(settings: LabSettings): void {
  for (const [field, [min, max]] of Object.entries(labRanges)) {
    const value = settings[field as keyof typeof labRanges]
    if (value === undefined || (value >= min && value <= max)) continue
    throw new UsageError(`a laboratory's ${field} must be from ${min} to ${max}, but is ${value}`)
  }
  if (!Number.isInteger(settings.hosts)) throw new UsageError(`there cannot be ${settings.hosts} hosts`)
  const { name } = settings
  if (name !== undefined && !labNamePattern.test(name)) {
    throw new UsageError(
      `a laboratory's name is letters, digits, - and _, at most 40, and begins with a letter, but is '${name}'`,
    )
  }
}

/** Where a host is in the network of its laboratory. It never changes, nor does another one have it. */
export interface HostPlace {
  readonly name: string
  readonly address: string
  /** Fixed, so that nobody holds an old one after the host's power was off. */
  readonly mac: string
}

/** Every laboratory has the same addresses: none of them can be reached from outside. */
export function placesOf(hosts: number): HostPlace[] {
  return Array.from({ length: hosts }, (_, index) => {
    const number = index + 1
    const hex = number.toString(16).padStart(2, '0')
    return { name: `h${number}`, address: `10.0.0.${number}`, mac: `02:00:0a:00:00:${hex}` }
  })
}
