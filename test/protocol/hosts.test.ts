/** Processors on hosts, as their conductor sees them: what is lost together, and who takes which place. */
import { describe, expect, it } from 'vitest'
import { processorId } from '../../src/base/index.ts'
import { Hosted } from './hosted.ts'

const began = 'recovery begins'
const beginnings = (lines: readonly string[]): number => lines.filter((line) => line.startsWith(began)).length

/** Four processes, c0 and b0 on four hosts, each of which is ready in turn. */
const fourHosts = ['h1', 'h1', 'h2', 'h2', 'h3', 'h4']

describe('places on hosts', () => {
  it('are given when there are as many spares as places, and not to the first that are ready', () => {
    const machine = new Hosted(4, fourHosts.slice(0, 5))
    expect([...machine.state.members.values()].filter((holder) => holder !== null)).toEqual([])
    machine.ready('h4')
    expect([...machine.state.members.values()]).not.toContain(null)
    machine.recover()
    expect(machine.uncovered).toEqual([])
  })

  it('are given at once on one computer, as each is ready', () => {
    const machine = new Hosted(2, [])
    machine.tell({ type: 'ready', processor: processorId(1), host: null })
    expect(machine.state.members.get('a0')).toBe(1)
  })

  it('wait for another spare when one of those that were waited for is lost', () => {
    const machine = new Hosted(2, ['h1', 'h2', 'h3'])
    machine.tell({ type: 'lost', processor: processorId(3) })
    machine.ready('h1')
    expect(machine.state.vacant).toHaveLength(4)
    machine.ready('h3')
    expect(machine.state.vacant).toEqual([])
  })

  it('are given to as good spares as there are, and to none that is silent', () => {
    const machine = new Hosted(2, ['h1', 'h2', 'h3', 'h4'])
    machine.recover()
    for (const host of ['h5', 'h6']) machine.ready(host)
    const [silent, other] = machine.state.spares
    const { members } = machine.state
    // Nothing covers the loss of both processes, so that all three are waited for.
    const losses = [members.get('a0')!, members.get('a1')!, silent!].map((processor) => ({ processor }))
    machine.tell({ type: 'silentTogether', losses })
    expect(machine.state.silent.size).toBe(3)
    machine.tell({ type: 'lost', processor: members.get('c0')! })
    expect(members.get('c0')).toBe(other)
  })

  it('go on where no spare makes every host dispensable', () => {
    const machine = new Hosted(2, ['h1', 'h1', 'h1', 'h1'])
    machine.recover()
    expect(machine.state.phase).toBe('running')
    expect(machine.uncovered).toEqual(['h1'])
  })
})

