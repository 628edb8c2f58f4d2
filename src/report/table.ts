import { type EvaluationSetting, freezes } from '../evaluation/index.ts'

type SchemeName = EvaluationSetting['schemes'][number]

/** A table as data: the terminal and the page show the same ones. */
export interface TextTable {
  readonly title: string
  readonly columns: readonly string[]
  /** As many cells as columns; the first one names the row. */
  readonly rows: readonly (readonly string[])[]
  /** Sentences below it. */
  readonly notes: readonly string[]
}

/** What a scheme is called, where there is room. */
export const schemeTitles: Readonly<Record<string, string>> = {
  none: 'none',
  disk: 'disk',
  'n+1-parity': 'N+1 parity',
  enhanced: 'enhanced',
  mirror: 'mirror',
}

export const schemeTitle = (scheme: string): string => schemeTitles[scheme] ?? scheme

/** The same with the variant that was measured, where that is not the default one. */
export function variantTitle(scheme: SchemeName, { resume }: Pick<EvaluationSetting, 'resume'>): string {
  const isVariant = resume === 'after-capture' && freezes(scheme)
  return isVariant ? `${schemeTitle(scheme)} after capture` : schemeTitle(scheme)
}

/** `merge-sort` as `merge sort`. */
export const applicationTitle = (application: string): string => application.replaceAll('-', ' ')
