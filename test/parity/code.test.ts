import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { AssertionError } from '../../src/base/index.ts'
import { type ErasureCode, groupsCode, reedSolomonCode, type Term } from '../../src/parity/index.ts'
import { countSubmatrices } from './minors.ts'
import { naiveProduct } from './naive-field.ts'

const codeArbitrary = fc
  .tuple(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 8 }))
  .map(([processes, checks]) => reedSolomonCode(processes, checks))

/** A member as the sum of processes that it is. */
function inProcesses(code: ErasureCode, member: number): number[] {
  return Array.from({ length: code.processes }, (_, process) => {
    if (member < code.processes) return process === member ? 1 : 0
    return code.coefficient(member - code.processes, process)
  })
}

function sumOf(code: ErasureCode, terms: readonly Term[]): number[] {
  const sum = new Array<number>(code.processes).fill(0)
  for (const { member, coefficient } of terms) {
    inProcesses(code, member).forEach((one, process) => {
      sum[process] = sum[process]! ^ naiveProduct(coefficient, one)
    })
  }
  return sum
}

function checkRebuild(code: ErasureCode, lost: readonly number[]): void {
  const rebuilt = code.rebuildFrom(lost)
  expect(rebuilt, `without ${lost} of ${code.processes} + ${code.checks}`).not.toBeNull()
  expect([...rebuilt!.keys()]).toEqual([...lost].sort((a, b) => a - b))
  for (const [member, terms] of rebuilt!) {
    expect(sumOf(code, terms)).toEqual(inProcesses(code, member))
    const members = terms.map((term) => term.member)
    expect(members).toEqual([...new Set(members)].sort((a, b) => a - b))
    expect(members.filter((one) => lost.includes(one))).toEqual([])
    expect(terms.every(({ coefficient }) => coefficient > 0 && coefficient < 256)).toBe(true)
    // Fewer than all processes of a group never determine one more in a code that rebuilds any loss; more are never needed.
    if (code.name !== 'groups') expect(terms.length).toBe(groupProcesses(code, groupOf(code, member)))
  }
}

function groupOf({ processes, groups }: ErasureCode, member: number): number {
  return (member < processes ? member : member - processes) % groups
}

function groupProcesses({ processes, groups }: ErasureCode, group: number): number {
  return Array.from({ length: processes }, (_, process) => process).filter((one) => one % groups === group).length
}

/** All subsets of the members, as bits. */
function lostSets(code: ErasureCode): number[][] {
  const members = code.processes + code.checks
  return Array.from({ length: 2 ** members }, (_, bits) =>
    Array.from({ length: members }, (_one, member) => member).filter((member) => (bits >> member) & 1),
  )
}

