/** What can happen to links, as plain data, and the commands that bring it about in the switch. */
import { shellWord } from './shell.ts'

export interface Cut {
  readonly from: string
  readonly to: string
  /** Only what `from` sends to `to` is lost, not what comes back. */
  readonly isOneWay: boolean
}

/** Of what two hosts send each other, so much is lost, in both directions. */
export interface Loss {
  readonly between: readonly [string, string]
  readonly percent: number
}

/** What a link takes. */
export interface LinkLimit {
  /** Bits per second and direction; null: as many as there come. */
  readonly rateBits: number | null
  readonly delayMs: number | null
}

export const noFaults = 'flush set bridge lab cut; flush set bridge lab cut_one_way; flush chain bridge lab loss'

export function cutRule({ from, to, isOneWay }: Cut): string {
  return isOneWay
    ? `add element bridge lab cut_one_way { "${from}" . "${to}" }`
    : `add element bridge lab cut { "${from}" . "${to}", "${to}" . "${from}" }`
}

/** Of one in so many packets one is drawn. */
const drawnFrom = 100_000

/** All losses that there are: they take the place of those before. */
export function lossRules(losses: readonly Loss[]): string {
  const rules = losses.flatMap(({ between: [a, b], percent }) => [rule(a, b, percent), rule(b, a, percent)])
  return ['flush chain bridge lab loss', ...rules].join('; ')
}

function rule(from: string, to: string, percent: number): string {
  const drawn = Math.round((percent / 100) * drawnFrom)
  return `add rule bridge lab loss iifname "${from}" oifname "${to}" numgen random mod ${drawnFrom} < ${drawn} drop`
}

/** All in one go: none of it is seen without the rest. */
export const rulesCommand = (rules: string): string => `nft ${shellWord(rules)}`

/** Whether the kernel can delay packets: tried on a device that nobody uses. */
export const tryDelay = 'tc qdisc add dev lo root netem delay 1ms && tc qdisc del dev lo root'

/** So much may leave at once before the rate counts, in time: timers are no finer, and pieces of a stream come together. */
const burstMs = 5
const burstBytesMin = 16 * 1024
/** What waits longer is dropped. */
const waitingMs = 50

/**
 * Commands that give a host's link its speed: in the host for what leaves it, at the switch for what comes. `pid`: of the
 * host's first process, as the operator sees it in /proc.
 */
export function speedCommand(name: string, pid: number, speed: LinkLimit): string {
  const inHost = `nsenter --net=/proc/${pid}/ns/net`
  return [`${inHost} ${queue('eth0', speed, inHost)}`, queue(name, { ...speed, delayMs: null }, '')].join(' && ')
}

function queue(device: string, { rateBits, delayMs }: LinkLimit, prefix: string): string {
  const rate = rateBits === null ? null : `tbf ${rateOf(rateBits)}`
  if (delayMs === null) {
    return rate === null
      ? `tc qdisc replace dev ${device} root pfifo_fast`
      : `tc qdisc replace dev ${device} root ${rate}`
  }
  const delay = `tc qdisc replace dev ${device} root handle 1: netem delay ${Math.round(delayMs * 1000)}us limit 100000`
  return rate === null ? delay : `${delay} && ${prefix} tc qdisc replace dev ${device} parent 1:1 handle 2: ${rate}`
}

function rateOf(rateBits: number): string {
  const burst = Math.max(burstBytesMin, Math.round((rateBits / 8) * (burstMs / 1000)))
  return `rate ${Math.round(rateBits)}bit burst ${burst}b latency ${waitingMs}ms`
}
