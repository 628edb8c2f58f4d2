import { gutterPx } from '../drawing/index.ts'
import type { Window } from './window.ts'

export interface Controls {
  readonly diagram: SVGSVGElement
  readonly overview: HTMLElement
  readonly buttons: { readonly in: HTMLElement; readonly out: HTMLElement; readonly all: HTMLElement }
}

const stepFactor = 1.6

/** Zooming and moving by wheel, pointer, touch, keys and buttons. */
export function handleInput({ diagram, overview, buttons }: Controls, shown: Window): void {
  buttons.in.addEventListener('click', () => shown.zoom(1 / stepFactor))
  buttons.out.addEventListener('click', () => shown.zoom(stepFactor))
  buttons.all.addEventListener('click', () => shown.showAll())
  diagram.addEventListener('wheel', (event) => turnWheel(event, diagram, shown), { passive: false })
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return
    if (pressKey(event.key, shown)) event.preventDefault()
  })
  drag(diagram, shown)
  overview.addEventListener('pointerdown', (event) => overview.setPointerCapture(event.pointerId))
  for (const type of ['pointerdown', 'pointermove'] as const) {
    overview.addEventListener(type, (event) => {
      if (event.buttons !== 0) shown.centre(anchorOf(event, overview))
    })
  }
}

/** Where the pointer is in the plot, from 0 to 1. */
function anchorOf({ clientX }: { readonly clientX: number }, area: Element): number {
  const { left, width } = area.getBoundingClientRect()
  return Math.min(1, Math.max(0, (clientX - left - gutterPx) / Math.max(1, width - gutterPx - 28)))
}

function turnWheel(event: WheelEvent, diagram: Element, shown: Window): void {
  const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY)
  event.preventDefault()
  const px = event.deltaMode === 0 ? 1 : 30
  if (event.shiftKey || isSideways) shown.move(((isSideways ? event.deltaX : event.deltaY) * px) / 1200)
  else shown.zoom(1.0018 ** (event.deltaY * px), anchorOf(event, diagram))
}

function pressKey(key: string, shown: Window): boolean {
  const actions: Readonly<Record<string, () => void>> = {
    '+': () => shown.zoom(1 / stepFactor),
    '=': () => shown.zoom(1 / stepFactor),
    '-': () => shown.zoom(stepFactor),
    0: () => shown.showAll(),
    ArrowLeft: () => shown.move(-0.15),
    ArrowRight: () => shown.move(0.15),
    PageUp: () => shown.move(-0.9),
    PageDown: () => shown.move(0.9),
  }
  const action = actions[key]
  action?.()
  return action !== undefined
}

/** One pointer moves the view, two zoom it. */
function drag(diagram: SVGSVGElement, shown: Window): void {
  const pointers = new Map<number, number>()
  const spread = (): number => {
    const [one = 0, other = 0] = pointers.values()
    return Math.max(10, Math.abs(one - other))
  }
  diagram.addEventListener('pointerdown', (event) => {
    pointers.set(event.pointerId, event.clientX)
    diagram.setPointerCapture(event.pointerId)
    diagram.classList.add('moving')
  })
  diagram.addEventListener('pointermove', (event) => {
    const before = pointers.get(event.pointerId)
    if (before === undefined) return
    const spreadBefore = spread()
    pointers.set(event.pointerId, event.clientX)
    if (pointers.size === 1) shown.move((before - event.clientX) / Math.max(1, diagram.clientWidth - gutterPx))
    else shown.zoom(spreadBefore / spread(), anchorOf(event, diagram))
  })
  const release = (event: PointerEvent): void => {
    pointers.delete(event.pointerId)
    if (pointers.size === 0) diagram.classList.remove('moving')
  }
  diagram.addEventListener('pointerup', release)
  diagram.addEventListener('pointercancel', release)
}
