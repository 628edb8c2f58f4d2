import type { GroupObstacle, GroupTree, LimitFacts, MemoryFacts } from '../../machine/index.ts'
import type { FirstTouch } from '../../measure/index.ts'
import type { TrackerName, TrackerState } from '../../memory/native/index.ts'

/** What a machine is like, as far as Paritas cares. What cannot be found out is null. Plain data, so that it can be made up. */
export interface MachineFacts {
  readonly system: SystemFacts
  readonly trackers: Readonly<Record<TrackerName, TrackerState>>
  readonly addon: AddonFacts
  readonly tools: ToolFacts
  readonly kernels: KernelFacts
  readonly sharedMemory: SharedMemoryFacts
  readonly userfaultfd: UserfaultfdFacts
  /** The setting of transparent huge pages. */
  readonly hugePages: 'always' | 'madvise' | 'never' | null
  readonly memory: MemoryFacts
  /** Null where there is too little memory to try it. */
  readonly firstTouch: FirstTouch | null
  readonly cores: CoreFacts
  /** Where processors can have shares of processor time of their own, or why they cannot. */
  readonly shares: GroupTree | GroupObstacle
  readonly limits: LimitFacts
}

export interface SystemFacts {
  /** As Node names it: `linux`, `darwin`. */
  readonly platform: string
  /** Of the operating system's kernel, for instance `6.18.4-arch1`. */
  readonly release: string
  readonly architecture: string
  readonly nodeVersion: string
  readonly isRoot: boolean
}

/** Where the native addon comes from, or why there is none. */
export type AddonFacts =
  | { readonly state: 'compiled' | 'prebuilt' | 'named'; readonly path: string }
  | { readonly state: 'off' }
  /** `named` is what PARITAS_ADDON says; `installer` is the script that compiles it, as a path that works here. */
  | { readonly state: 'missing'; readonly reason: string; readonly named: string | null; readonly installer: string }

/** What compiling the addon takes: first line of what each says of its version, or null without it. */
export interface ToolFacts {
  readonly compiler: string | null
  readonly make: string | null
  readonly python: string | null
}

export interface KernelFacts {
  /** Whether this Node runs the kernels in WASM SIMD. */
  readonly hasSimd: boolean
  /** The fastest that the addon has for this processor. */
  readonly native: 'avx512' | 'avx2' | 'plain' | null
}

/** Whether processes can share the memory in which pages go from one to another, or why not: tried, not guessed. */
export type SharedMemoryFacts =
  | { readonly state: 'here' | 'off' | 'none' }
  | { readonly state: 'refused'; readonly reason: string }

export interface UserfaultfdFacts {
  /** The setting vm.unprivileged_userfaultfd. */
  readonly isUnprivileged: boolean | null
  /** Whether a seccomp filter decides which system calls this process may make, as in containers. */
  readonly isFiltered: boolean | null
}

export interface CoreFacts {
  readonly present: number
  /** Share of the control group, in cores; null without a limit. */
  readonly groupLimit: number | null
}