describe('Reed–Solomon', () => {
  it('rebuilds every loss of up to as many members as it has rows, and no larger one', () => {
    for (const [processes, checks] of [
      [1, 1],
      [1, 3],
      [2, 2],
      [5, 1],
      [6, 3],
      [5, 5],
    ]) {
      const code = reedSolomonCode(processes!, checks!)
      for (const lost of lostSets(code)) {
        if (lost.length <= checks!) checkRebuild(code, lost)
        else expect(code.rebuildFrom(lost)).toBeNull()
      }
    }
  })

  test.prop([
    codeArbitrary.chain((code) =>
      fc.tuple(
        fc.constant(code),
        fc.uniqueArray(fc.nat(code.processes + code.checks - 1), { maxLength: code.checks, size: 'max' }),
      ),
    ),
  ])('rebuilds any lost of up to 64 processes and 8 rows', ([code, lost]) => checkRebuild(code, lost))

  it('rebuilds the largest loss of the largest code', () => {
    const code = reedSolomonCode(248, 8)
    checkRebuild(code, [0, 1, 100, 101, 247, 250, 251, 255])
    expect(code.rebuildFrom([0, 1, 2, 100, 101, 247, 250, 251, 255])).toBeNull()
  })

  test.prop([codeArbitrary, fc.nat()])('makes one lost process the XOR of row 0 and the others', (code, pick) => {
    const lost = pick % code.processes
    const others = Array.from({ length: code.processes + 1 }, (_, member) => member).filter((one) => one !== lost)
    expect(code.rebuildFrom([lost])!.get(lost)).toEqual(others.map((member) => ({ member, coefficient: 1 })))
  })

  it('takes the lowest rows that are there', () => {
    const rowsFor = (lost: readonly number[]): number[] => {
      const terms = [...reedSolomonCode(4, 4).rebuildFrom(lost)!.values()].flat()
      return [...new Set(terms.map(({ member }) => member).filter((member) => member >= 4))].sort()
    }
    expect(rowsFor([2])).toEqual([4])
    expect(rowsFor([4])).toEqual([])
    expect(rowsFor([2, 4])).toEqual([5])
    expect(rowsFor([2, 3])).toEqual([4, 5])
    expect(rowsFor([2, 7])).toEqual([4])
    expect(rowsFor([0, 3, 5])).toEqual([4, 6])
  })

  it('does not care for the order of what is lost, and needs nothing to rebuild nothing', () => {
    const code = reedSolomonCode(7, 4)
    expect([...code.rebuildFrom([9, 0, 4])!]).toEqual([...code.rebuildFrom([4, 9, 0])!])
    expect(code.rebuildFrom([])).toEqual(new Map())
  })

  test.prop([codeArbitrary])('has the coefficients of the largest code, and ones in row 0', (code) => {
    const largest = reedSolomonCode(248, 8)
    for (let check = 0; check < code.checks; check += 1) {
      for (let process = 0; process < code.processes; process += 1) {
        expect(code.coefficient(check, process)).toBe(largest.coefficient(check, process))
        if (check === 0) expect(code.coefficient(check, process)).toBe(1)
      }
    }
  })

  it('with one row is plain parity, by name too', () => {
    expect(reedSolomonCode(9, 1).name).toBe('parity')
    expect(groupsCode(9, 1).name).toBe('parity')
    expect(reedSolomonCode(9, 2).name).toBe('reed-solomon')
    expect(groupsCode(9, 2).name).toBe('groups')
  })

  it('asserts its sizes and what it is asked', () => {
    expect(() => reedSolomonCode(0, 1)).toThrow('code: there is at least one process')
    expect(() => reedSolomonCode(4, 0)).toThrow('code: there is at least one check row')
    expect(() => reedSolomonCode(1.5, 1)).toThrow(AssertionError)
    expect(() => reedSolomonCode(249, 8)).toThrow('code: processes and check rows are at most 256 together')
    const code = reedSolomonCode(4, 2)
    for (const [check, process] of [
      [0, 4],
      [2, 0],
      [-1, 0],
      [0, -1],
    ]) {
      expect(() => code.coefficient(check!, process!)).toThrow(AssertionError)
    }
    for (const lost of [[6], [-1], [0.5], [1, 1]]) expect(() => code.rebuildFrom(lost)).toThrow(AssertionError)
  })
})

