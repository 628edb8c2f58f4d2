/** Diagrams as SVG and as pages: whole, safe, and bounded however much there is to draw. */
import { describe, expect, it } from 'vitest'
import { defaultHidden, drawPage, drawPicture, drawView, legendOf, readPageData } from '../../src/drawing/index.ts'
import { gutterPx } from '../../src/drawing/scale.ts'
import type { SpaceTime } from '../../src/trace/index.ts'
import { at, modelOf, start } from '../trace/lines.ts'
import { eventful, named, ringTrace } from './models.ts'

const whole = ({ from, to }: SpaceTime, width = 1440) => ({ from, to, width })
const pictureOf = (model: SpaceTime): string =>
  drawPicture(model, { title: 'a <trace>', findings: ['LOST: m & n'], view: whole(model) })

/** Names of the elements, in order; fails where tags do not fit into each other or attributes are not quoted. */
function elementsOf(xml: string): string[] {
  const open: string[] = []
  const names: string[] = []
  const text = xml.replaceAll(/<([/]?)([a-zA-Z]+)((?: [\w:-]+="[^"<]*")*)(\/?)>/g, (_, closes, name, __, isEmpty) => {
    if (closes) expect(open.pop()).toBe(name)
    else names.push(name as string)
    if (!closes && !isEmpty) open.push(name as string)
    return ''
  })
  expect(open).toEqual([])
  expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;)/)
  return names
}

/** Each has a name in the class of this style, which says where its text begins. */
const anchors: Readonly<Record<string, 'middle' | 'start'>> = {
  ...{ tick: 'middle', caption: 'middle', cutname: 'middle', number: 'middle', linename: 'start', bandname: 'start' },
}
const charPx = 6

function textsOf(svg: string) {
  return [...svg.matchAll(/<text x="(-?[\d.]+)" y="[^"]*" class="(\w+)">([^<]*)<\/text>/g)].flatMap(
    ([, x, name, text]) =>
      anchors[name!]
        ? [{ x: Number(x), name: name!, text: text!.replaceAll(/&\w+;/g, '&'), anchor: anchors[name!] }]
        : [],
  )
}

describe('a picture', () => {
  const svg = pictureOf(eventful)

  it('is well-formed, and says what it shows without being seen', () => {
    expect(elementsOf(svg)[0]).toBe('svg')
    expect(svg).toContain('role="img" aria-labelledby="title desc"')
    expect(svg).toContain('<title id="title">a &lt;trace&gt;</title>')
    expect(svg).toMatch(
      /<desc id="desc">4 places, 3 messages \(1 replayed, 1 discarded\), 1 committed checkpoint, 1 recovery/,
    )
    expect(svg).toContain('prefers-color-scheme:dark')
  })

  it('shows losses, recovery line, replayed, discarded and lost messages, each with its entry in the legend', () => {
    for (const name of ['class="loss"', 'class="line"', 'replayed"', 'discarded', 'lost"', 'class="stream"']) {
      expect(svg, name).toContain(name)
    }
    const names = legendOf(eventful).map(({ name }) => name)
    expect(names).toEqual(
      expect.arrayContaining(['message', 'replayed message', 'lost on its way', 'recovery line', 'lost']),
    )
    for (const name of names) expect(svg).toContain(`>${name}</text>`)
  })

  it('shows who is frozen for a synchronous checkpoint, and says so only where somebody is', () => {
    const frozen = modelOf([
      ...start,
      at('a0', 1).effect(1, { type: 'freeze', checkpoint: 1 }),
      at('a0', 1).effect(4, { type: 'thaw', checkpoint: 1 }),
    ])
    const drawn = pictureOf(frozen)
    expect(drawn.match(/<path class="frozen"/g)).toHaveLength(1)
    elementsOf(drawn)
    const isNamed = (model: SpaceTime): boolean =>
      legendOf(model).some(({ name }) => name === 'frozen for a checkpoint')
    expect([isNamed(frozen), isNamed(eventful)]).toEqual([true, false])
  })

  it('tells the findings', () => {
    expect(svg).toContain('LOST: m &amp; n</text>')
  })

  it('of a part of the time has only what lies in it', () => {
    const drawn = drawView(eventful, { from: 2, to: 6, width: 900 }, new Set())
    expect(drawn.svg).toContain('captures checkpoint 1')
    expect(drawn.svg).not.toContain('class="loss"')
    elementsOf(`<g>${drawn.svg}</g>`)
  })

  it.each([
    [4.9, 19],
    [0, 17.2],
    [2, 6],
    [12.4, 15],
    [-5, 19],
  ])('from %d to %d cuts no text off at its edges', (from, to) => {
    for (const width of [600, 1440]) {
      for (const { x, text, name, anchor } of textsOf(drawView(named, { from, to, width }, new Set()).svg)) {
        const start = anchor === 'middle' ? x - (text.length * charPx) / 2 : x
        const end = start + text.length * charPx
        const [left, right] = name === 'tick' ? [0, width] : [gutterPx - 12, width - 28 + 12]
        expect([name, text, start >= left, end <= right]).toEqual([name, text, true, true])
      }
    }
  })

  it('names an arrow that lies only partly in it, on the part that does', () => {
    const captions = textsOf(drawView(named, { from: 2, to: 9, width: 1440 }, new Set()).svg)
    expect(captions.filter(({ name }) => name === 'caption').map(({ text }) => text)).toContain('a rather long tag 2')
  })

  it('leaves out what is hidden', () => {
    const drawn = drawView(eventful, whole(eventful), new Set(['message', 'pages']))
    expect(drawn.svg).not.toContain('t-message')
    expect(drawn.svg).not.toContain('stream')
  })
})

