/** Hosts, from the foreman's side: where processors are started, who takes which place, and what people are told. */
import { afterEach, describe, expect, it } from 'vitest'
import { linesOf } from '../../src/cli/run/news-lines.ts'
import { paintFor } from '../../src/cli/surroundings.ts'
import type { RunNews } from '../../src/machine/index.ts'
import { HostedForeman } from './hosted-foreman.ts'

const plain = paintFor({ isTTY: false } as Parameters<typeof paintFor>[0], {})
const fiveHosts = ['h1', 'h2', 'h3', 'h4', 'h5']

let opened: HostedForeman | null = null
afterEach(() => opened?.close())

function launched(processes: number, hosts: readonly string[], spares?: number): HostedForeman {
  opened = new HostedForeman(processes, hosts, spares)
  return opened
}

const kindsOf = (news: readonly RunNews[]): RunNews['type'][] => news.map(({ type }) => type)
const told = (news: readonly RunNews[], type: RunNews['type']): string[] =>
  news
    .filter((one) => one.type === type)
    .flatMap((one) => linesOf(one, plain).map((line) => line.replace(/^\s*\S+ \S+\s+/, '')))

describe('a run on hosts', () => {
  it('has its places so that the loss of any host is covered, and spares for the places of any one', () => {
    const machine = launched(4, fiveHosts)
    const counts = fiveHosts.map((host) => machine.placesOn(host).length)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(6)
    expect(Math.max(...counts)).toBe(2)
    expect(told(machine.news, 'hostCoverage')).toEqual([])
    const spares = fiveHosts.map((host) => machine.on(host).length - machine.placesOn(host).length)
    expect(spares.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(2)
    expect(Math.max(...spares)).toBe(1)
  })

  it('tells of the loss of a host in one line, recovers from it once, and is covered again', () => {
    const machine = launched(4, fiveHosts)
    const [host] = [...fiveHosts].sort((one, other) => machine.placesOn(other).length - machine.placesOn(one).length)
    const places = machine.placesOn(host!)
    const spares = machine.on(host!).length - places.length
    const before = machine.news.length
    machine.loseHost(host!, 'it has not been heard for 0.3 s')
    const news = machine.news.slice(before)
    const what = [...places, ...(spares > 0 ? ['a spare'] : [])]
      .join(' and ')
      .replace(' and ', spares > 0 ? ', ' : ' and ')
    expect(told(news, 'hostLost')).toEqual([`lost host ${host} (${what}): it has not been heard for 0.3 s`])
    expect(kindsOf(news)).not.toContain('lost')
    expect(kindsOf(news)).not.toContain('spareLost')
    expect(news.filter(({ type }) => type === 'line')).toHaveLength(1)
    expect(machine.foreman.roster.isWhole).toBe(true)
    for (const one of fiveHosts.filter((name) => name !== host)) {
      expect(machine.placesOn(one).length, one).toBeGreaterThan(0)
    }
    expect(told(machine.news, 'hostCoverage')).toEqual([])
  })

  it('tells of a silent host in one line when it is given up, and ends all of it when it is heard again', () => {
    const machine = launched(4, fiveHosts)
    const before = machine.news.length
    const silent = machine.silenceHost('h2')
    const news = machine.news.slice(before)
    expect(told(news, 'hostLost')).toHaveLength(1)
    expect(told(news, 'hostLost')[0]).toMatch(/^lost host h2 \(.*\): its heartbeats are missing$/)
    expect(kindsOf(news)).not.toContain('lost')
    expect(kindsOf(news)).not.toContain('spareLost')
    machine.hearHost('h2', silent)
    expect(machine.news.filter(({ type }) => type === 'fenced')).toHaveLength(silent.length)
  })

  it('says which hosts may not be lost, when it has too few', () => {
    const machine = launched(3, ['h1', 'h2'])
    expect(told(machine.news, 'hostCoverage')).toHaveLength(1)
    expect(told(machine.news, 'hostCoverage')[0]).toMatch(/^the loss of host h\d \(.*\) would not be covered$/)
  })

  it('that is ended since a place takes its hosts with it says so', () => {
    const machine = launched(4, [...fiveHosts, 'h6', 'h7', 'h8', 'h9'])
    for (let losses = 1; losses <= 3; losses += 1) {
      const holder = machine.foreman.roster.holderOf('a1')!
      machine.loseHost(holder.host!, 'it is gone')
    }
    expect(machine.failed?.message).toBe(
      'application processor 1 was lost 3 times one right after another, each time with all of its host, with no checkpoint committed in between',
    )
  })
})

it.each([
  [{ host: 'h3', places: ['a2', 'b0'], spares: 1 }, 'lost host h3 (a2, b0 and a spare): gone'],
  [{ host: 'h3', places: ['a2'], spares: 0 }, 'lost host h3 (a2): gone'],
  [{ host: 'h3', places: [], spares: 2 }, 'lost host h3 (2 spares): gone'],
  [{ host: null, places: ['c0'], spares: 0 }, 'lost host of unknown name (c0): gone'],
] as const)('the loss of a host in words: %o', (loss, line) => {
  expect(told([{ type: 'hostLost', ...loss, why: 'gone', atMs: 0 }], 'hostLost')).toEqual([line])
})

it.each([
  [[], false, 'the loss of any one host is covered again'],
  [[['h1', ['a0', 'a1']]], false, 'the loss of host h1 (a0 and a1) would not be covered'],
  [
    [
      ['h1', ['a0']],
      ['h2', ['a1']],
    ],
    true,
    'the loss of host h1 (a0) or h2 (a1) would take every process back to the disk',
  ],
] as const)('hosts that may not be lost in words: %o', (hosts, hasDisk, line) => {
  const news = {
    type: 'hostCoverage',
    hosts: hosts.map(([host, places]) => ({ host, places })),
    hasDisk,
    atMs: 0,
  } as const
  expect(told([news], 'hostCoverage')).toEqual([line])
})
