/** A module that is known only when something runs, by its address. In bundles Node's own way to it takes this one's place. */
export function importModule(url: string): Promise<{ readonly default?: unknown }> {
  return import(url)
}
