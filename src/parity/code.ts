import { assert } from '../base/index.ts'
import { fieldSize, inverse, multiply } from './field.ts'
import { solveFor, type Term } from './solve.ts'

/**
 * A linear code over GF(2^8): check row j holds the sum over all processes i of coefficient(j, i) times the memory of
 * process i. Members are numbered: first the processes, from 0 on, then the check rows.
 */
export interface ErasureCode {
  readonly name: 'parity' | 'reed-solomon' | 'groups' | 'mirror'
  readonly processes: number
  readonly checks: number
  /** How many processors hold each row: a sum that others need is held twice, a mere copy once beside its original. */
  readonly copies: 1 | 2
  /** A byte; 0 where the row does not hold the process. */
  coefficient(check: number, process: number): number
  /**
   * For each lost member, by ascending number, the terms whose sum it is, all of them of members that are not lost, by
   * ascending member. Takes the lowest check rows that will do, and always the same ones. Null when the lost cannot
   * be rebuilt from the others.
   */
  rebuildFrom(lost: readonly number[]): ReadonlyMap<number, readonly Term[]> | null
}

/**
 * A code that rebuilds any `checks` lost members. Row 0 is plain parity: all its coefficients are 1, so that one lost
 * process is the XOR of row 0 and the others. At least one process and one row, at most 256 together.
 */
export function reedSolomonCode(processes: number, checks: number): ErasureCode {
  assert(isCount(processes), 'code: there is at least one process')
  assert(isCount(checks), 'code: there is at least one check row')
  assert(processes + checks <= fieldSize, 'code: processes and check rows are at most 256 together')
  return new LinearCode(checks === 1 ? 'parity' : 'reed-solomon', processes, checks, cauchyCoefficient)
}

/**
 * Plain parity in groups: cheaper than Reed–Solomon, and only good for one lost member of each group, its row included.
 * Process i belongs to group i mod `groups`. The sizes of groups differ by one at most, and neighbours, which tend to
 * share a processor, a host or a rack and then are lost together, are in different groups: any `groups` consecutive
 * processes can be lost. Groups of consecutive processes would lose two of one group to the first such loss.
 */
export function groupsCode(processes: number, groups: number): ErasureCode {
  assert(isCount(processes), 'code: there is at least one process')
  assert(isCount(groups) && groups <= processes, 'code: there is at least one group, and a process for each')
  const coefficient = (check: number, process: number): number => (process % groups === check ? 1 : 0)
  return new LinearCode(groups === 1 ? 'parity' : 'groups', processes, groups, coefficient)
}

/**
 * A row for each process, which holds a copy of its memory: twice the memory, but each delta is sent once and changes
 * nobody else's row. Any members can be lost but a process with its own row.
 */
export function mirrorCode(processes: number): ErasureCode {
  assert(isCount(processes), 'code: there is at least one process')
  return new LinearCode('mirror', processes, processes, (check, process) => (check === process ? 1 : 0))
}

/**
 * 1 / (x_j + y_i) with x_j = 255 - j and y_i = i is a Cauchy matrix, of which every square submatrix is invertible as
 * long as all points differ. Multiplying column i by x_0 + y_i makes row 0 ones and keeps that. An entry does not depend
 * on how many processes and rows there are: smaller codes use a corner of the same matrix.
 */
function cauchyCoefficient(check: number, process: number): number {
  const first = fieldSize - 1
  return multiply(first ^ process, inverse((first - check) ^ process))
}

class LinearCode implements ErasureCode {
  readonly name: ErasureCode['name']
  readonly processes: number
  readonly checks: number
  readonly copies: ErasureCode['copies']
  readonly #rows: readonly Uint8Array[]

  constructor(
    name: ErasureCode['name'],
    processes: number,
    checks: number,
    coefficient: (check: number, process: number) => number,
  ) {
    this.name = name
    this.copies = name === 'mirror' ? 1 : 2
    this.processes = processes
    this.checks = checks
    this.#rows = Array.from({ length: checks }, (_row, check) =>
      Uint8Array.from({ length: processes }, (_one, process) => coefficient(check, process)),
    )
  }

  coefficient(check: number, process: number): number {
    const coefficient = this.#rows[check]?.[process]
    assert(coefficient !== undefined, 'code: a coefficient is of one of its rows and one of its processes')
    return coefficient
  }

  rebuildFrom(lost: readonly number[]): ReadonlyMap<number, readonly Term[]> | null {
    const members = this.processes + this.checks
    const inRange = lost.every((member) => Number.isInteger(member) && member >= 0 && member < members)
    assert(inRange && new Set(lost).size === lost.length, 'code: lost members are members, each named once')
    return solveFor(
      [...lost].sort((a, b) => a - b),
      this.#equations(),
    )
  }

  /** What always holds: each row's processes, each times its coefficient, and the row itself sum up to zero. */
  #equations(): Uint8Array[] {
    return this.#rows.map((row, check) => {
      const equation = new Uint8Array(this.processes + this.checks)
      equation.set(row)
      equation[this.processes + check] = 1
      return equation
    })
  }
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value > 0
}
