/** A candidate at the store: what it is told of the record, and who may say that a conductor has not answered. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { ConductorRecord, StoredRecord } from '../../src/protocol/index.ts'
import { CandidateStore, EmbeddedStore, type StoreEntry } from '../../src/store/index.ts'
import { type Asker, answerMs, CandidatesWorld, ttlMs } from './candidates-world.ts'
import { FakeClock } from './fake-clock.ts'

const record = (conductor: number, revision: number): ConductorRecord => ({
  ...{ revision, conductor, replicas: [1, 2, 3], epoch: revision, members: [['a0', null]], missing: ['a0'] },
  ...{
    begun: false,
    rollback: false,
    fromDisk: false,
    sequence: 0,
    endsWith: null,
    failures: [],
    repeated: [],
    outcome: null,
  },
})

let world: CandidatesWorld
let conductor: Asker
let standby: Asker
/** Those that answer when they are challenged. */
const answering = new Set<Asker>()

beforeEach(async () => {
  world = new CandidatesWorld()
  answering.clear()
  const begin = () =>
    world.begin((asker, { type }) => {
      if (type === 'challenged' && answering.has(asker)) asker.at.carryOut({ type: 'answerChallenge' })
    })
  conductor = begin()
  standby = begin()
  begin()
  answering.add(conductor)
  propose(conductor, 0, record(1, 1), '1.1')
  await world.settle()
})

const propose = (asker: Asker, version: number, of: ConductorRecord, nonce: string): void =>
  asker.at.carryOut({ type: 'propose', nonce, version, record: of })
const challenge = (asker: Asker): void => asker.at.carryOut({ type: 'challenge' })
const typesOf = ({ heard }: Asker): string[] => heard.map(({ type }) => type)
const unansweredOf = (asker: Asker): number => typesOf(asker).filter((type) => type === 'unanswered').length
const found = ({ heard }: Asker): StoredRecord => heard.flatMap((one) => ('found' in one ? [one.found] : [])).at(-1)!
function present(name: string): StoreEntry {
  const entries: StoreEntry[] = []
  world.store.watch(`runs/x/${name}`, (entry) => entries.push(entry)).close()
  return entries[0]!
}

describe('the record', () => {
  it('is agreed, and everybody hears of it', () => {
    const [agreed] = conductor.heard.filter(({ type }) => type === 'agreed')
    expect(agreed).toMatchObject({ type: 'agreed', nonce: '1.1' })
    const version = agreed?.type === 'agreed' ? agreed.version : 0
    for (const one of world.askers) expect(found(one)).toEqual({ version, nonce: '1.1', record: record(1, 1) })
  })

  it('is refused to whoever builds on an older one, and says what there is', async () => {
    propose(standby, 0, record(2, 2), '2.1')
    await world.settle()
    expect(standby.heard.at(-1)).toEqual({ type: 'refused', nonce: '2.1', found: found(conductor) })
  })

  it('whoever hears no answer is told so after a while, not at once again and again', async () => {
    propose(standby, found(standby).version, record(2, 2), '2.1')
    world.cut(standby.link, 0)
    await world.settle()
    expect(typesOf(standby)).not.toContain('unknown')
    world.passMs(100)
    expect(standby.heard.at(-1)).toEqual({ type: 'unknown', nonce: '2.1' })
  })

  it('what is none is told of, and taken for nothing', async () => {
    world.store.swap(
      { name: 'runs/x/record', version: found(conductor).version, nonce: 'y', value: { ...record(1, 1), begun: 1 } },
      () => {},
    )
    await world.settle()
    expect(standby.damaged).toEqual(["the conductor's record: begun is 1, not true or false"])
    expect(found(standby).nonce).toBe('1.1')
  })
})