// 64 processes and 8 rows; the matrices of smaller codes are corners of this one, so their submatrices are among these.
describe('every square submatrix of the coefficients is invertible', () => {
  const largest = reedSolomonCode(64, 8)
  const rowPoint = (check: number): number => 255 - check
  const columnPoint = (process: number): number => process

  it('up to four rows: each of the 46,866,464 looked at', () => {
    expect(countSubmatrices(largest, 4)).toEqual({ all: 46_866_464, singular: 0 })
  })

  it('a singular one would be found', () => {
    const spoiled = (row: number, column: number): ErasureCode => {
      // Makes the 2 x 2 submatrix of this row and the one before singular: its last entry is a d = b c.
      const [a, b, c] = [
        largest.coefficient(row - 1, column - 1),
        largest.coefficient(row - 1, column),
        largest.coefficient(row, column - 1),
      ]
      const d = Array.from({ length: 256 }, (_, byte) => byte).find(
        (byte) => naiveProduct(a, byte) === naiveProduct(b, c),
      )!
      return {
        ...largest,
        processes: 64,
        checks: 8,
        coefficient: (check, process) =>
          check === row && process === column ? d : largest.coefficient(check, process),
      }
    }
    for (const [row, column] of [
      [1, 1],
      [7, 63],
      [4, 30],
    ]) {
      expect(countSubmatrices(spoiled(row!, column!), 2).singular).toBeGreaterThan(0)
    }
  })

  // A matrix with entries a_j b_i / (x_j + y_i), all a and b not 0 and all points different, is called Cauchy-like here.
  // The two tests below make a proof by induction over the number of rows: its entries are not 0, and when its first row
  // and column are eliminated, what is left is Cauchy-like again, with a_j (x_j + x_0) / (x_j + y_0) in place of a_j and
  // b_i (y_i + y_0) / (x_0 + y_i) in place of b_i. So no pivot is ever 0, whichever rows and columns are taken.
  it('of any size, first: the coefficients are x_0 + y_i over x_j + y_i, of points that all differ', () => {
    const points = new Set<number>()
    for (let check = 0; check < 8; check += 1) points.add(rowPoint(check))
    for (let process = 0; process < 64; process += 1) {
      points.add(columnPoint(process))
      for (let check = 0; check < 8; check += 1) {
        const denominator = rowPoint(check) ^ columnPoint(process)
        const numerator = rowPoint(0) ^ columnPoint(process)
        expect(naiveProduct(largest.coefficient(check, process), denominator)).toBe(numerator)
        expect(numerator).not.toBe(0)
      }
    }
    expect(points.size).toBe(64 + 8)
  })

  it('of any size, second: eliminating keeps the form, for every two rows and every two columns', () => {
    let wrong = 0
    const product = (...factors: number[]): number => factors.reduce(naiveProduct)
    for (let check = 0; check < 8; check += 1) {
      for (let firstCheck = 0; firstCheck < 8; firstCheck += 1) {
        if (check === firstCheck) continue
        const [x, x0] = [rowPoint(check), rowPoint(firstCheck)]
        for (let process = 0; process < 64; process += 1) {
          for (let firstProcess = 0; firstProcess < 64; firstProcess += 1) {
            if (process === firstProcess) continue
            const [y, y0] = [columnPoint(process), columnPoint(firstProcess)]
            // 1/(x+y) - (x0+y0) / ((x+y0)(x0+y)) = (x+x0)(y+y0) / ((x+y0)(x0+y)(x+y)), times all denominators.
            const left = product(x ^ y0, x0 ^ y) ^ product(x0 ^ y0, x ^ y)
            if (left !== product(x ^ x0, y ^ y0) || left === 0) wrong += 1
          }
        }
      }
    }
    expect(wrong).toBe(0)
  })
})

