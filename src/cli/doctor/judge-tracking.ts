import type { MachineFacts } from './facts.ts'
import { type Finding, good, slower } from './finding.ts'

/** Why the kernel does not tell what was written, and what could be done about it. */
interface Obstacle {
  readonly why: string
  readonly advice: string | null
}

const topic = 'page tracking'

/** How the pages that have changed are found, and whether there can be lean memory. */
export function judgeTracking(facts: MachineFacts): Finding[] {
  const { shadow, lean } = facts.trackers
  const isOn = facts.system.platform === 'linux' && hasAddon(facts)
  if (shadow.available) return [good(topic, 'shadow', 'the kernel knows which pages were written'), leanFinding(facts)]
  const { why, advice } = obstacle(shadow.reason, facts)
  const compare = slower(topic, 'compare', `${why}, so all pages are compared`, advice)
  return isOn && lean.available ? [compare, leanFinding(facts)] : [compare]
}

function leanFinding({ trackers: { lean } }: MachineFacts): Finding {
  const lacks = 'lean memory'
  if (lean.available) return good(lacks, 'possible', 'with --memory lean, for programs that need half of the memory')
  return slower(lacks, 'not here', lean.reason, null)
}

function obstacle(reason: string, facts: MachineFacts): Obstacle {
  const { platform, release } = facts.system
  if (platform !== 'linux') return { why: 'only Linux can tell what was written', advice: null }
  // The addon has a line of its own.
  if (!hasAddon(facts)) return { why: 'without the native addon nobody tells what was written', advice: null }
  if (/pagemap/.test(reason)) {
    return { why: '/proc/self/pagemap cannot be opened', advice: 'Mount /proc, without restrictions for this user.' }
  }
  if (/Operation not permitted|Permission denied/.test(reason)) return forbidden(facts)
  if (/Function not implemented/.test(reason)) return absent(facts)
  if (/WP_ASYNC|PAGEMAP_SCAN|Invalid argument/.test(reason) && !isAtLeast(release, 6, 7)) {
    return { why: `Linux ${shortRelease(release)} cannot tell what was written`, advice: 'Use Linux 6.7 or newer.' }
  }
  return { why: reason, advice: null }
}

function forbidden({ userfaultfd: { isFiltered, isUnprivileged }, system }: MachineFacts): Obstacle {
  if (isFiltered) {
    return {
      why: 'a seccomp filter forbids userfaultfd, as those of containers do',
      advice:
        'Allow it in the container: docker run --security-opt seccomp=FILE, with a profile that lists userfaultfd.',
    }
  }
  if (isUnprivileged === false && !system.isRoot) {
    return {
      why: 'only root may call userfaultfd here',
      advice: 'Allow it to all users: sudo sysctl -w vm.unprivileged_userfaultfd=1',
    }
  }
  return {
    why: 'userfaultfd is forbidden here, most likely by a security module',
    advice: 'Allow userfaultfd to this process in the rules of SELinux, AppArmor or what else decides here.',
  }
}

function absent({ userfaultfd: { isFiltered } }: MachineFacts): Obstacle {
  const why = 'this kernel has no userfaultfd'
  if (!isFiltered)
    return { why, advice: 'Use a kernel with CONFIG_USERFAULTFD, which those of all distributions have.' }
  return {
    why: `${why}, or a seccomp filter hides it`,
    advice: 'Allow userfaultfd in the seccomp profile of the container, or use a kernel with CONFIG_USERFAULTFD.',
  }
}

export function hasAddon({ addon: { state } }: MachineFacts): boolean {
  return state !== 'missing' && state !== 'off'
}

function isAtLeast(release: string, major: number, minor: number): boolean {
  const [, first, second] = /^(\d+)\.(\d+)/.exec(release) ?? []
  if (first === undefined) return false
  return Number(first) > major || (Number(first) === major && Number(second) >= minor)
}

/** `6.18` out of `6.18.4-arch1-1`. */
export function shortRelease(release: string): string {
  return /^\d+\.\d+/.exec(release)?.[0] ?? release
}