describe('a long trace', () => {
  const model = modelOf(ringTrace(8, 30_000))

  it('is drawn in bounded size at any zoom, and what is left out is said', () => {
    expect(model.arrows).toHaveLength(30_000)
    const notes: string[] = []
    for (let span = 30_000; span > 1; span /= 10) {
      const drawn = drawView(
        model,
        { from: 15_000 - span / 2, to: 15_000 + span / 2, width: 1440 },
        defaultHidden(model),
      )
      expect(elementsOf(`<g>${drawn.svg}</g>`).length).toBeLessThan(6000)
      expect(drawn.svg.length).toBeLessThan(1_500_000)
      notes.push(drawn.notes.join('. '))
    }
    expect(notes[0]).toMatch(
      /^30 000 arrows in this span, of which \d[\d ]* are drawn, spread over it; a shorter one shows all\. Of/,
    )
    expect(notes.at(-1)).toBe('')
  })

  it('shows every pair of places that talk to each other', () => {
    const { svg } = drawView(model, whole(model), new Set())
    for (let rank = 0; rank < 8; rank += 1) expect(svg).toContain(`a${rank} → a${(rank + 1) % 8}`)
  })

  it('of one moment, and one without any message, is drawn too', () => {
    for (const lines of [ringTrace(2, 1).slice(0, 1), ringTrace(2, 1).slice(2, 4)]) {
      expect(pictureOf(modelOf(lines))).not.toMatch(/NaN|Infinity/)
    }
  })
})

describe('a page', () => {
  const page = drawPage(eventful, {
    title: 'a <trace>',
    findings: ['LOST: m'],
    from: 0,
    to: 9,
    script: 'let a = "</script>"',
  })
  const data = /<script id="data" type="application\/json">(.*?)<\/script>/s.exec(page)?.[1]

  it('holds the whole diagram, and nothing of it becomes markup', () => {
    expect(readPageData(data!)).toEqual({ model: JSON.parse(JSON.stringify(eventful)), from: 0, to: 9 })
    expect(page.match(/<\/script>/g)).toHaveLength(2)
    expect(page).not.toContain('<b>')
    expect(page).toContain('<title>a &lt;trace&gt;</title>')
  })

  it('needs nothing from anywhere else', () => {
    expect(page).not.toMatch(/(?:src|href)=|url\((?!#)|@import|https?:(?!\/\/www\.w3\.org\/2000\/svg)/)
  })
})
