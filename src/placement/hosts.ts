/** A computer, as far as a placement has to do with it. */
export interface PlannedHost {
  readonly name: string
  /** What it shares a switch or a supply with; null: nothing is known, so it stands for itself. */
  readonly rack: string | null
  /** The most processors that it takes; null: any number. */
  readonly processorsMax: number | null
}

/** What is lost together: one host, or all of a rack. */
export const domainKinds = ['host', 'rack'] as const
export type DomainKind = (typeof domainKinds)[number]

/** The failure domains of some hosts. */
export interface Domains {
  readonly names: readonly string[]
  /** Of each host, by its number, the number of its domain. */
  readonly ofHost: readonly number[]
}

export function domainsOf(hosts: readonly PlannedHost[], kind: DomainKind): Domains {
  const keys = hosts.map(({ name, rack }) => (kind === 'rack' && rack !== null ? `rack ${rack}` : name))
  const names = [...new Set(keys)]
  const numbers = new Map(names.map((name, number) => [name, number]))
  return { names, ofHost: keys.map((key) => numbers.get(key)!) }
}
