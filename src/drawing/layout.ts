import type { Lane, SpaceTime } from '../trace/index.ts'

/** Where the lanes are, in pixels from the top. */
export interface LaneLayout {
  readonly top: number
  readonly bottom: number
  readonly gap: number
  /** Height of the whole drawing. */
  readonly height: number
  y(lane: number): number
}

/** Room above the lanes for the axis, and for what is said of epochs and recoveries. */
const headPx = 84
const footPx = 18
const groupGapPx = 16

/** Few lanes get more room, so that arrows between them can be told apart. */
function gapFor(lanes: number): number {
  return Math.max(20, Math.min(62, Math.round(620 / Math.max(lanes, 1))))
}

export function layoutOf({ lanes }: Pick<SpaceTime, 'lanes'>): LaneLayout {
  const gap = gapFor(lanes.length)
  const ys: number[] = []
  let y = headPx + gap / 2
  for (const [index, lane] of lanes.entries()) {
    const before = lanes[index - 1]
    if (before) y += gap * (lane.isFormer ? 0.7 : 1) + (groupOf(before) === groupOf(lane) ? 0 : groupGapPx)
    ys.push(y)
  }
  const bottom = y + gap / 2
  return { top: headPx, bottom, gap, height: Math.ceil(bottom + footPx), y: (lane) => ys[lane] ?? headPx }
}

/** Application processors, check processors, and the conductor stand apart. */
export function groupOf({ place }: Lane): 'application' | 'check' | 'conductor' {
  if (place === 'conductor') return 'conductor'
  return place.startsWith('a') ? 'application' : 'check'
}

/** What people call the lane. */
export function laneName({ place, isFormer }: Lane): string {
  const [role, ...digits] = place
  const name = {
    a: `application processor ${digits.join('')}`,
    c: digits.join('') === '0' ? 'checkpoint processor' : `checkpoint processor ${digits.join('')}`,
    b: digits.join('') === '0' ? 'backup processor' : `backup processor ${digits.join('')}`,
  }[place === 'conductor' ? '' : role!]
  return `${isFormer ? 'replaced ' : ''}${name ?? place}`
}
