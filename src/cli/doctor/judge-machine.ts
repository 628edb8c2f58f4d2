import { enumerate, inBytes } from '../../base/index.ts'
import {
  freeBytes,
  type LimitFacts,
  machineBytes,
  processorsMax,
  type Shortage,
  shortages,
} from '../../machine/index.ts'
import type { AddonFacts, MachineFacts, ToolFacts } from './facts.ts'
import { type Finding, good, short, slower } from './finding.ts'

/** The default job: 4 processes, a checkpoint, a backup and a spare processor. */
const usualProcessors = 7

export function judgeAddon({ addon, tools, system: { platform } }: MachineFacts): Finding {
  const topic = 'native addon'
  switch (addon.state) {
    case 'compiled':
      return good(topic, 'compiled', 'on this machine')
    case 'prebuilt':
      return good(topic, 'prebuilt', 'for this kind of machine')
    case 'named':
      return good(topic, 'named', `by PARITAS_ADDON: ${addon.path}`)
    case 'off':
      return slower(topic, 'off', 'PARITAS_ADDON=off says so', 'Unset the environment variable PARITAS_ADDON.')
    case 'missing':
      return missingAddon(addon, tools, platform)
  }
}

function missingAddon(
  { reason, named, installer }: Extract<AddonFacts, { state: 'missing' }>,
  tools: ToolFacts,
  platform: string,
): Finding {
  if (named !== null) {
    const remark = `PARITAS_ADDON names ${named}, which cannot be loaded`
    return slower('native addon', 'missing', remark, 'Unset the environment variable PARITAS_ADDON.')
  }
  const names = { compiler: 'C++ compiler', make: 'make', python: 'Python 3' } as const
  const lacking = Object.entries(names).filter(([tool]) => tools[tool as keyof ToolFacts] === null)
  const compile = `node ${installer}`
  if (lacking.length === 0) {
    const remark = `although there is a compiler: ${inShort(reason)}`
    return slower('native addon', 'missing', remark, `See why: PARITAS_INSTALL_VERBOSE=1 ${compile}`)
  }
  const remark = `there is no prebuilt one, and no ${enumerate(
    lacking.map(([, name]) => name),
    'or',
  )} to compile it`
  return slower('native addon', 'missing', remark, `Install ${toolsFor(platform)}; then: ${compile}`)
}

/** What node-gyp-build says, without its list of what it looked for. */
function inShort(reason: string): string {
  return reason.replace(/^there is no native addon \((.*?)( for platform=.*)?\)$/, '$1')
}

function toolsFor(platform: string): string {
  switch (platform) {
    case 'linux':
      return 'a compiler (apt install g++ make python3, dnf install gcc-c++ make python3, apk add g++ make python3)'
    case 'darwin':
      return 'a compiler (xcode-select --install)'
    default:
      return 'a C++ compiler, make and Python 3'
  }
}

/** The loops over pages, for the codes. */
export function judgeKernels(facts: MachineFacts): Finding {
  const topic = 'loops over pages'
  const { hasSimd, native } = facts.kernels
  if (!hasSimd) {
    const advice = 'Run Node without --jitless, on a processor with SSE4.1 or the like.'
    return slower(topic, 'JavaScript', 'this Node cannot run WebAssembly with SIMD', advice)
  }
  switch (native) {
    case 'avx512':
      return good(topic, 'AVX-512', 'in native code, beside WASM SIMD')
    case 'avx2':
      return good(topic, 'AVX2', 'in native code, beside WASM SIMD')
    case 'plain':
      return good(topic, 'WASM SIMD', 'and plain native code: it has no vectors for this processor')
    case null:
      return slower(topic, 'WASM SIMD', 'without the native addon, what comes over links is copied first', null)
  }
}

/** The way of pages from one process to another. */
export function judgeSharedMemory({ sharedMemory, system: { platform } }: MachineFacts): Finding {
  const topic = 'pages on their way'
  switch (sharedMemory.state) {
    case 'here':
      return good(topic, 'shared memory', 'nothing of them is copied on the way')
    case 'off':
      return slower(topic, 'sockets', 'PARITAS_SHARED_MEMORY=off says so', 'Unset the variable PARITAS_SHARED_MEMORY.')
    case 'none': {
      const remark = platform === 'linux' ? 'without the native addon' : 'only Linux can share their memory'
      return slower(topic, 'sockets', remark, null)
    }
    case 'refused': {
      const advice = 'Mount /proc, and allow memfd_create to this process.'
      return slower(topic, 'sockets', `their memory cannot be shared: ${sharedMemory.reason}`, advice)
    }
  }
}

