/** Every scenario can be drawn; what the explorer writes is shown with what went wrong. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fc, test } from '@fast-check/vitest'
import { expect, it } from 'vitest'
import { drawPicture } from '../../src/drawing/index.ts'
import { runScenario, type Story, traceScenario } from '../../src/simulator/index.ts'
import { buildSpaceTime, type SpaceTime } from '../../src/trace/index.ts'

const folder = fileURLToPath(new URL('../../scenarios/', import.meta.url))
const files = readdirSync(folder).filter((name) => name.endsWith('.txt'))
const storiesOf = (file: string): Story[] => traceScenario(readFileSync(`${folder}${file}`, 'utf8'))
const modelOf = ({ records }: Story): SpaceTime => buildSpaceTime(records, 'events')

it.each(files)('%s', (file) => {
  for (const story of storiesOf(file)) {
    const model = modelOf(story)
    // Where others may take over, each candidate has a lane of its own.
    expect(model.lanes.some(({ place }) => place === 'conductor' || place === 'candidate 1')).toBe(true)
    expect(model.arrows.length).toBeGreaterThan(0)
    const view = { from: model.from, to: model.to, width: 1200 }
    expect(drawPicture(model, { title: file, findings: story.findings, view })).not.toContain('NaN')
  }
})

it('what explore found: the lost message, as it was discarded, and the finding', () => {
  const [story] = storiesOf('explored-literal-lost.txt')
  expect(story!.findings).toEqual(['LOST: m1 from a0 to a1'])
  const arrows = modelOf(story!).arrows.filter(({ traffic }) => traffic === 'message')
  expect(arrows).toMatchObject([{ from: 0, to: 1, fate: 'discarded', isReplayed: false }])
})

it('a processor that was replaced and goes on has a lane of its own', () => {
  const [story] = storiesOf('trap-09-believed-dead.txt')
  const model = modelOf(story!)
  const former = model.lanes.findIndex(({ isFormer }) => isFormer)
  expect(model.lanes[former]).toMatchObject({ place: 'a1' })
  expect(model.arrows.some(({ from, traffic }) => from === former && traffic === 'message')).toBe(true)
})

it('following a scenario changes nothing of what it tells', () => {
  for (const file of files) {
    const text = readFileSync(`${folder}${file}`, 'utf8')
    const nobody = { machineStarts: () => {}, saw: () => {}, told: () => {} }
    expect(runScenario(text, nobody)).toBe(runScenario(text))
  }
})

const words = [
  'machine',
  'processes=2',
  'processes=1e9',
  'spares=-1',
  'program=toString',
  'canary=constructor',
  'send',
  'a0',
]
const more = ['a1', 'a99', 'c0', 'b0', 'p7', 'p0', 'old-a0', 'a0->a1', 'conductor->a0', '->', 'm', 'all', '-1', '1e300']
const commands = [
  'deliver',
  'ship',
  'crash',
  'arriving=9',
  'after=1',
  'duplicate',
  'late',
  'settle',
  'until=x',
  'commit',
]
const others = [
  'capture',
  'receive',
  'step',
  'emit',
  'finish',
  'fail',
  'toString',
  'constructor',
  'links',
  'tables',
  'check',
]
const word = fc.constantFrom(...words, ...more, ...commands, ...others)
const command = fc.array(word, { minLength: 1, maxLength: 4 }).map((some) => some.join(' '))
const script = fc
  .array(command, { minLength: 1, maxLength: 8 })
  .map((some) => `machine processes=2\n${some.join('\n')}\n----\n`)

test.prop([fc.oneof(script, fc.string({ unit: 'binary' }))], { numRuns: 600 })(
  'any text is played, or refused with a reason',
  (text) => {
    try {
      for (const story of traceScenario(text)) expect(story.records.length).toBeGreaterThan(0)
    } catch (error) {
      expect((error as Error).message).toMatch(/^[^\n]+$/)
      expect((error as Error).name).toMatch(/^(?:ScenarioError|Error)$/)
    }
  },
)
