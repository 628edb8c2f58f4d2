import { messageOf, UsageError } from '../base/index.ts'

const problems: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBADF: 'it is not open for that',
  EBUSY: 'the system uses it',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'it exists already',
  EFBIG: 'the file would become too large',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'no such file or folder',
  ENOSPC: 'no space left on the disk',
  ENOTDIR: 'part of the path is no folder',
  ENXIO: 'nobody is at its other end',
  EPERM: 'permission denied',
  EPIPE: 'nobody reads it any more',
  EROFS: 'the file system is read-only',
  ETXTBSY: 'it is a program that runs',
}

/** Whether `error` is what an operating system call failed with. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error
}

/** The `UsageError` for a file that cannot be used. `what` says which, for instance `--output a.txt`. */
export function fileError(what: string, error: unknown): UsageError {
  const code = isSystemError(error) ? error.code : undefined
  return new UsageError(`${what}: ${problems[code ?? ''] ?? messageOf(error)}`)
}
