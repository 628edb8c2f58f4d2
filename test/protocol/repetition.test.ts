/** A place that is lost again and again, as its conductor counts. */
import { describe, expect, it } from 'vitest'
import { processorId } from '../../src/base/index.ts'
import { reedSolomonCode } from '../../src/parity/index.ts'
import {
  type Accident,
  type ConductorEffect,
  type ConductorEvent,
  createConductor,
  type Frame,
  type Place,
  stepConductor,
} from '../../src/protocol/index.ts'

/** The conductor of two processes and a row; every recovery goes through, unless a test says otherwise. */
class Machine {
  readonly state = createConductor({ processes: 2, code: reedSolomonCode(2, 1) })
  #started = 0
  /** The newest checkpoint. */
  line = 0
  ending: ConductorEffect | null = null

  constructor() {
    for (let count = 4; count > 0; count -= 1) this.spare()
    this.#restoreAll()
  }

  tell(event: ConductorEvent): void {
    for (const effect of stepConductor(this.state, event)) if (effect.type === 'repeatedLoss') this.ending = effect
  }

  spare(): void {
    this.#started += 1
    this.tell({ type: 'ready', processor: processorId(this.#started), host: null })
  }

  #hear(from: Place, frame: Frame): void {
    const processor = this.state.members.get(from)!
    this.tell({ type: 'frame', processor, epoch: this.state.epoch, from, frame })
  }

  #restoreAll(): void {
    for (const place of this.state.members.keys()) this.#hear(place, { type: 'restored' })
  }

  lose(place: Place, accident?: Accident): void {
    this.tell({ type: 'lost', processor: this.state.members.get(place)!, ...(accident && { accident }) })
  }

  /** Everybody goes back to the newest checkpoint and goes on. */
  recover(): void {
    while (this.state.vacant.length > 0) this.spare()
    for (const place of this.state.members.keys()) {
      if (!this.state.missing.has(place)) this.#hear(place, { type: 'report', checkpoints: [this.line] })
    }
    this.#restoreAll()
  }

  /** How often the place is lost before that ends the run; at most 30 times. */
  lossesOf(place: Place, between: (losses: number) => void = () => {}): number {
    for (let losses = 1; losses <= 30; losses += 1) {
      this.lose(place, 'soon')
      this.recover()
      if (this.ending) return losses
      between(losses)
    }
    return Number.POSITIVE_INFINITY
  }
}

describe('losses of one place that nobody asked for', () => {
  it.each(['a0', 'c0', 'b0'] as const)('end the run with the tenth in a row: %s', (place) => {
    const machine = new Machine()
    expect(machine.lossesOf(place)).toBe(10)
    expect(machine.ending).toEqual({ type: 'repeatedLoss', place, losses: 10 })
    expect(machine.state.phase).toBe('ended')
  })

  it('are counted anew with each commit', () => {
    const machine = new Machine()
    machine.lossesOf('a0', (losses) => {
      if (losses === 9) machine.line = 1
    })
    // The tenth goes back to another checkpoint than the ninth, so it is the first again.
    expect(machine.ending).toMatchObject({ losses: 10 })
    expect(machine.state.epoch).toBe(1 + 19)
  })

  it('never end it while commits come in between', () => {
    const machine = new Machine()
    const commit = (losses: number): void => {
      if (losses % 9 === 0) machine.line += 1
    }
    expect(machine.lossesOf('a0', commit)).toBe(Number.POSITIVE_INFINITY)
    expect(machine.state.repeated).toHaveLength(1)
  })

  it('are counted for each place by itself', () => {
    const machine = new Machine()
    const loseAnother = (): void => {
      machine.lose('b0', 'soon')
      machine.recover()
    }
    expect(machine.lossesOf('a1', loseAnother)).toBe(10)
    expect(machine.ending).toMatchObject({ place: 'a1', losses: 10 })
  })

  it('count neither for nor against if they were asked for, and anew if they come late', () => {
    const machine = new Machine()
    machine.lossesOf('a0', (losses) => {
      if (losses > 4) return
      machine.lose('a0', losses === 4 ? 'late' : undefined)
      machine.recover()
    })
    // Four, three of them with an asked one behind; the late one is the first again, and nine follow.
    expect(machine.ending).toMatchObject({ losses: 10 })
    expect(machine.state.epoch).toBe(1 + 4 + 4 + 9)
  })

  it('are counted while no recovery gets as far as its line', () => {
    const machine = new Machine()
    for (let losses = 1; losses <= 10; losses += 1) {
      expect(machine.ending).toBeNull()
      machine.lose('a0', 'soon')
      machine.spare()
    }
    expect(machine.ending).toMatchObject({ place: 'a0', losses: 10 })
  })

  it('are those of members that fell silent, too, unless they are heard again', () => {
    const machine = new Machine()
    const fallSilent = (): void => {
      machine.tell({ type: 'silent', processor: machine.state.members.get('a0')!, accident: 'soon' })
    }
    for (let losses = 1; losses <= 9; losses += 1) {
      fallSilent()
      machine.recover()
    }
    machine.lose('a1')
    fallSilent()
    machine.tell({ type: 'heard', processor: machine.state.members.get('a0')! })
    machine.recover()
    expect(machine.ending).toBeNull()
    fallSilent()
    machine.recover()
    expect(machine.ending).toMatchObject({ place: 'a0', losses: 10 })
  })
})
