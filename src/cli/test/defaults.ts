export const testDefaults = { runs: '50', processes: '4', tolerate: '1' } as const
