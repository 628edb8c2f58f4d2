/** Where nothing but files keeps checkpoints: conductor and application processors, event by event. */
import { describe, expect, it } from 'vitest'
import {
  type ApplicationEvent,
  createApplication,
  describeEffect,
  type Frame,
  type Place,
  rulesFor,
  stepApplication,
} from '../../src/protocol/index.ts'
import { Conducted, file, processes } from './conducted.ts'

const step = { sends: [], outputs: [], waiting: { kind: 'continue' }, vars: null } as const

const conduct = (): Conducted => new Conducted(null, 1)

function request(conducted: Conducted, checkpoint: number, from: Place = 'a0'): string[] {
  return conducted.hear(from, { type: 'request', checkpoint, urgent: true })
}

describe('the conductor', () => {
  it('orders what is asked for from everybody, and tells of the commit when it is whole (F4)', () => {
    const conducted = conduct()
    expect(conducted.state.storage!.order).toBeNull()
    expect(request(conducted, 1)).toEqual([
      '-> a0 store checkpoint 1 as writing 1',
      '-> a1 store checkpoint 1 as writing 1',
      '-> a0 grant 1',
      '-> a1 grant 1',
    ])
    expect(request(conducted, 1, 'a1')).toEqual([])
    expect(conducted.storeAll(0)).toEqual(['write the manifest of writing 1, checkpoint 1'])
    expect(conducted.tell({ type: 'sealed', sequence: 1 })).toEqual([
      'checkpoint 1 is whole on disk',
      '-> a0 commit 1',
      '-> a1 commit 1',
    ])
    expect(request(conducted, 1)).toEqual([])
  })

  it('holds the request for the checkpoint after the one that is being written', () => {
    const conducted = conduct()
    request(conducted, 1)
    expect(request(conducted, 2)).toEqual([])
    conducted.storeAll(0)
    expect(conducted.tell({ type: 'sealed', sequence: 1 })).toContain(
      '-> a1 store checkpoint 2 as writing 2, changes since writing 1',
    )
  })

  it('begins anew, with zeros, whoever is lost before the first is whole', () => {
    const conducted = conduct()
    request(conducted, 1)
    const told = conducted.loseTwo()
    expect(told).toContain('recovery line 0')
    expect(told).toContain('-> a1 plan: recovery line 0, rebuild a0 from nothing, a1 from nothing')
    expect(conducted.restoreAll()).toContain('resumed at checkpoint 0')
    expect(conducted.state.storage!.order).toBeNull()
    expect(request(conducted, 1)).toContain('-> a0 grant 1')
  })

  it('takes everybody back to the newest whole one, survivors too', () => {
    const conducted = conduct()
    request(conducted, 1)
    conducted.storeAll(0)
    conducted.tell({ type: 'sealed', sequence: 1 })
    request(conducted, 2)
    const told = [...conducted.lose('a1'), ...conducted.spare()]
    expect(told).toContain('-> a0 plan: recovery line 1 from disk (writing 1)')
    expect(told).toContain('-> a1 plan: recovery line 1 from disk (writing 1)')
    conducted.restoreAll()
    // The writing that was cut off is never taken up: its number does not come again.
    expect(request(conducted, 2)).toContain('-> a0 store checkpoint 2 as writing 3, changes since writing 1')
  })

  it('waits with a recovery for the manifest that is being written, and tells nobody of the commit', () => {
    const conducted = conduct()
    request(conducted, 1)
    conducted.storeAll(0)
    expect([...conducted.lose('a1'), ...conducted.spare()].join()).not.toContain('recovery line')
    const told = conducted.tell({ type: 'sealed', sequence: 1 })
    expect(told).toContain('recovery line 1 on disk')
    expect(told.join()).not.toContain('commit')
  })

  it('ends the run when the disk fails, whoever says so', () => {
    for (const isManifest of [false, true]) {
      const conducted = conduct()
      request(conducted, 1)
      if (isManifest) conducted.storeAll(0)
      const told = isManifest
        ? conducted.tell({ type: 'notSealed', sequence: 1, reason: 'ENOSPC' })
        : conducted.hear('a1', { type: 'notStored', sequence: 1, committed: 0, reason: 'ENOSPC' })
      expect(told).toEqual([`checkpoint 1 is not on disk: ${isManifest ? 'the manifest' : 'a1'}: ENOSPC`])
      expect(conducted.state.phase).toBe('ended')
    }
  })

  it('gives a failed step one more chance from the disk', () => {
    const conducted = conduct()
    const failure = { type: 'failure', step: 3, site: 'here', error: 'no' } as const
    expect(conducted.hear('a0', failure)).toContain('recovery line 0')
    conducted.restoreAll()
    expect(conducted.hear('a0', failure).join()).toContain('failed')
  })
})

