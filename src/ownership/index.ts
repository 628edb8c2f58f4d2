/** Whose a folder is: which process uses it, whether that still lives, and a lock that only one process has. */
export { type FolderLock, isLockFile, type LockHolder, lockFolder, lockName } from './folder-lock.ts'
export { decodeOwner, decodeOwnerTag, encodeOwner, ownerTag, stateOf, thisProcess } from './owner.ts'
