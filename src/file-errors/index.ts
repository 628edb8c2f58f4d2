/** What to say of a file that the system does not let us use. */
export { fileError, isSystemError } from './file-error.ts'
