import { spawnSync } from 'node:child_process'
import { availableParallelism, release } from 'node:os'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  freeBytes,
  loadKernels,
  lookForShares,
  type MemoryFacts,
  numberIn,
  type ReadText,
  readLimits,
  readText,
  slotsOfProcessor,
} from '../../machine/index.ts'
import { measureFirstTouch } from '../../measure/index.ts'
import { loadAddon, probeTrackers, sharedMemory } from '../../memory/native/index.ts'
import type { AddonFacts, MachineFacts, SharedMemoryFacts, ToolFacts, UserfaultfdFacts } from './facts.ts'

/** Of the memory that is free, no more than this share is touched to see what that costs, and no more than a gigabyte. */
const touchedShare = 1 / 8
const touchedBytesMax = 2 ** 30
const touchedBytesMin = 128 * 2 ** 20

const installer = fileURLToPath(new URL('../../../scripts/install-addon.mjs', import.meta.url))

type Environment = Readonly<Record<string, string | undefined>>

/** Looks at this machine. What cannot be read is null; nothing is thrown for it. */
export function gatherFacts(env: Environment, read: ReadText = readText): MachineFacts {
  const { groupCores, ...room } = readLimits(read)
  const { addon } = loadAddon()
  return {
    system: {
      platform: process.platform,
      release: release(),
      architecture: process.arch,
      nodeVersion: process.version,
      isRoot: process.geteuid?.() === 0,
    },
    trackers: probeTrackers(),
    addon: addonFacts(),
    tools: toolFacts(env),
    kernels: { hasSimd: loadKernels().name === 'simd', native: addon?.batchKernels[0]?.name ?? null },
    sharedMemory: sharedMemoryFacts(),
    userfaultfd: userfaultfdFacts(read),
    hugePages: hugePages(read),
    firstTouch: firstTouch(room.memory),
    shares: lookForShares(),
    cores: { present: availableParallelism(), groupLimit: groupCores },
    ...room,
  }
}

function firstTouch(memory: MemoryFacts): MachineFacts['firstTouch'] {
  const bytes = Math.min(touchedBytesMax, freeBytes(memory) * touchedShare)
  return bytes < touchedBytesMin ? null : measureFirstTouch(bytes)
}

function addonFacts(): AddonFacts {
  const named = process.env.PARITAS_ADDON || null
  const loaded = loadAddon()
  if (loaded.addon === null) {
    if (named === 'off') return { state: 'off' }
    return { state: 'missing', reason: loaded.reason, named, installer: relative('', installer) }
  }
  const { path } = loaded
  if (named !== null) return { state: 'named', path }
  return { state: /[\\/]prebuilds[\\/]/.test(path) ? 'prebuilt' : 'compiled', path }
}

/** Shares as much as a processor does, and has another process open it: what one may open of itself says little. */
function sharedMemoryFacts(): SharedMemoryFacts {
  if (!loadAddon().addon?.sharing) return { state: 'none' }
  const sharing = sharedMemory()
  if (sharing === null) return { state: 'off' }
  try {
    const { slots, slotBytes } = slotsOfProcessor
    const { descriptor } = sharing.create(slots * slotBytes)
    try {
      sharing.open(process.pid, descriptor, slots * slotBytes)
      const script = `require('node:fs').openSync('/proc/${process.pid}/fd/${descriptor}')`
      const { status, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8', timeout: 5000 })
      if (status !== 0)
        return { state: 'refused', reason: /^Error: (.*)$/m.exec(stderr)?.[1] ?? 'no other process can open it' }
    } finally {
      sharing.close(descriptor)
    }
    return { state: 'here' }
  } catch (error) {
    return { state: 'refused', reason: (error as Error).message }
  }
}

/** The compiler that node-gyp would take, and what else it needs. */
function toolFacts({ CXX }: Environment): ToolFacts {
  const compilers = [...(CXX ? [CXX] : []), 'c++', 'g++', 'clang++']
  return {
    compiler: firstVersion(compilers),
    make: firstVersion(['make', 'gmake']),
    python: firstVersion(['python3', 'python']),
  }
}

function firstVersion(commands: readonly string[]): string | null {
  for (const command of commands) {
    const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8', timeout: 5000 })
    if (status === 0) return stdout.trim().split('\n', 1)[0]!
  }
  return null
}

function userfaultfdFacts(read: ReadText): UserfaultfdFacts {
  const setting = numberIn(read('/proc/sys/vm/unprivileged_userfaultfd'))
  const [, seccomp] = /^Seccomp:\s*(\d)/m.exec(read('/proc/self/status') ?? '') ?? []
  return {
    isUnprivileged: setting === null ? null : setting === 1,
    isFiltered: seccomp === undefined ? null : seccomp === '2',
  }
}

function hugePages(read: ReadText): MachineFacts['hugePages'] {
  const [, chosen] = /\[(\w+)\]/.exec(read('/sys/kernel/mm/transparent_hugepage/enabled') ?? '') ?? []
  return chosen === 'always' || chosen === 'madvise' || chosen === 'never' ? chosen : null
}
