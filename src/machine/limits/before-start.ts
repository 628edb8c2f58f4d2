/**
 * Checked before anything else of the command is loaded, which would fail with errors that say nothing. For the same
 * reason this file imports next to nothing.
 */
import { readLimits } from './limits.ts'
import { openFilesMin } from './needs.ts'

/** In one line why the command cannot run at all; null if it can. */
export function obstacle(): string | null {
  try {
    process.cwd()
  } catch {
    return 'the folder that this was started in has been removed: change to one that exists'
  }
  const { openFiles } = readLimits().limits
  if (openFiles === null || openFiles >= openFilesMin) return null
  return `the limit of open files is ${openFiles} (ulimit -n), and paritas needs ${openFilesMin}: allow more (ulimit -n 4096)`
}
