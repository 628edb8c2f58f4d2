/**
 * The virtual machine on one computer: the launcher, which starts the processors as processes of their own, watches
 * over them and leads recoveries, and the loading of programs.
 */

export { BundleReceiver } from './bundle/bundle-receiver.ts'
export { BundleSender } from './bundle/bundle-sender.ts'
export { BundleStore, type OpenBundle, usualStoreBytes } from './bundle/bundle-store.ts'
export { BundleError } from './bundle/manifest.ts'
export { ProgramBundle } from './bundle/program-bundle.ts'
export { type CheckpointStore, type FileSettings, resumeCommand } from './checkpoint-store.ts'
export { type DaemonNews, HostDaemon } from './daemon/host-daemon.ts'
export { loadKernels } from './kernels.ts'
export { type ProcessorsAhead, runMachine, startAhead } from './launcher/index.ts'
export { checkMachine, countPlaces, placeBytes, processMemoryBytes } from './limits/check-run.ts'
export { type GroupLimits, groupLimits, numberIn, type ReadText } from './limits/control-groups.ts'
export { freeBytes, type LimitFacts, type Limits, type MemoryFacts, readLimits, readText } from './limits/limits.ts'
export { machineBytes, processorsMax, type Shortage, shortages } from './limits/needs.ts'
export { withRunFolder, writeRunFile } from './local/run-folder.ts'
export { temporaryFolder } from './local/temporary-folder.ts'
export { type ProcessTime, processTime, type ThreadTimes, threadTimes } from './local/thread-times.ts'
export { slotsOfProcessor } from './processor/place-driver.ts'
export {
  type LoadedProgram,
  listPrograms,
  loadDefaultExport,
  loadProgram,
  type ProgramFolders,
  requirePortable,
} from './program/load-program.ts'
export { describeFailure } from './program/program-failure.ts'
export { verdictOf } from './program/verdict.ts'
export { type CodeName, codeFor, groupSizeMax, type Protection, tolerateMax } from './protection.ts'
export {
  type CheckpointFigure,
  type DiskUse,
  type Fault,
  type FaultTarget,
  type FaultTime,
  InterruptedError,
  type LongStep,
  type MemoryUse,
  type ProcessBytes,
  ProgramError,
  type Recovery,
  type RunHost,
  type RunNews,
  type RunOptions,
  type RunOutcome,
  type Spread,
  type TakeOver,
  UncoveredLossError,
} from './run.ts'
export {
  coordinationFor,
  parityCodeNames,
  protectionFor,
  type ResumeTime,
  resumeTimes,
  type Scheme,
  type SchemeName,
  schemeNames,
  schemes,
} from './scheme.ts'
export {
  defaultSettings,
  type MachineSettings,
  machineSettings,
  type WantedTracker,
  wantedTrackers,
} from './settings.ts'
export {
  type DividedGroup,
  type GroupFiles,
  innerGroups,
  makeGroup,
  removeGroup,
  systemFiles,
  tryLimits,
  writeTo,
} from './shares/divided-group.ts'
export { type GroupController, type GroupObstacle, type GroupTree, processesIn } from './shares/group-tree.ts'
export { coresEachMin, type GroupFile, limitFiles, memoryFiles, weightFile } from './shares/limit-files.ts'
export { lookForGroups, lookForShares, obstacleText, ProcessorShares } from './shares/processor-shares.ts'
export { type InputKind, inputConstructors, inputKinds } from './wire/input-kinds.ts'
