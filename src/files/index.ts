/** Files that users name: which file a name means, and opening one so that waiting for it can be given up. */
export { openForReading } from './inlet.ts'
export { findFile, isSameFile, type NamedFile } from './named-file.ts'
export { closeOutlet, type Outlet, openNewOutlet, openOutlet, writeText } from './outlet.ts'
export { writeAtOnce } from './write-at-once.ts'
