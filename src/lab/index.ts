/**
 * A laboratory: hosts on one computer, made of Linux namespaces, each with an address, a host name, a process tree, a
 * temporary folder and limits of its own; a switch that joins them, and what can happen to them: power that goes off,
 * cuts, loss, slow links.
 */

export { callLab, findLab, runningLabs } from './control-client.ts'
export { exitCodeOf, HostProcess } from './host-process.ts'
export { Lab, openLab } from './lab.ts'
export type { LabHost } from './lab-host.ts'
export { removeEndedLabs } from './removal.ts'
export type { LabRequest } from './requests.ts'
export { type LabSettings, labNamePattern, labRanges } from './settings.ts'
export type { LabState } from './state.ts'
