/** What crosses the links of a machine, counted by processor. */
import { type Frame, type Place, rankOf } from '../../src/protocol/index.ts'

export type Role = 'application' | 'checkpoint' | 'backup' | 'conductor'

export function roleOf(place: Place): Role {
  if (place === 'conductor') return place
  if (rankOf(place) !== null) return 'application'
  return place.startsWith('c') ? 'checkpoint' : 'backup'
}

/** Frames and bytes that processors of one role have sent and got: of all together, and of the busiest one. */
export interface RoleTraffic {
  readonly processors: number
  readonly frames: number
  readonly bytes: number
  readonly framesMost: number
  readonly bytesMost: number
}

/** Sent and got by one processor. */
interface Counts {
  frames: number
  bytes: number
}

export class TrafficCounts {
  readonly #counts = new Map<Place, Counts>()

  /** A frame counts where it is sent and where it arrives. */
  note(from: Place, to: Place, frame: Frame): void {
    const bytes = frameBytes(frame)
    for (const place of [from, to]) {
      const counts = this.#counts.get(place)
      if (counts) {
        counts.frames += 1
        counts.bytes += bytes
      } else this.#counts.set(place, { frames: 1, bytes })
    }
  }

  clear(): void {
    this.#counts.clear()
  }

  /** `places`: all of the machine, those without traffic too. */
  of(role: Role, places: readonly Place[]): RoleTraffic {
    const sum = { processors: 0, frames: 0, bytes: 0, framesMost: 0, bytesMost: 0 }
    for (const place of places) {
      if (roleOf(place) !== role) continue
      const { frames, bytes } = this.#counts.get(place) ?? { frames: 0, bytes: 0 }
      sum.processors += 1
      sum.frames += frames
      sum.bytes += bytes
      sum.framesMost = Math.max(sum.framesMost, frames)
      sum.bytesMost = Math.max(sum.bytesMost, bytes)
    }
    return sum
  }
}

const headBytes = 24
const numberBytes = 4

/** About what a frame takes on a link: its content, and a head of fixed length. */
function frameBytes(frame: Frame): number {
  switch (frame.type) {
    case 'message':
      return headBytes + frame.tag.length + frame.payload.byteLength
    case 'output':
      return headBytes + frame.payload.byteLength
    case 'delta':
    case 'merged':
    case 'image':
      return headBytes + frame.batch.bytes.byteLength + numberBytes * frame.batch.numbers.length
    case 'deltaEnd':
      return headBytes + frame.checksums.byteLength
    case 'mergedEnd':
    case 'imageEnd':
      return frame.checksums.reduce((sum, { sums }) => sum + numberBytes + sums.byteLength, headBytes)
    case 'plan':
      return frame.rebuild.reduce((sum, { sources }) => sum + numberBytes * (1 + 2 * sources.length), headBytes)
    default:
      return headBytes
  }
}