/** Asking for large pages was tried, and did more harm than good: see docs/decisions/0004. */
export function judgeHugePages({ hugePages }: MachineFacts): Finding[] {
  return hugePages === null ? [] : [good('large pages', hugePages, 'whatever it is: Paritas asks for none')]
}

export function judgeMemory({ memory }: MachineFacts): Finding {
  const { totalBytes, availableBytes, group } = memory
  const free = freeBytes(memory)
  const value = `${inBytes(free)} free`
  const whole =
    free < availableBytes ? `of the ${inBytes(group!.limitBytes)} of its control group` : `of ${inBytes(totalBytes)}`
  const neededBytes = machineBytes(usualProcessors)
  if (free >= 2 * neededBytes) return good('memory', value, whole)
  const remark = `${whole}; 4 processes take ${inBytes(neededBytes)} before the program has any`
  return short('memory', value, remark, 'Use fewer processes, no spare (--spares 0), or a machine with more memory.')
}

/** Memory that a machine holds takes less for a page, and what a host has yet to give much more. */
const ownPageUsMax = 4

export function judgeFirstTouch({ firstTouch }: MachineFacts): Finding[] {
  if (firstTouch === null) return []
  const { atOnceUs, meanUs, bytes } = firstTouch
  const topic = 'first touch'
  const value = `${inMicroseconds(meanUs)} a page`
  const measured = `in the mean over ${inBytes(bytes)}, ${inMicroseconds(atOnceUs)} at once`
  if (meanUs <= ownPageUsMax) return [good(topic, value, measured)]
  const remark = `${measured}: the host has yet to give it, which makes first checkpoints and recoveries longer`
  return [slower(topic, value, remark, null)]
}

function inMicroseconds(us: number): string {
  return `${us < 9.95 ? us.toFixed(1) : us.toFixed(0)} us`
}

export function judgeCores({ cores: { present, groupLimit } }: MachineFacts): Finding {
  const usable = Math.min(present, groupLimit ?? present)
  const value = usable === 1 ? '1 core' : `${Number(usable.toFixed(1))} cores`
  const remark = usable < present ? `of ${present}, as its control group allows` : ''
  if (usable >= 2) return good('processor', value, remark)
  const advice = 'More cores: processes, and the check processors beside them, take turns on one.'
  return short('processor', value, remark, advice)
}

/** For `paritas evaluate --cores-each`. */
export function judgeShares({ shares }: MachineFacts): Finding {
  const topic = 'shares of cores'
  if ('why' in shares) {
    const advice = `For paritas evaluate --cores-each, ${shares.advice}.`
    return slower(topic, 'not here', shares.why, advice)
  }
  return good(topic, 'possible', `with paritas evaluate --cores-each, by control groups of version ${shares.version}`)
}

/** Only what is less than some run may need; one line if nothing is. */
export function judgeLimits({ limits, memory, cores }: MachineFacts): Finding[] {
  const { openFiles, memoryMaps, lockedBytes } = limits
  const lacks = shortages(
    { processors: 2 * usualProcessors, memoryBytes: 0 },
    { limits, memory, groupCores: cores.groupLimit },
  )
  const findings = lacks.filter(({ what }) => what !== 'memory').map((one) => limitFinding(one, limits))
  if (memoryMaps !== null && memoryMaps < 65_530) {
    const remark = 'less than Linux gives by itself; large memories may be in many pieces'
    const advice = 'Allow more: sudo sysctl -w vm.max_map_count=65530'
    findings.push(short('memory maps', String(memoryMaps), remark, advice))
  }
  if (findings.length > 0 || (openFiles === null && memoryMaps === null)) return findings
  const counts = [
    ...(openFiles === null ? [] : [`${inCount(openFiles)} open files`]),
    ...(memoryMaps === null ? [] : [`${inCount(memoryMaps)} memory maps`]),
  ]
  const locked = lockedBytes === null ? '' : '; Paritas locks no memory'
  return [good('limits', 'enough', `${enumerate(counts)}${locked}`)]
}

function limitFinding({ what, limit, used, setBy, needed, unit, advice }: Shortage, limits: LimitFacts): Finding {
  const text = (count: number): string => (unit === 'bytes' ? inBytes(count) : String(count))
  const value = used > 0 ? `${text(limit)}, ${text(used)} taken` : text(limit)
  const most = processorsMax(limits)
  const remark =
    what === 'open files' || what === 'threads'
      ? `by ${setBy}: enough for about ${most[what === 'threads' ? 'threads' : 'openFiles']} processors`
      : `by ${setBy}: a processor needs ${text(needed)}`
  return short(what, value, remark, `${advice[0]!.toUpperCase()}${advice.slice(1)}.`)
}

function inCount(count: number): string {
  return Number.isFinite(count) ? count.toLocaleString('en') : 'any number of'
}