describe('the loss of a host', () => {
  const spread = (): Hosted => {
    const machine = new Hosted(4, ['h1', 'h1', 'h2', 'h3', 'h4', 'h5'])
    machine.recover()
    return machine
  }

  it('is one recovery, and none of its spares is given a place', () => {
    const machine = spread()
    for (const host of ['h1', 'h2', 'h5']) machine.ready(host)
    const lost = machine.on('h1')
    const effects = machine.loseHost('h1')
    expect(beginnings(effects)).toBe(1)
    expect(effects.filter((one) => one.includes('becomes'))).toHaveLength(2)
    for (const processor of lost) expect([...machine.state.members.values()]).not.toContain(processor)
    expect(machine.state.spares).toEqual([])
    machine.recover()
    expect(machine.state.phase).toBe('running')
  })

  it('leaves the loss of any other one covered once its places are held again, where spares are on the right hosts', () => {
    const machine = spread()
    for (const host of ['h2', 'h3', 'h4', 'h5']) machine.ready(host)
    machine.loseHost('h1')
    machine.recover()
    expect(machine.state.phase).toBe('running')
    expect(machine.uncovered).toEqual([])
  })

  it('is one when it is told as its silence, and covers what no single loss would tell', () => {
    const machine = spread()
    for (const host of ['h1', 'h2', 'h5']) machine.ready(host)
    const effects = machine.tell({ type: 'silentTogether', losses: machine.lossesOn('h1') })
    expect(beginnings(effects)).toBe(1)
    expect(machine.state.silent.size).toBe(0)
  })

  it('is waited for while nothing covers it, spares too, and all are heard at once', () => {
    const machine = new Hosted(2, ['h1', 'h1', 'h1', 'h2'])
    machine.recover()
    machine.ready('h1')
    const processors = machine.on('h1')
    expect(machine.tell({ type: 'silentTogether', losses: machine.lossesOn('h1') })).toEqual([])
    expect(machine.state.silent.size).toBe(4)
    // One after the other, those left would be given up: they may be covered without the first.
    expect(machine.tell({ type: 'heardTogether', processors })).toEqual([])
    expect(machine.state.silent.size).toBe(0)
    expect(machine.state.epoch).toBe(1)
  })

  it('fences all that were given up and are heard again', () => {
    const machine = spread()
    for (const host of ['h1', 'h2', 'h5']) machine.ready(host)
    const processors = machine.on('h1')
    machine.tell({ type: 'silentTogether', losses: machine.lossesOn('h1') })
    const effects = machine.tell({ type: 'heardTogether', processors })
    expect(effects).toEqual(processors.map((one) => `fence processor ${one}`))
  })

  it('begins anew when it comes between a decision and its telling', () => {
    const machine = spread()
    for (const host of ['h2', 'h2', 'h3']) machine.ready(host)
    machine.loseHost('h1')
    const effects = machine.loseHost('h2')
    // No code of one row covers what h1 and h2 held; both were never whole together again.
    expect(effects.some((one) => one.startsWith('no code covers'))).toBe(true)
    const tolerant = new Hosted(2, ['h1', 'h1', 'h2', 'h3', 'h4', 'h5'], 2)
    tolerant.recover()
    for (const host of ['h2', 'h2', 'h3']) tolerant.ready(host)
    tolerant.loseHost('h1')
    expect(beginnings(tolerant.loseHost('h2'))).toBe(1)
    while (tolerant.state.vacant.length > 0) tolerant.ready('h5')
    tolerant.recover()
    expect(tolerant.state.phase).toBe('running')
  })
})

describe('hosts that are lost one after another with the same place', () => {
  /** How many hosts are lost until that ends the run; at most 20. */
  const hostsTaken = (
    accident: 'soon' | 'late' | undefined,
    place: 'a0' | 'any',
    line: (losses: number) => number,
  ): number => {
    const machine = new Hosted(2, ['h1', 'h2', 'h3', 'h4'])
    machine.recover()
    for (let losses = 1; losses <= 20; losses += 1) {
      for (const host of ['h1', 'h2', 'h3', 'h4', 'h5']) machine.ready(host)
      const places = ['a0', 'b0', 'a1', 'c0'] as const
      machine.loseHost(machine.hostOf(place === 'any' ? places[losses % 4]! : place)!, accident)
      machine.recover(line(losses))
      if (machine.state.phase === 'ended') return losses
    }
    return Number.POSITIVE_INFINITY
  }

  it('end the run with the third, when no checkpoint was committed in between', () => {
    expect(hostsTaken('soon', 'a0', () => 3)).toBe(3)
  })

  it.each([
    ['somebody asked for them', undefined, 'a0', () => 3],
    ['they come late', 'late', 'a0', () => 3],
    ['a checkpoint was committed in between', 'soon', 'a0', (losses: number) => losses],
    ['it is another place each time', 'soon', 'any', () => 3],
  ] as const)('end nothing when %s', (_, accident, place, line) => {
    expect(hostsTaken(accident, place, line)).toBe(Number.POSITIVE_INFINITY)
  })

  it('do not count with losses of the processor alone', () => {
    const machine = new Hosted(2, ['h1', 'h2', 'h3', 'h4'])
    machine.recover()
    for (let losses = 1; losses <= 9; losses += 1) {
      for (const host of ['h1', 'h2', 'h3', 'h4']) machine.ready(host)
      machine.tell({ type: 'lost', processor: machine.state.members.get('a0')!, accident: 'soon' })
      machine.recover(3)
    }
    for (const host of ['h1', 'h2', 'h3', 'h4']) machine.ready(host)
    machine.loseHost(machine.hostOf('a0')!, 'soon')
    machine.recover(3)
    expect(machine.state.phase).toBe('running')
  })
})
