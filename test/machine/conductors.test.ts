/** Those who may conduct, as the launcher sees them, with processes that are none: what each is told is looked at. */
import { afterEach, expect, test, vi } from 'vitest'
import { processorId } from '../../src/base/index.ts'
import { runName } from '../../src/machine/conductor/conductor-driver.ts'
import type { ConductorHandle } from '../../src/machine/launcher/conductors/conductor-handle.ts'
import type { ConductorProcessesOptions } from '../../src/machine/launcher/conductors/conductor-processes.ts'
import { Conductors } from '../../src/machine/launcher/conductors/conductors.ts'
import type { ConductorOrder, CrewEvent, FromConductor } from '../../src/machine/wire/conducting.ts'
import type { CandidateId, ConductorRecord } from '../../src/protocol/index.ts'
import { recordName } from '../../src/store/index.ts'

type Listener = Omit<ConductorProcessesOptions, 'folder' | 'environment'>

interface Told extends Pick<ConductorHandle, 'id' | 'pid' | 'silent' | 'struckMs'> {
  silent: boolean
  status: ConductorHandle['status']
  readonly heard: CrewEvent[]
}

/** So many that may conduct, all connected; the first is appointed. */
class Stage {
  readonly all: Told[] = []
  readonly orders: ConductorOrder[] = []
  readonly uncovered: string[] = []
  readonly conductors: Conductors
  listener!: Listener
  #version = 0

  constructor(count: number) {
    const nothing = (): void => {}
    this.conductors = new Conductors({
      count,
      configuration: () => ({ processes: 2, protection: null, storage: null, isTraced: false }),
      makeProcesses: (listener) => {
        this.listener = listener
        const stage = this
        return {
          get living() {
            return stage.all.filter(({ status }) => status !== 'gone') as unknown as ConductorHandle[]
          },
          start: () => stage.#start(),
          ...{ open: nothing, welcome: nothing, stop: nothing, close: async () => {} },
        }
      },
      onOrder: (order) => this.orders.push(order),
      brief: nothing,
      onUncovered: (how) => this.uncovered.push(how),
      ...{ onProcesses: nothing, onLost: nothing, onSilent: nothing, onTookOver: nothing, onSlow: nothing },
      ...{ onFailed: nothing, onEvent: nothing, onEffect: nothing, onTrace: nothing },
    })
    this.conductors.open()
    for (const one of this.all) this.connect(one.id)
  }

  #start(): void {
    const id = this.all.length + 1
    const heard: CrewEvent[] = []
    const tell = (event: CrewEvent): void => void heard.push(event)
    this.all.push({ id, pid: 1000 + id, silent: false, struckMs: null, status: 'starting', heard, tell } as Told)
  }

  handle(id: CandidateId): ConductorHandle {
    return this.all[id - 1] as unknown as ConductorHandle
  }

  heardBy(id: CandidateId): CrewEvent[] {
    return this.all[id - 1]!.heard
  }

  connect(id: CandidateId): void {
    this.handle(id).status = 'serving'
    this.listener.onReady(this.handle(id))
  }

  says(id: CandidateId, message: Exclude<FromConductor, { type: 'store' }>): void {
    this.listener.onMessage(this.handle(id), message)
  }

  fallsSilent(id: CandidateId): void {
    this.handle(id).silent = true
    this.listener.onSilent(this.handle(id))
  }

  isLost(id: CandidateId): void {
    this.handle(id).status = 'gone'
    this.listener.onLost(this.handle(id), 'its process ended')
  }

  /** Puts on record who conducts. */
  agree(revision: number, conductor: CandidateId, replicas: readonly CandidateId[]): void {
    const value = { revision, conductor, replicas } as ConductorRecord
    const change = { name: recordName(runName), version: this.#version, nonce: `${revision}`, value }
    this.listener.store.swap(change, (answer) => {
      if (answer.type === 'agreed') this.#version = answer.version
    })
  }
}

const patience: ConductorOrder = { type: 'fence', processor: processorId(1) }
const stages: Stage[] = []

function conducted(count: number): Stage {
  const stage = new Stage(count)
  stages.push(stage)
  const others = stage.all.slice(1).map(({ id }) => id)
  stage.agree(1, 1, others)
  stage.says(1, { type: 'tookOffice', revision: 1 })
  stage.says(1, { type: 'order', epoch: 1, order: patience })
  return stage
}

afterEach(() => {
  for (const { conductors } of stages.splice(0)) conductors.stop()
  vi.useRealTimers()
})

test('one that hears late that its claim was agreed is not obeyed after another one has taken over', () => {
  const stage = conducted(3)
  stage.isLost(1)
  stage.agree(2, 2, [3])
  stage.agree(3, 3, [])
  stage.says(3, { type: 'tookOffice', revision: 3 })
  stage.says(3, { type: 'order', epoch: 3, order: patience })
  stage.says(2, { type: 'tookOffice', revision: 2 })
  stage.says(2, { type: 'order', epoch: 2, order: patience })
  expect(stage.orders).toHaveLength(2)
  expect(stage.heardBy(2)).toContainEqual({ type: 'orderRefused', epoch: 3 })
  stage.conductors.tellConductor({ type: 'patienceOver' })
  expect(stage.heardBy(3).at(-1)).toEqual({ type: 'patienceOver' })
})

test('whoever takes over hears who does not answer, also if that came while nobody conducted', () => {
  const stage = conducted(3)
  stage.isLost(1)
  stage.fallsSilent(2)
  expect(stage.heardBy(3)).toContainEqual({ type: 'candidateLost', candidate: 2 })
  stage.agree(2, 3, [2])
  stage.says(3, { type: 'tookOffice', revision: 2 })
  expect(stage.heardBy(3).at(-1)).toEqual({ type: 'candidateLost', candidate: 2 })
})

test('nothing is kept for one that is silent; it is found anew when it is heard', () => {
  const stage = conducted(2)
  stage.fallsSilent(2)
  const before = stage.heardBy(2).length
  stage.says(1, { type: 'tellCandidate', to: 2, message: { type: 'fetched', revision: 1, upTo: 3 } })
  expect(stage.heardBy(2)).toHaveLength(before)
  stage.handle(2).silent = false
  stage.listener.onHeard(stage.handle(2))
  expect(stage.heardBy(1).at(-1)).toEqual({ type: 'candidateFound', candidate: 2 })
})

test('what came before anything was on record is said again to whoever is appointed in place of the first', () => {
  const stage = new Stage(2)
  stages.push(stage)
  const ready = { type: 'ready', processor: processorId(7), host: null } as const
  stage.conductors.tellCandidates(ready)
  stage.isLost(1)
  stage.connect(3)
  const told = stage.heardBy(2)
  const appointed = told.findIndex(({ type }) => type === 'appointed')
  expect(told.slice(appointed)).toEqual([{ type: 'appointed', replicas: [3] }, ready])
})

test('a conductor that is frozen, with nobody to take over, is waited for, but not for ever', () => {
  vi.useFakeTimers()
  const stage = conducted(2)
  stage.fallsSilent(1)
  expect(stage.heardBy(2)).toContainEqual({ type: 'conductorUnheard' })
  vi.advanceTimersByTime(9000)
  expect(stage.uncovered).toEqual([])
  vi.advanceTimersByTime(2000)
  expect(stage.uncovered).toEqual(['silent'])
})

test('when nobody is left who has what was released, that is said at once', () => {
  const stage = conducted(2)
  stage.agree(2, 1, [])
  stage.isLost(1)
  expect(stage.uncovered).toEqual(['gone'])
})
