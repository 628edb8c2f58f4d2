/**
 * Whose a folder is: which process uses it, whether that still lives, a lock that only one process has, and the removal
 * of what ended processes have left.
 */
export { type FolderLock, isLockFile, type LockHolder, lockFolder, lockName } from './folder-lock.ts'
export { keptName, markOwner, partialName, removeLeftovers, removePartials } from './leftovers.ts'
export {
  decodeOwner,
  decodeOwnerTag,
  encodeOwner,
  type Owner,
  ownerCheck,
  ownerOf,
  ownerTag,
  stateOf,
  thisProcess,
} from './owner.ts'
