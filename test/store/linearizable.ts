import type { StoreAnswer, StoreEntry } from '../../src/store/index.ts'

/** What one has asked of a store about one name, and when it was asked and answered; counted over the whole history. */
export interface Operation {
  readonly kind: 'swap' | 'remove' | 'revoke'
  readonly name: string
  /** Of a change: what it builds on, and its nonce. */
  readonly version: number
  readonly nonce: string
  readonly lease: number | null
  readonly calledAt: number
  /** Infinite: no answer came. */
  answeredAt: number
  answer: StoreAnswer | null
}

export interface History {
  readonly operations: readonly Operation[]
  /** What each watch told, in its order. */
  readonly told: readonly { readonly name: string; readonly entries: readonly StoreEntry[] }[]
}

interface Model {
  readonly version: number
  readonly nonce: string
  readonly lease: number | null
  /** The highest version that there ever was. */
  readonly highest: number
}

const empty: Model = { version: 0, nonce: '', lease: null, highest: 0 }

/**
 * Whether all operations can be put into one order, each between its call and its answer, in which a plain variable with
 * compare-and-swap would have answered the same. What was not answered may be anywhere behind its call, or nowhere. Says
 * what is wrong, in a few words; null if nothing is.
 */
export function linearizabilityProblem({ operations, told }: History): string | null {
  const versions = versionsByNonce(operations, told)
  for (const name of new Set(operations.map((one) => one.name))) {
    const ofName = operations.filter((one) => one.name === name)
    if (!hasOrder(ofName, versions)) return `no order explains the answers about ${name}`
  }
  return told.map(({ name, entries }) => goesBack(name, entries, versions)).find((one) => one !== null) ?? null
}

/** An order is looked for by taking, again and again, one that nobody else was answered before. */
function hasOrder(operations: readonly Operation[], versions: ReadonlyMap<string, number>): boolean {
  const known = new Set<string>()
  const search = (left: readonly Operation[], model: Model): boolean => {
    if (left.every(({ answeredAt }) => answeredAt === Number.POSITIVE_INFINITY)) return true
    const key = `${left.map(({ calledAt }) => calledAt)}|${model.version}|${model.nonce}|${model.lease}`
    if (known.has(key)) return false
    known.add(key)
    const firstAnswer = Math.min(...left.map(({ answeredAt }) => answeredAt))
    return left.some((one) => {
      if (one.calledAt > firstAnswer) return false
      const next = afterOperation(model, one, versions)
      const others = left.filter((other) => other !== one)
      return next !== null && search(others, next)
    })
  }
  return search(operations, empty)
}

/** Null: it would have been answered otherwise. */
function afterOperation(model: Model, one: Operation, versions: ReadonlyMap<string, number>): Model | null {
  const { kind, version, nonce, lease, answer } = one
  if (kind === 'revoke') return model.lease === lease ? { ...empty, highest: model.highest } : model
  const isMet = model.version === version
  switch (answer?.type) {
    case 'agreed':
      if (!isMet) return null
      if (kind === 'remove') return { ...empty, highest: model.highest }
      return answer.version > model.highest ? { version: answer.version, nonce, lease, highest: answer.version } : null
    case 'refused': {
      const { found } = answer
      return !isMet && found.version === model.version && found.nonce === model.nonce ? model : null
    }
    case 'leaseOver':
      return isMet ? model : null
    default: {
      if (!isMet) return model
      if (kind === 'remove') return { ...empty, highest: model.highest }
      // Nobody has ever seen it: its version is nobody's business.
      const made = versions.get(nonce) ?? -1
      return { version: made, nonce, lease, highest: Math.max(made, model.highest) }
    }
  }
}

function versionsByNonce(operations: readonly Operation[], told: History['told']): Map<string, number> {
  const versions = new Map<string, number>()
  for (const { answer, nonce } of operations) {
    if (answer?.type === 'agreed' && answer.version > 0) versions.set(nonce, answer.version)
    if (answer?.type === 'refused') versions.set(answer.found.nonce, answer.found.version)
  }
  for (const { entries } of told) for (const { nonce, version } of entries) versions.set(nonce, version)
  return versions
}

function goesBack(name: string, entries: readonly StoreEntry[], versions: ReadonlyMap<string, number>): string | null {
  let highest = -1
  for (const [index, { version, nonce }] of entries.entries()) {
    const before = entries[index - 1]
    if (versions.get(nonce) !== version) return `${name}: ${nonce} was told as version ${version}`
    if (before?.version === version) return `${name}: version ${version} was told twice in a row`
    if (version !== 0 && version <= highest) return `${name}: version ${version} was told after ${highest}`
    highest = Math.max(highest, version)
  }
  return null
}