describe('a challenge', () => {
  it('is answered by a conductor that is there', async () => {
    challenge(standby)
    await world.passWithAnswers(3 * answerMs)
    expect(typesOf(conductor)).toContain('challenged')
    expect(typesOf(standby)).toEqual(['recordChanged'])
    expect(present('challenge').version).toBe(0)
  })

  it('that nobody answers in time is unanswered, once, and not sooner', async () => {
    answering.clear()
    challenge(standby)
    challenge(standby)
    await world.passWithAnswers(answerMs - 20)
    challenge(standby)
    expect(unansweredOf(standby)).toBe(0)
    await world.passWithAnswers(40)
    expect(standby.heard.at(-1)).toEqual({ type: 'unanswered', found: found(conductor) })
    await world.passWithAnswers(5 * answerMs)
    expect(unansweredOf(standby)).toBe(1)
    expect(present('challenge').version).toBe(0)
    challenge(standby)
    await world.passWithAnswers(2 * answerMs)
    expect(unansweredOf(standby)).toBe(2)
  })

  it('of a conductor whose process has ended waits for nothing', async () => {
    world.crash(conductor)
    await world.settle()
    expect(typesOf(standby).at(-1)).toBe('conductorUnheard')
    challenge(standby)
    await world.settle()
    expect(unansweredOf(standby)).toBe(1)
  })

  it('that stands when the conductor ends waits no longer', async () => {
    answering.clear()
    challenge(standby)
    await world.settle()
    expect(unansweredOf(standby)).toBe(0)
    world.crash(conductor)
    await world.settle()
    expect(unansweredOf(standby)).toBe(1)
  })

  it('of a conductor that is frozen is unanswered, and at once when its lease has run out', async () => {
    world.frozen.add(conductor.link)
    challenge(standby)
    await world.passWithAnswers(answerMs + 20)
    expect(unansweredOf(standby)).toBe(1)
    expect(typesOf(standby)).not.toContain('conductorUnheard')
    await world.passWithAnswers(2 * ttlMs)
    expect(typesOf(standby).at(-1)).toBe('conductorUnheard')
    challenge(standby)
    await world.settle()
    expect(unansweredOf(standby)).toBe(2)
  })

  it('that was answered while its maker was frozen is not unanswered', async () => {
    challenge(standby)
    world.links[1]!.deliver('toStore')
    world.links[1]!.deliver('fromStore')
    world.frozen.add(standby.link)
    await world.settle()
    expect(present('challenge').version).toBe(0)
    world.passMs(2 * answerMs)
    world.frozen.clear()
    await world.passWithAnswers(2 * answerMs)
    expect(typesOf(conductor)).toContain('challenged')
    expect(unansweredOf(standby)).toBe(0)
  })

  it('that somebody else makes is waited for', async () => {
    answering.clear()
    const other = world.askers[2]!
    challenge(standby)
    await world.settle()
    challenge(other)
    await world.passWithAnswers(answerMs / 2)
    expect(typesOf(conductor).filter((type) => type === 'challenged')).toHaveLength(1)
    world.crash(standby)
    await world.settle()
    expect(typesOf(conductor).filter((type) => type === 'challenged')).toHaveLength(2)
    await world.passWithAnswers(2 * answerMs)
    expect([unansweredOf(standby), unansweredOf(other)]).toEqual([0, 1])
  })

  it('is dropped when somebody else has taken over', async () => {
    answering.clear()
    const other = world.askers[2]!
    challenge(standby)
    await world.settle()
    propose(other, found(other).version, record(3, 2), '3.1')
    await world.settle()
    expect(present('challenge').version).toBe(0)
    await world.passWithAnswers(3 * answerMs)
    expect(unansweredOf(standby)).toBe(0)
    challenge(standby)
    await world.settle()
    expect(typesOf(other)).toContain('challenged')
    expect(typesOf(conductor).filter((type) => type === 'challenged')).toHaveLength(1)
  })

  it('of a conductor that has not heard yet that it is one is told again when it has', async () => {
    const other = world.askers[2]!
    const { version } = found(other)
    other.store.loses = 'answers'
    propose(other, version, record(3, 2), '3.1')
    await world.settle()
    challenge(standby)
    await world.settle()
    expect(typesOf(other)).toEqual(['recordChanged', 'recordChanged', 'challenged'])
    other.store.loses = 'nothing'
    await world.passWithAnswers(100)
    propose(other, version, record(3, 2), '3.1')
    await world.settle()
    expect(typesOf(other).slice(3)).toEqual(['unknown', 'refused', 'challenged'])
  })

  it.each(['requests', 'answers'] as const)('whose making loses %s is made again', async (lost) => {
    answering.clear()
    standby.store.loses = lost
    challenge(standby)
    await world.passWithAnswers(50)
    expect(unansweredOf(standby)).toBe(0)
    standby.store.loses = 'nothing'
    await world.passWithAnswers(100 + answerMs)
    expect(unansweredOf(standby)).toBe(1)
    expect(present('challenge').version).toBe(0)
  })

  it('whose taking back was not heard of is taken back again, and has stood unanswered', async () => {
    answering.clear()
    challenge(standby)
    await world.passWithAnswers(answerMs - 20)
    standby.store.loses = 'requests'
    await world.passWithAnswers(40)
    expect(present('challenge').version).toBeGreaterThan(0)
    standby.store.loses = 'nothing'
    await world.passWithAnswers(110)
    expect([unansweredOf(standby), present('challenge').version]).toEqual([1, 0])
    await world.passWithAnswers(5 * answerMs)
    expect(unansweredOf(standby)).toBe(1)
  })

  it('that is gone, and nobody knows by whom, may have been answered: it is made anew', async () => {
    answering.clear()
    challenge(standby)
    await world.passWithAnswers(answerMs - 20)
    standby.store.loses = 'answers'
    await world.passWithAnswers(40)
    expect(present('challenge').version).toBe(0)
    standby.store.loses = 'nothing'
    await world.passWithAnswers(110)
    expect(unansweredOf(standby)).toBe(0)
    expect(typesOf(conductor).filter((type) => type === 'challenged')).toHaveLength(2)
    await world.passWithAnswers(answerMs + 20)
    expect(unansweredOf(standby)).toBe(1)
  })

  it.each(['requests', 'answers'] as const)(
    'that nobody needs any more is cleared away, if %s are lost too',
    async (lost) => {
      answering.clear()
      const other = world.askers[2]!
      challenge(standby)
      await world.settle()
      standby.store.loses = lost
      propose(other, found(other).version, record(3, 2), '3.1')
      await world.settle()
      standby.store.loses = 'nothing'
      await world.passWithAnswers(110)
      expect(present('challenge').version).toBe(0)
      challenge(standby)
      await world.passWithAnswers(answerMs + 20)
      expect(unansweredOf(standby)).toBe(1)
    },
  )

  it('whose answer is not heard of is answered again as long as it stands', async () => {
    conductor.store.loses = 'requests'
    challenge(standby)
    await world.passWithAnswers(50)
    expect(present('challenge').version).toBeGreaterThan(0)
    conductor.store.loses = 'nothing'
    await world.passWithAnswers(100)
    expect(present('challenge').version).toBe(0)
    expect(unansweredOf(standby)).toBe(0)
  })

  it('that was made when somebody else had already taken over is taken back', async () => {
    challenge(standby)
    const other = world.askers[2]!
    propose(other, found(other).version, record(3, 2), '3.1')
    world.links[2]!.deliver('toStore')
    world.links[1]!.deliver('toStore')
    while (world.links[1]!.deliver('fromStore'));
    await world.settle()
    expect(present('challenge').version).toBe(0)
    await world.passWithAnswers(2 * answerMs)
    expect([unansweredOf(standby), typesOf(other).includes('challenged')]).toEqual([0, false])
  })

  it('is gone with whoever made it', async () => {
    answering.clear()
    challenge(standby)
    await world.settle()
    expect(present('challenge').version).toBeGreaterThan(0)
    world.crash(standby)
    expect(present('challenge').version).toBe(0)
  })

  it('what is none is told of', async () => {
    world.store.swap({ name: 'runs/x/challenge', version: 0, nonce: 'y', value: 'now' }, () => {})
    await world.settle()
    expect(conductor.damaged).toEqual(["a challenge is 'now', not an object"])
  })
})

