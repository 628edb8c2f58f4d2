import { MemoryLimitError } from '../../memory/index.ts'

/** What the system says, or Node for it, when a limit is reached that nobody saw coming. */
const refusals: ReadonlySet<unknown> = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', 'ERR_WORKER_INIT_FAILED'])

/** In one line what the system has refused, where an error says so; null for any other error. */
export function refusalText(error: unknown): string | null {
  if (error instanceof MemoryLimitError && error.isOfSystem) return error.message
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  if (!refusals.has(code)) return null
  const what =
    message === code ? code : `${String(message)}${String(message).includes(String(code)) ? '' : `, ${code}`}`
  return `the system gives no more threads, open files or memory (${what}): npx paritas doctor says what limits there are`
}
