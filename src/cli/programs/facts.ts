/** What is told of a program. */
export interface ProgramFacts {
  readonly name: string
  readonly description: string | null
  readonly sizes: readonly {
    readonly name: string
    readonly default: number | string
    readonly help: string
    /** In words. */
    readonly allowed: string
  }[]
  /** The names that stand for its files, in their order. */
  readonly input: { readonly files: readonly string[]; readonly description: string } | null
  readonly output: { readonly description: string } | null
}