describe('a presence', () => {
  it('is kept as long as the candidate is there', async () => {
    await world.passWithAnswers(5 * ttlMs)
    for (const { id } of world.askers) expect(present(`candidates/${id}`).version).toBeGreaterThan(0)
    expect(typesOf(standby)).not.toContain('conductorUnheard')
  })

  it('of one that was not heard for too long comes again, and others hear of both', async () => {
    world.clock.pass(3 * ttlMs)
    expect(present('candidates/1').version).toBe(0)
    await world.passWithAnswers(ttlMs)
    expect(present('candidates/1').version).toBeGreaterThan(0)
    expect(typesOf(standby)).toContain('conductorUnheard')
    challenge(standby)
    await world.passWithAnswers(2 * answerMs)
    expect(unansweredOf(standby)).toBe(0)
  })

  it('leaves no timer behind', async () => {
    for (const one of world.askers) world.crash(one)
    await world.settle()
    expect(world.clock.armed).toBe(0)
  })
})

it('where the store is in the same process, the answer is there before the request returns', () => {
  const heard: string[] = []
  const at = new CandidateStore({
    ...{ store: new EmbeddedStore(new FakeClock()), clock: new FakeClock(), run: 'x', id: 1, answerMs, ttlMs },
    onEvent: ({ type }) => heard.push(type),
    onDamaged: () => expect.unreachable(),
  })
  at.open()
  at.carryOut({ type: 'propose', nonce: '1.1', version: 0, record: record(1, 1) })
  expect(heard).toEqual(['agreed', 'recordChanged'])
  at.close()
})
