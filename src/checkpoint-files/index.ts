/**
 * Checkpoints as files: for each process a file of its pages, full or of what has changed, a log of the released outputs,
 * and a manifest, written last. A power cut at any byte leaves the newest whole checkpoint usable.
 */
export {
  clearAll,
  clearBut,
  clearFailed,
  clearUnnamed,
  type Found,
  findNewest,
  isCheckpointFile,
  outputLogName,
  pageFileName,
  readingProblem,
  readManifest,
  writeManifest,
} from './checkpoints.ts'
export { crc32 } from './crc32.ts'
export { DamagedFileError, OtherFormatError } from './damaged-file.ts'
export { type FileInWriting, type Folder, partialEnding, writeWhole } from './folder.ts'
export { loadPages } from './load-pages.ts'
export { type FolderTree, makeFolder } from './make-folder.ts'
export { decodeManifest, encodeManifest, type Manifest, type ManifestProcess } from './manifest.ts'
export { nodeFolder } from './node-folder.ts'
export { type LoggedOutput, OutputLog, readOutputLog } from './output-log.ts'
export { readPageFile, verifyFile, writePageFile } from './page-file.ts'
