import { beforeAll, describe, expect, it } from 'vitest'
import { measureScale, type Role, type ScaleFigures } from '../../bench/scale/index.ts'
import { patient } from '../load.ts'

/** `npm run bench:scale` takes 100 checkpoints at each size. */
const groupSize = 8

describe.each([
  { tolerate: 1, checkpoints: 5, sizes: [8, 64, 128, 512] },
  { tolerate: 2, checkpoints: 2, sizes: [8, 64, 128, 512, 10_000] },
])('in groups of 8 with --tolerate $tolerate', ({ tolerate, checkpoints, sizes }) => {
  const found = new Map<number, ScaleFigures>()
  const larger = sizes.filter((processes) => processes >= 128)

  beforeAll(() => {
    for (const processes of sizes) found.set(processes, measureScale({ processes, groupSize, tolerate, checkpoints }))
  }, patient(30_000))

  function mean(processes: number, role: Role, what: 'frames' | 'bytes'): number {
    const traffic = found.get(processes)!.traffic[role]
    return traffic[what] / (traffic.processors * checkpoints)
  }

  function busiest(processes: number, role: Role, what: 'frames' | 'bytes'): number {
    const { framesMost, bytesMost } = found.get(processes)!.traffic[role]
    return (what === 'frames' ? framesMost : bytesMost) / checkpoints
  }

  describe('what a processor sends and gets for a checkpoint does not grow with the machine', () => {
    it('of the application processors, not at all', () => {
      for (const processes of sizes) {
        for (const what of ['frames', 'bytes'] as const) {
          expect(mean(processes, 'application', what)).toBe(mean(8, 'application', what))
          expect(busiest(processes, 'application', what)).toBe(busiest(8, 'application', what))
        }
      }
    })

    it('of the backup processors, not at all', () => {
      for (const processes of sizes) {
        for (const what of ['frames', 'bytes'] as const) {
          expect(mean(processes, 'backup', what)).toBe(mean(8, 'backup', what))
          expect(busiest(processes, 'backup', what)).toBe(busiest(8, 'backup', what))
        }
      }
    })

    it('of the checkpoint processors, no further than the tree has branches: eight below each, and one above', () => {
      const frameBytes = 32
      const bound = { frames: 4 * 9, bytes: 4 * 9 * frameBytes }
      // Over each branch the news goes both ways that a checkpoint has begun; in the smallest machine there is one branch.
      const news = { frames: 4, bytes: 4 * frameBytes }
      for (const what of ['frames', 'bytes'] as const) {
        for (const processes of larger) {
          expect(busiest(processes, 'checkpoint', what)).toBeLessThanOrEqual(
            busiest(8, 'checkpoint', what) + bound[what],
          )
          // Each has one above, but for the root.
          expect(mean(processes, 'checkpoint', what)).toBeLessThan(1.1 * mean(8, 'checkpoint', what) + news[what])
          expect(busiest(processes, 'checkpoint', what)).toBeLessThan(1.1 * busiest(128, 'checkpoint', what))
        }
      }
    })

    it('and the conductor has nothing to do with it', () => {
      for (const processes of sizes) expect(mean(processes, 'conductor', 'frames')).toBe(0)
    })

    it('of which there are two for each group and row', () => {
      for (const processes of sizes) {
        const { application, checkpoint, backup } = found.get(processes)!.traffic
        expect(application.processors).toBe(processes)
        expect([checkpoint.processors, backup.processors]).toEqual(Array(2).fill((tolerate * processes) / groupSize))
      }
    })
  })

  describe('a recovery', () => {
    it('moves no more memory in a larger machine', () => {
      const moved = (processes: number): number => {
        const { application, checkpoint } = found.get(processes)!.recovery
        return Math.max(application.bytesMost, checkpoint.bytesMost)
      }
      for (const processes of sizes) expect(moved(processes)).toBe(moved(8))
      expect(moved(8)).toBeGreaterThan(0)
    })

    it('takes the conductor as many frames for each processor', () => {
      const framesEach = (processes: number): number => {
        const { recovery } = found.get(processes)!
        const { application, checkpoint, backup, conductor } = recovery
        return conductor.frames / (application.processors + checkpoint.processors + backup.processors)
      }
      for (const processes of sizes) expect(framesEach(processes)).toBeLessThanOrEqual(5)
    })
  })
})
