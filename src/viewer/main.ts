/** The script of a drawn page: shows its data, and draws anew whenever view, layers or window change. */
import { defaultHidden, drawView, type Layer, type LegendEntry, legendOf, readPageData } from '../drawing/index.ts'
import { handleInput } from './input.ts'
import { Overview } from './overview.ts'
import { Window } from './window.ts'

const { model, from, to } = readPageData(find('data').textContent)
const diagram = find<SVGSVGElement>('diagram')
const notes = find('notes')
const hidden = defaultHidden(model)
const shown = new Window(model, { from, to })
const overview = new Overview(find<HTMLCanvasElement>('overview'), model, shown)

let isDue = false

/** Draws before the next frame is shown, however often it is asked for. */
function redraw(): void {
  if (isDue) return
  isDue = true
  requestAnimationFrame(() => {
    isDue = false
    draw()
  })
}

function draw(): void {
  const width = Math.max(480, document.documentElement.clientWidth)
  const drawn = drawView(model, { from: shown.from, to: shown.to, width }, hidden)
  diagram.setAttribute('viewBox', `0 0 ${width} ${drawn.height}`)
  diagram.style.height = `${drawn.height}px`
  diagram.innerHTML = drawn.svg
  const text = drawn.notes.join('. ')
  if (notes.textContent !== text) notes.textContent = text
  overview.draw()
}

/** Layers have a box to tick; what else is drawn is only explained. */
function addLegend(): void {
  const list = find('legend')
  for (const entry of legendOf(model)) list.append(entry.layer === null ? plain(entry) : choice(entry, entry.layer))
}

function plain({ name, symbol }: LegendEntry): HTMLElement {
  const entry = document.createElement('div')
  entry.className = 'entry'
  entry.innerHTML = picture(symbol)
  entry.append(name)
  return entry
}

function choice({ name, symbol }: LegendEntry, layer: Layer): HTMLElement {
  const label = document.createElement('label')
  const box = document.createElement('input')
  box.type = 'checkbox'
  box.checked = !hidden.has(layer)
  box.addEventListener('change', () => {
    if (box.checked) hidden.delete(layer)
    else hidden.add(layer)
    redraw()
  })
  const symbolPlace = document.createElement('span')
  symbolPlace.innerHTML = picture(symbol)
  label.append(box, ...symbolPlace.childNodes, name)
  return label
}

function picture(symbol: string): string {
  return `<svg class="diagram symbol" width="44" height="20" aria-hidden="true">${symbol}</svg>`
}

function find<Found extends Element = HTMLElement>(id: string): Found {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no ${id}`)
  return found as unknown as Found
}

addLegend()
handleInput(
  { diagram, overview: overview.canvas, buttons: { in: find('in'), out: find('out'), all: find('all') } },
  shown,
)
shown.onChange = redraw
addEventListener('resize', redraw)
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)
draw()