/** Process 0 of two, in the middle of its first step. */
class Applied {
  readonly state = createApplication(1, {
    ...{ rank: 0, processes, code: null, logBytesMax: 1000, isStored: true, rules: rulesFor('resume-after-commit') },
  })

  constructor() {
    this.hear('conductor', { type: 'plan', line: 0, rebuild: [{ target: 'a0', sources: [] }], disk: null })
    this.tell({ type: 'restored', epoch: 1, checkpoint: 0, blobs: new Map() })
    this.hear('conductor', { type: 'resume' })
  }

  tell(event: ApplicationEvent): string[] {
    return stepApplication(this.state, event).map(describeEffect)
  }

  hear(from: Place, frame: Frame): string[] {
    return this.tell({ type: 'frame', epoch: 1, from, frame })
  }
}

const order = { type: 'store', checkpoint: 1, sequence: 1, since: null } as const
const marker = { type: 'marker', checkpoint: 1, messages: 0 } as const

describe('an application processor', () => {
  it('asks the conductor, writes what it captures, and goes on at the commit', () => {
    const applied = new Applied()
    expect(applied.tell({ type: 'timeoutPassed' })).toEqual(['-> conductor request for checkpoint 1, urgent'])
    applied.hear('conductor', order)
    applied.hear('conductor', { type: 'grant', checkpoint: 1 })
    applied.tell({ type: 'stepEnded', result: step })
    const captured = applied.hear('a1', marker)
    expect(captured[0]).toMatch(/^capture checkpoint 1/)
    expect(captured.slice(1)).toEqual(['store checkpoint 1 as writing 1'])
    expect(applied.tell({ type: 'stored', epoch: 1, sequence: 1, file })).toEqual([
      '-> conductor stored writing 1, all pages',
    ])
    const told = applied.hear('conductor', { type: 'commit', checkpoint: 1 })
    expect(told).toContain('thaw after checkpoint 1')
    expect(told.at(-1)).toMatch(/step/)
  })

  it('may have captured, called by the others, before the order comes', () => {
    const applied = new Applied()
    applied.tell({ type: 'stepEnded', result: step })
    applied.hear('a1', marker)
    const captured = applied.tell({ type: 'stepEnded', result: step })
    expect(captured.join()).toContain('capture checkpoint 1')
    expect(captured.join()).not.toContain('writing')
    expect(applied.hear('conductor', order)).toEqual(['store checkpoint 1 as writing 1'])
  })

  it('releases no output before its checkpoint is whole on disk', () => {
    const applied = new Applied()
    const outputs = [{ kind: 'emit', payload: Uint8Array.of(1) }] as const
    applied.hear('a1', marker)
    expect(applied.tell({ type: 'stepEnded', result: { ...step, outputs } }).join()).not.toContain('output')
    applied.hear('conductor', order)
    applied.tell({ type: 'stored', epoch: 1, sequence: 1, file })
    expect(applied.hear('conductor', { type: 'commit', checkpoint: 1 }).join()).toContain('output')
  })
})
