import { inverse, multiply } from './field.ts'

/** `coefficient`, a byte that is not 0, times the memory of `member`. */
export interface Term {
  readonly member: number
  readonly coefficient: number
}

/**
 * Solves linear equations over GF(2^8) for the `unknown` members by Gaussian elimination. Each equation holds one
 * coefficient for each member and says that they sum up to zero; the equations are used up. For each unknown the terms
 * that it equals, none of them unknown; null when the equations do not determine them all. The first equations that
 * will do are taken, so that the later ones' members appear only where they are needed.
 */
export function solveFor(unknown: readonly number[], equations: Uint8Array[]): Map<number, Term[]> | null {
  const unused = [...equations]
  const solved = new Map<number, Uint8Array>()
  for (const member of unknown) {
    const at = unused.findIndex((equation) => equation[member] !== 0)
    if (at < 0) return null
    const pivot = unused.splice(at, 1)[0]!
    scale(pivot, inverse(pivot[member]!))
    for (const other of [...solved.values(), ...unused]) addMultiple(other, pivot, other[member]!)
    solved.set(member, pivot)
  }
  return new Map([...solved].map(([member, equation]) => [member, termsBeside(equation, member)]))
}

function termsBeside(equation: Uint8Array, unknown: number): Term[] {
  const terms: Term[] = []
  equation.forEach((coefficient, member) => {
    if (coefficient !== 0 && member !== unknown) terms.push({ member, coefficient })
  })
  return terms
}

function scale(equation: Uint8Array, factor: number): void {
  equation.forEach((coefficient, member) => {
    equation[member] = multiply(factor, coefficient)
  })
}

/** target += factor * source */
function addMultiple(target: Uint8Array, source: Uint8Array, factor: number): void {
  source.forEach((coefficient, member) => {
    target[member] = target[member]! ^ multiply(factor, coefficient)
  })
}