describe('Reed–Solomon in groups', () => {
  const grouped = fc
    .tuple(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 40 }))
    .map((shape) => reedSolomonCode(...shape))

  it('rebuilds any loss of up to as many members of each group as it has rows, and no larger one', () => {
    // The last group is smaller; groups of one; no more rows than groups; a group of all.
    for (const [processes, tolerate, groupSize] of [
      [5, 2, 2],
      [7, 1, 3],
      [3, 2, 1],
      [5, 2, 3],
      [4, 3, 9],
    ]) {
      const code = reedSolomonCode(processes!, tolerate!, groupSize!)
      for (const lost of lostSets(code)) {
        const ofGroups = Array.from(
          { length: code.groups },
          (_, group) => lost.filter((member) => groupOf(code, member) === group).length,
        )
        if (Math.max(...ofGroups) <= tolerate!) checkRebuild(code, lost)
        else expect(code.rebuildFrom(lost)).toBeNull()
      }
    }
  })

  test.prop([fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 60 })])(
    'has groups of at most that size, which differ by one at most, and rows of its own for each',
    (processes, tolerate, groupSize) => {
      const code = reedSolomonCode(processes, tolerate, groupSize)
      const sizes = Array.from({ length: code.groups }, (_, group) => groupProcesses(code, group))
      expect(Math.max(...sizes)).toBeLessThanOrEqual(groupSize)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      expect(code.groups).toBe(Math.ceil(processes / groupSize))
      expect(code.checks).toBe(code.groups * tolerate)
    },
  )

  test.prop([grouped, fc.infiniteStream(fc.nat())])('rebuilds what is lost of several groups', (code, picks) => {
    const tolerate = code.checks / code.groups
    const counts = new Map<number, number>()
    const lost = new Set<number>()
    for (let tries = 0; tries < 2 * tolerate; tries += 1) {
      const member = picks.next().value! % (code.processes + code.checks)
      const group = groupOf(code, member)
      if (lost.has(member) || (counts.get(group) ?? 0) === tolerate) continue
      lost.add(member)
      counts.set(group, (counts.get(group) ?? 0) + 1)
    }
    checkRebuild(code, [...lost])
    const terms = [...code.rebuildFrom([...lost])!]
    for (const [member, needs] of terms) {
      for (const one of needs) expect(groupOf(code, one.member)).toBe(groupOf(code, member))
    }
  })

  it('with one group is Reed–Solomon, and with one row in each plain parity in groups', () => {
    const coefficients = (code: ErasureCode): number[][] =>
      Array.from({ length: code.checks }, (_, check) =>
        Array.from({ length: code.processes }, (_one, process) => code.coefficient(check, process)),
      )
    expect(coefficients(reedSolomonCode(9, 3, 9))).toEqual(coefficients(reedSolomonCode(9, 3)))
    expect(coefficients(reedSolomonCode(9, 3, 200))).toEqual(coefficients(reedSolomonCode(9, 3)))
    expect(coefficients(reedSolomonCode(9, 1, 2))).toEqual(coefficients(groupsCode(9, 5)))
  })

  it('has no limit but that of a group', () => {
    const code = reedSolomonCode(10_000, 16, 240)
    expect([code.groups, code.checks]).toEqual([42, 672])
    checkRebuild(code, [0, 42, 9999, 10_000 + 671])
    expect(() => reedSolomonCode(10_000, 18, 240)).toThrow('at most 256 together')
    expect(() => reedSolomonCode(4, 2, 0)).toThrow('code: there is at least one process in a group')
  })
})

describe('groups of plain parity', () => {
  it('rebuild one lost member of each group, and nothing more', () => {
    for (const [processes, groups] of [
      [4, 2],
      [7, 3],
      [4, 4],
      [8, 1],
    ]) {
      const code = groupsCode(processes!, groups!)
      for (const lost of lostSets(code)) {
        const groupsLost = new Set(lost.map((member) => groupOf(code, member)))
        if (groupsLost.size === lost.length) checkRebuild(code, lost)
        else expect(code.rebuildFrom(lost)).toBeNull()
      }
    }
  })

  it('need only the group', () => {
    expect(groupsCode(7, 3).rebuildFrom([4])!.get(4)).toEqual([1, 8].map((member) => ({ member, coefficient: 1 })))
    expect(groupsCode(7, 3).rebuildFrom([7])!.get(7)).toEqual([0, 3, 6].map((member) => ({ member, coefficient: 1 })))
  })

  test.prop([fc.integer({ min: 1, max: 40 }), fc.nat(), fc.nat()])(
    'cover the loss of as many neighbours as there are groups',
    (processes, pick, from) => {
      const groups = 1 + (pick % processes)
      const first = from % (processes - groups + 1)
      const neighbours = Array.from({ length: groups }, (_, i) => first + i)
      checkRebuild(groupsCode(processes, groups), neighbours)
    },
  )

  it('assert their sizes', () => {
    expect(() => groupsCode(0, 1)).toThrow('code: there is at least one process')
    expect(() => groupsCode(3, 0)).toThrow('code: there is at least one group, and a process for each')
    expect(() => groupsCode(3, 4)).toThrow(AssertionError)
  })
})
