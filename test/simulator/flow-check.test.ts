/** The checker of flow control: who says that it is stuck has nothing to do. */
import { describe, expect, it } from 'vitest'
import { reedSolomonCode } from '../../src/parity/index.ts'
import {
  type ApplicationEvent,
  createApplication,
  type Frame,
  rulesFor,
  stepApplication,
} from '../../src/protocol/index.ts'
import { FlowCheck } from '../../src/simulator/oracle/flow-check.ts'
import type { ApplicationHost } from '../../src/simulator/world/application-host.ts'

const message = { type: 'message', sequence: 0, interval: 0, tag: 'now', payload: new Uint8Array(4) } as const

/** Where all freeze for a checkpoint: a1 waits for a message, and everybody goes on after a recovery. */
function suspended() {
  const code = reedSolomonCode(2, 1)
  const rules = rulesFor('resume-after-commit')
  const state = createApplication(1, { rank: 1, processes: 2, code, logBytesMax: 64, rules })
  Object.assign(state, { mode: 'recovering', suspended: true, rollingBack: true })
  state.process.waiting = { kind: 'receive', patterns: [{ from: null, tag: 'now' }] }
  const said: string[] = []
  const check = new FlowCheck((detail) => said.push(detail))
  const tell = (from: 'a0' | 'c0' | 'conductor', frame: Frame): readonly string[] => {
    const event: ApplicationEvent = { type: 'frame', epoch: 1, from, frame }
    const effects = stepApplication(state, event)
    check.saw({ state } as ApplicationHost, event, effects)
    return effects.map((one) => (one.type === 'send' ? one.frame.type : one.type))
  }
  const say = (frame: Frame): void => {
    const event: ApplicationEvent = { type: 'frame', epoch: 1, from: 'a0', frame: { type: 'pressed' } }
    check.saw({ state } as ApplicationHost, event, [{ type: 'send', to: 'a0', epoch: 1, frame }])
  }
  return { said, tell, say }
}

describe('the checker of flow control', () => {
  it('takes what was held during a recovery as it came, one after the other', () => {
    const { said, tell } = suspended()
    tell('a0', { type: 'pressed' })
    tell('c0', { type: 'grant', checkpoint: 1 })
    tell('a0', message)
    expect(tell('conductor', { type: 'resume' })).toContain('stuck')
    expect(said).toEqual([])
  })
  it('finds who says at any other time that it is stuck, while there is a message for it', () => {
    const { said, tell, say } = suspended()
    tell('c0', { type: 'grant', checkpoint: 1 })
    tell('conductor', { type: 'resume' })
    say({ type: 'stuck' })
    expect(said).toEqual([])
    tell('a0', message)
    say({ type: 'stuck' })
    expect(said).toEqual(['a1 tells a0 that it is stuck, and will go on by itself'])
  })
})
