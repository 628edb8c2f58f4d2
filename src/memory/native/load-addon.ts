import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BatchKernels } from '../../parity/index.ts'
import type { WriteGuard } from '../index.ts'

/** The addon's loops for one kind of processor; `memory` is all bytes of the kernel memory as it is now. */
export interface NativeBatchKernels extends InMemory<BatchKernels> {
  readonly name: 'avx512' | 'avx2' | 'plain'
}

type InMemory<Loops> = {
  readonly [Name in keyof Loops]: Loops[Name] extends (...work: infer Work) => infer Result
    ? (memory: Uint8Array, ...work: Work) => Result
    : never
}

/** Finds written pages: the kernel's userfaultfd with asynchronous write protection, asked by PAGEMAP_SCAN. */
export interface PageScanner {
  arm(): void
  disarm(): void
  take(): Uint32Array
  peek(): Uint32Array
  /** Counts the system's pages from `first` to before `end` as written; those outside are not looked at. */
  note(first: number, end: number): void
  close(): void
}

/** Page tracking by the kernel. */
export interface Paging {
  readonly systemPageBytes: number
  /** Throws an Error that says what is missing, if the memory cannot be watched. */
  readonly PageScanner: new (
    live: Uint8Array,
  ) => PageScanner
  /**
   * The kernel's userfaultfd with SIGBUS. Takes slots, list and frames of two copy buffers. Throws an Error that says what
   * is missing.
   */
  readonly WriteGuard: new (
    live: Uint8Array,
    ...buffers: readonly (Uint8Array | Uint32Array)[]
  ) => WriteGuard
}

/** Memory that several processes map. Each throws an Error that says what fails. */
export interface Sharing {
  /** The descriptor stays open until `close`. None of its pages has memory yet. */
  create(bytes: number): { readonly buffer: ArrayBuffer; readonly descriptor: number }
  /** Gives the pages in a part of it memory. */
  allocate(descriptor: number, offset: number, bytes: number): void
  /** What another process has made, to be read only: writing to it ends this process. */
  open(pid: number, descriptor: number, bytes: number): ArrayBuffer
  close(descriptor: number): void
}

/** A thread that beats once it is told how. */
export interface Heart {
  /** Its number among the system's threads. */
  readonly thread: number
  /** It sends `opening` and then `beat`, again and again. `onEchoes` hears whether anything comes back, when that changes. */
  begin(opening: Uint8Array, beat: Uint8Array, onEchoes: (come: boolean) => void): void
}

/** Touches memory in threads of its own; `niceness` above 19 is below all that computes. */
export interface Toucher {
  /** Begins to touch the system's pages in `pages` of `bytes`. False: it does not, since it is busy or cannot. */
  touch(bytes: Uint8Array, pages: Uint32Array, niceness: number): boolean
  /** Has one more thread do what is left. */
  hurry(niceness: number): void
  isBusy(): boolean
  /** What is left is not touched. */
  stop(): void
}

/** Raised, here and in addon.cc, whenever what the addon exports changes: one that was compiled before is not used. */
const addonVersion = 5

/** What the compiled addon exports. */
export interface Addon {
  readonly version: number
  /** Those that this processor can run, the fastest first. */
  readonly batchKernels: readonly NativeBatchKernels[]
  /** Only on Linux. */
  readonly paging?: Paging
  /** Only on Linux. */
  readonly sharing?: Sharing
  /** Only on Linux. Whether the socket is held by a thread of its own from here on, and by it alone. */
  readonly holdLifeline?: (descriptor: number) => boolean
  /** Only on Linux. Null where nobody listens there, and where there is one already. */
  readonly makeHeart?: (path: string, intervalMs: number, hangCpuMs: number, silenceMs: number) => Heart | null
  /** Only on Linux. */
  readonly Toucher?: new () => Toucher
  /** Only on Linux. The system's pages of a piece of memory that are in memory; none where it is not made of whole pages. */
  readonly resident?: (bytes: Uint8Array) => Uint32Array
}

export type LoadedAddon =
  | { readonly addon: Addon; readonly path: string; readonly reason: null }
  | { readonly addon: null; readonly path: null; readonly reason: string }

let loaded: LoadedAddon | null = null

/**
 * The addon: a prebuilt one, or the one compiled at installation. The environment variable PARITAS_ADDON names another
 * file, or is `off` for none.
 */
export function loadAddon(): LoadedAddon {
  loaded ??= load(process.env.PARITAS_ADDON)
  return loaded
}

/** The addon's page tracking, or why there is none. */
export function loadPaging(): { readonly paging: Paging | null; readonly reason: string } {
  const { addon, reason } = loadAddon()
  if (addon === null) return { paging: null, reason }
  return { paging: addon.paging ?? null, reason: 'page tracking needs Linux' }
}

function load(choice: string | undefined): LoadedAddon {
  if (choice === 'off') return { addon: null, path: null, reason: 'PARITAS_ADDON is off' }
  try {
    const require = createRequire(import.meta.url)
    const path = choice ? choice : (require('node-gyp-build') as { path(root: string): string }).path(packageRoot())
    const addon = require(path) as Addon
    if (addon.version === addonVersion) return { addon, path, reason: null }
    return {
      addon: null,
      path: null,
      reason: 'the native addon is of another version of Paritas; npm run install makes it anew',
    }
  } catch (error) {
    const detail = (error as Error).message.split('\n')[0]
    return { addon: null, path: null, reason: `there is no native addon (${detail})` }
  }
}

/** This module runs from src, from dist and from bundles, which lie at different depths. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'binding.gyp'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error('the package is not complete')
    folder = parent
  }
  return folder
}
