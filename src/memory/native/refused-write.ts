/**
 * What to tell the author of a program whose system call could not write lean memory, where pages are protected until
 * their first write. The program sees Node's own error, with code EFAULT, and nothing was written behind what the call
 * says; null for any other error.
 */
export function explainRefusedWrite(error: unknown): string | null {
  const { code, syscall = 'a system call' } = (error ?? {}) as { readonly code?: unknown; readonly syscall?: string }
  if (code !== 'EFAULT') return null
  return `lean memory cannot be written by ${syscall}: let it write an array of your own and copy that, or take another kind of memory`
}
