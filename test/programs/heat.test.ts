import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import heat from '../../programs/heat.ts'
import { memoryLayout, type Program, parseSizes } from '../../src/program/index.ts'
import { runInOneThread } from './run-in-one-thread.ts'

const program = heat as unknown as Program

/** The plate by the textbook: a new array in each iteration, with every neighbour looked up. */
function plateOf(rows: number, columns: number, iterations: number, first: number[][]): number[][] {
  let plate = first
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    const at = (row: number, column: number): number => plate[row]?.[column] ?? 0
    plate = Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (_, j) => {
        const around = at(i - 1, j) + at(i + 1, j) + at(i, j - 1) + at(i, j + 1)
        return at(i, j) + 0.2 * (around - 4 * at(i, j))
      }),
    )
  }
  return plate
}

describe('heat', () => {
  test.prop([
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 0, max: 7 }),
    fc.integer({ min: 1, max: 5 }),
    fc.integer(),
  ])('is the same bit for bit, on however many processes', async (rows, columns, iterations, processes, seed) => {
    fc.pre(processes <= rows)
    const settings = [`rows=${rows}`, `columns=${columns}`, `iterations=${iterations}`]
    const run = runInOneThread(program, { processes, settings, seed })
    expect(await program.verify!({ ...run, processes, input: null })).toBeNull()
    const alone = runInOneThread(program, { processes: 1, settings })
    const picture = (one: typeof run): string => one.emitted.map((part) => program.output!.format(part)).join('')
    expect(picture(run)).toBe(picture(alone))
    if (processes === 1) expect(run.results).toEqual(alone.results)
  })

  test('spreads as the textbook says', () => {
    const [rows, columns] = [7, 5]
    const settings = [`rows=${rows}`, `columns=${columns}`]
    const shades = (iterations: number): number[][] => {
      const run = runInOneThread(program, { processes: 2, settings: [...settings, `iterations=${iterations}`] })
      const lines = run.emitted
        .map((part) => program.output!.format(part))
        .join('')
        .split('\n')
      expect(lines.slice(0, 3)).toEqual(['P2', `${columns} ${rows}`, '255'])
      return lines.slice(3, -1).map((line) => line.split(' ').map(Number))
    }
    const later = shades(6)
    // A picture rounds down, so the temperatures of the first one are known to one shade.
    const expected = plateOf(rows, columns, 6, shades(0))
    for (const [row, line] of later.entries()) {
      for (const [column, shade] of line.entries()) expect(Math.abs(shade - expected[row]![column]!)).toBeLessThan(1)
    }
  })

  test('changes all of its memory in every iteration', () => {
    const shades = [10, 11, 12].map((iterations) => {
      const settings = ['rows=8', 'columns=8', `iterations=${iterations}`]
      return runInOneThread(program, { processes: 2, settings }).results
    })
    expect(new Set(shades.flat()).size).toBe(6)
  })

  test('reports progress up to the last iteration', () => {
    const run = runInOneThread(program, { processes: 2, settings: ['rows=4', 'columns=4', 'iterations=5'] })
    expect(run.progress).toHaveLength(10)
    expect(run.progress.at(-1)).toEqual([5, 5])
  })

  test('verify names the strip, or the row of the picture', async () => {
    const settings = ['rows=6', 'columns=4', 'iterations=3']
    const run = runInOneThread(program, { processes: 3, settings })
    const verify = () => program.verify!({ ...run, processes: 3, input: null })
    expect(await verify()).toBeNull()
    ;(run.emitted[2] as { shades: Uint8Array }).shades[5]! += 1
    expect(await verify()).toBe('row 4 of the picture is wrong')
    run.results[1] = '00000000'
    expect(await verify()).toMatch(/^the strip of process 1 has the checksum 00000000, not [0-9a-f]{8}$/)
  })

  test('more processes than rows: one clear line', () => {
    const size = parseSizes(program, ['rows=3'])
    const message = "program 'heat': 4 processes need at least 4 rows"
    expect(() => memoryLayout(program, { rank: 0, processes: 4, size })).toThrow(message)
  })
})
