import type { Cut, Loss } from './faults.ts'

/** A laboratory as commands show it. */
export interface LabState {
  readonly name: string
  readonly cores: number | null
  readonly memoryBytes: number | null
  readonly bandwidthBits: number | null
  readonly delayMs: number | null
  readonly hosts: readonly HostState[]
  readonly cuts: readonly Cut[]
  readonly losses: readonly Loss[]
}

export interface HostState {
  readonly name: string
  readonly address: string
  readonly isOn: boolean
  /** Of its first process, as the laboratory's own process sees it; null while it is off. */
  readonly pid: number | null
  /** What its link takes while it is slower, or faster, than those of the others. */
  readonly slowBits: number | null
}
