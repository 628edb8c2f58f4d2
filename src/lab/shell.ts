/** A word as the shell takes it literally. */
export const shellWord = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** A command of these words. */
export const shellCommand = (words: readonly string[]): string => words.map(shellWord).join(' ')
