/**
 * The application processor as a state machine: steps of its process, messages, checkpoints, recovery.
 */
export { heldBytes } from './advance.ts'
export { stepApplication } from './application.ts'
export type { ApplicationEffect, ApplicationEvent, StepEnded } from './events.ts'
export { holdsTooMuch } from './flow.ts'
export { countMessages, messagesIn, putInMailbox } from './mailbox.ts'
export { decodeMailbox } from './mailbox-blobs.ts'
export { decodeProcess, encodeProcess } from './process-blobs.ts'
export { type Rest, restOf, waitsForEver } from './rest.ts'
export {
  type ApplicationState,
  type Arrived,
  createApplication,
  isProtected,
  isSynchronous,
  type OutputMark,
  type ProcessState,
  type ReceivePattern,
  type Waiting,
} from './state.ts'
