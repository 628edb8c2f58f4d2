import { parseHTML } from 'linkedom'
import { describe, expect, it } from 'vitest'
import { type EvaluationSetting, type ReportData, type RunRecord, reportData } from '../../src/evaluation/index.ts'
import { reportPage } from '../../src/report/index.ts'
import { record, recovery, rounds, settingWith } from '../evaluation/records.ts'

const setting = settingWith()

function dataOf(runs: readonly RunRecord[], changes: Partial<EvaluationSetting> = {}): ReportData {
  return reportData(runs, {
    paritas: '1.2.3',
    machine: {
      ...{ processor: 'Some & Sons <7>', cores: 2, memoryBytes: 2 ** 34, system: 'linux', node: 'v20' },
      tracker: 'shadow',
    },
    load: { before: 0.1, after: 1.9 },
    setting: { ...setting, ...changes },
    mtbfSeconds: 86_400,
  })
}

const hits = (['enhanced', 'n+1-parity'] as const).map((scheme) =>
  record({ program: 'merge-sort', scheme, part: 'recovery', recoveries: [recovery] }),
)
const clear = [
  ...rounds('merge-sort', 'n+1-parity', [80, 84, 88]),
  ...rounds('merge-sort', 'enhanced', [20, 21, 22]),
  ...hits,
]

function render(data: ReportData) {
  const html = reportPage(data, {
    svg: '<svg xmlns="http://www.w3.org/2000/svg" id="drawn"></svg>',
    caption: 'A real run.',
  })
  const { document } = parseHTML(html)
  /** The cells of a section's table, row by row. */
  const rows = (title: string): string[][] => {
    const section = [...document.querySelectorAll('section')].find(
      (one) => one.querySelector('h2')?.textContent === title,
    )
    return [...(section?.querySelectorAll('tbody tr') ?? [])].map((row) =>
      [...row.querySelectorAll('td')].map((cell) => cell.textContent),
    )
  }
  return { html, document, rows }
}

describe('the figures on the page', () => {
  const { rows, document, html } = render(dataOf(clear))

  it('are those of the runs', () => {
    expect(rows('What a checkpoint costs')).toEqual([
      ['merge sort, N+1 parity', '42.0 ms (40.0 to 44.0)', '4.00 ms', '25.0 ms', '100 ms', '2.00'],
      ['merge sort, enhanced', '10.5 ms (10.0 to 11.0)', '4.00 ms', '25.0 ms', '100 ms', '2.00'],
    ])
    expect(rows("Where a recovery's time goes")[1]).toEqual([
      ...['merge sort, enhanced', '100 ms', '10.0 ms', '60.0 ms', '30.0 ms', '120 ms'],
    ])
    expect(rows('Messages, bytes, memory')[1]).toEqual([
      ...['merge sort, enhanced', '3.00', '2.93 KiB', '4.00 MiB', '220 %', '120 %', '50.0 %', '50.0 %'],
    ])
  })

  it('say in the headline what enhanced is to N+1 parity, beside the paper', () => {
    const [headline] = rows('Enhanced by N+1 parity')
    expect(headline!.slice(0, 3)).toEqual(['merge sort', '0.25 (0.25 to 0.25)', '0.50'])
    expect(headline![4]).toBe('0.705')
    const { value } = dataOf(clear).results.headlines[0]!.ratio!
    expect(headline![3]).toMatch(new RegExp(`^${value.toFixed(2)} `))
    expect(document.querySelector('.card b')!.textContent).toBe(value.toFixed(2))
  })

  it("derive the paper's tables again, and say where they do not hold", () => {
    const paper = rows("The paper's tables, derived again")
    expect(paper).toHaveLength(6)
    expect(paper[1]).toEqual(expect.arrayContaining(['merge sort, enhanced *', '0.05277', '0.052899']))
    expect(html).toContain('Table 12 prints the figures of Table 11 once more')
  })

  it('have their plots, the diagram and the machine', () => {
    expect([...document.querySelectorAll('figure > svg')].map((one) => one.getAttribute('aria-label'))).toEqual([
      'O and the time held up, by application and scheme',
      'The overhead ratio against the rate of failures, by application and scheme',
      "Where a recovery's time goes, by application and scheme",
    ])
    expect(document.querySelector('#drawn')).not.toBeNull()
    expect(document.querySelector('dl')!.textContent).toContain('Some & Sons <7>')
  })
})

describe('the page', () => {
  it('needs nothing from outside', () => {
    const { html, document } = render(dataOf(clear))
    expect(document.querySelectorAll('script, link, img, iframe')).toHaveLength(0)
    expect(html.replaceAll('http://www.w3.org/', '')).not.toMatch(/https?:|url\((?!#)|@import/)
    expect(html).not.toContain('undefined')
    expect(html).not.toContain('NaN')
  })

  it('tells no ratio where the noise is larger than the effect', () => {
    const noisy = [
      ...rounds('merge-sort', 'n+1-parity', [80, -84, 88]),
      ...rounds('merge-sort', 'enhanced', [20, 21, 22]),
      ...hits,
    ]
    const { rows, html } = render(dataOf(noisy))
    expect(rows('Enhanced by N+1 parity')[0]!.slice(1, 4)).toEqual(['not known', '0.50', 'not known'])
    expect(rows('What a checkpoint costs')[0]![1]).toMatch(/\(-42.0 to 44.0\) \*$/)
    expect(html).toContain('The interval reaches 0: the noise is larger than the effect.')
  })

  it('says that O was not measured where there are no runs without protection to pair with', () => {
    const unpaired = clear.filter(({ scheme }) => scheme !== 'none')
    const { document, html, rows } = render(dataOf(unpaired, { schemes: ['n+1-parity', 'enhanced'] }))
    expect(rows('Enhanced by N+1 parity')[0]!.slice(1, 4)).toEqual(['–', '0.50', '–'])
    expect(document.querySelector('.card b')!.textContent).toBe('not measured')
    expect(html).not.toContain('noise is larger')
    expect(html).not.toContain('cannot be told from 0')
    expect(html).toContain('O needs runs under none')
  })

  it('tells few rounds from noise', () => {
    const { document } = render(dataOf(clear.filter(({ round }) => round < 3)))
    expect(document.querySelector('.card')!.textContent).toContain('fewer than 3 rounds')
  })

  it('leaves out what was not measured', () => {
    const { document } = render(dataOf(rounds('merge-sort', 'enhanced', [20]), { schemes: ['none', 'enhanced'] }))
    const titles = [...document.querySelectorAll('h2')].map((one) => one.textContent)
    expect(titles).not.toContain('Enhanced by N+1 parity')
    expect(titles).not.toContain("Where a recovery's time goes")
    expect(titles).toContain('What a checkpoint costs')
    expect(() => reportPage(dataOf([]), null)).not.toThrow()
  })
})

it('a ratio whose interval holds 1 is not told as if it were known', () => {
  const close = [
    ...rounds('merge-sort', 'n+1-parity', [80, 40, 60]),
    ...rounds('merge-sort', 'enhanced', [40, 80, 58]),
    ...hits,
  ]
  const { rows, document, html } = render(dataOf(close))
  expect(rows('Enhanced by N+1 parity')[0]![1]).toMatch(/^not clear \(0\.\d+ to [12]\.\d+\)$/)
  expect(document.querySelector('.card b')!.textContent).toBe('not clear')
  expect(html).toContain('the interval holds 1')
})
