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
  /**
   * What a group loses is made good within it, and costs no other group anything. Process i belongs to group i mod
   * `groups`, and so does row i.
   */
  readonly groups: number
  /** A byte; 0 where the row does not hold the process, as in all other groups. */
  coefficient(check: number, process: number): number
  /**
   * For each lost member, by ascending number, the terms whose sum it is, all of them of members that are not lost, by
   * ascending member. Takes the lowest check rows that will do, and always the same ones. Null when the lost cannot
   * be rebuilt from the others.
   */
  rebuildFrom(lost: readonly number[]): ReadonlyMap<number, readonly Term[]> | null
}

/**
 * A code that rebuilds any `tolerate` lost members of each group, its rows included. Row 0 of a group is plain parity:
 * all its coefficients are 1, so that one lost process is the XOR of that row and the others. As many groups as
 * `groupSize` asks for, one with all processes where it is not given; their sizes differ by one at most. At least one
 * process and one row, at most 256 together in a group.
 */
export function reedSolomonCode(processes: number, tolerate: number, groupSize = processes): ErasureCode {
  assert(isCount(processes), 'code: there is at least one process')
  assert(isCount(tolerate), 'code: there is at least one check row')
  assert(isCount(groupSize), 'code: there is at least one process in a group')
  const groups = Math.ceil(processes / groupSize)
  const groupProcesses = Math.ceil(processes / groups)
  assert(groupProcesses + tolerate <= fieldSize, 'code: processes and check rows are at most 256 together')
  const name = groups === 1 && tolerate === 1 ? 'parity' : 'reed-solomon'
  return new LinearCode({ name, processes, groups, tolerate, copies: 2 })
}

/**
 * Plain parity in groups: cheaper than Reed–Solomon, and only good for one lost member of each group, its row included.
 * Neighbours, which tend to share a processor, a host or a rack and then are lost together, are in different groups:
 * any `groups` consecutive processes can be lost. Groups of consecutive processes would lose two of one group to the
 * first such loss.
 */
export function groupsCode(processes: number, groups: number): ErasureCode {
  assert(isCount(processes), 'code: there is at least one process')
  assert(isCount(groups) && groups <= processes, 'code: there is at least one group, and a process for each')
  return new LinearCode({ name: groups === 1 ? 'parity' : 'groups', processes, groups, tolerate: 1, copies: 2 })
}

/**
 * A row for each process, which holds a copy of its memory: twice the memory, but each delta is sent once and changes
 * nobody else's row. Any members can be lost but a process with its own row.
 */
export function mirrorCode(processes: number): ErasureCode {
  assert(isCount(processes), 'code: there is at least one process')
  return new LinearCode({ name: 'mirror', processes, groups: processes, tolerate: 1, copies: 1 })
}

/**
 * 1 / (x_j + y_i) with x_j = 255 - j and y_i = i is a Cauchy matrix, of which every square submatrix is invertible as
 * long as all points differ. Multiplying column i by x_0 + y_i makes row 0 ones and keeps that. An entry does not depend
 * on how many processes and rows there are: smaller codes use a corner of the same matrix. Row 0 alone has no end.
 */
function cauchyCoefficient(check: number, process: number): number {
  if (check === 0) return 1
  const first = fieldSize - 1
  return multiply(first ^ process, inverse((first - check) ^ process))
}

interface Shape extends Pick<ErasureCode, 'name' | 'processes' | 'groups' | 'copies'> {
  /** Rows of each group. */
  readonly tolerate: number
}

/** A corner of the one matrix for each group: the p-th of its processes has column p, and the r-th of its rows row r. */
class LinearCode implements ErasureCode {
  readonly name: ErasureCode['name']
  readonly processes: number
  readonly checks: number
  readonly copies: ErasureCode['copies']
  readonly groups: number

  constructor({ name, processes, groups, tolerate, copies }: Shape) {
    this.name = name
    this.copies = copies
    this.processes = processes
    this.groups = groups
    this.checks = groups * tolerate
  }

  coefficient(check: number, process: number): number {
    const isThere = isIndex(check, this.checks) && isIndex(process, this.processes)
    assert(isThere, 'code: a coefficient is of one of its rows and one of its processes')
    const { groups } = this
    if (check % groups !== process % groups) return 0
    return cauchyCoefficient(Math.floor(check / groups), Math.floor(process / groups))
  }

  rebuildFrom(lost: readonly number[]): ReadonlyMap<number, readonly Term[]> | null {
    const members = this.processes + this.checks
    const inRange = lost.every((member) => isIndex(member, members))
    const isLost = new Set(lost)
    assert(inRange && isLost.size === lost.length, 'code: lost members are members, each named once')
    const rebuilt = new Map<number, readonly Term[]>()
    for (const group of new Set(lost.map((member) => this.#groupOf(member)))) {
      const solved = this.#rebuildGroup(group, isLost)
      if (solved === null) return null
      for (const [member, terms] of solved) rebuilt.set(member, terms)
    }
    return new Map([...rebuilt].sort(([one], [other]) => one - other))
  }

  #groupOf(member: number): number {
    return (member < this.processes ? member : member - this.processes) % this.groups
  }

  /** Equations hold the members of one group only, in their order. */
  #rebuildGroup(group: number, isLost: ReadonlySet<number>): Map<number, Term[]> | null {
    const { processes, checks, groups } = this
    const rows = everyNth(group, groups, checks)
    const members = [...everyNth(group, groups, processes), ...rows.map((row) => processes + row)]
    const unknown = [...members.keys()].filter((at) => isLost.has(members[at]!))
    const solved = solveFor(
      unknown,
      rows.map((row) => this.#equation(row, members)),
    )
    if (solved === null) return null
    const named = (terms: readonly Term[]): Term[] =>
      terms.map(({ member, coefficient }) => ({ member: members[member]!, coefficient }))
    return new Map([...solved].map(([at, terms]) => [members[at]!, named(terms)]))
  }

  /** What always holds: the row's processes, each times its coefficient, and the row itself sum up to zero. */
  #equation(row: number, members: readonly number[]): Uint8Array {
    return Uint8Array.from(members, (member) => {
      if (member < this.processes) return this.coefficient(row, member)
      return member === this.processes + row ? 1 : 0
    })
  }
}

/** first, first + step, … below `end` */
function everyNth(first: number, step: number, end: number): number[] {
  return Array.from({ length: Math.ceil((end - first) / step) }, (_, at) => first + at * step)
}

function isIndex(value: number, end: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < end
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value > 0
}
