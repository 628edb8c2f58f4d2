/**
 * Links between processors: whole messages, in order, with backpressure, over sockets. One interface, an
 * implementation for each kind of socket, and one contract that all of them pass.
 */
export { bytesOfFrame } from './encode-frame.ts'
export type { Fabric, Link, LinkEnd, Listener } from './link.ts'
export { ReceivingSession } from './receiving-session.ts'
export { type CallOptions, callResumed, ResumedLinks, type ResumedLinksOptions } from './resumed-ends.ts'
export type { ResumedLink } from './resumed-link.ts'
export { type PacedEnd, type Pacing, sendPaced } from './send-paced.ts'
export { SendingSession, type SessionMessage } from './sending-session.ts'
export { hostConnectMsMax, hostTiming, type SessionTiming, usualTiming } from './session-news.ts'
export { type MemorySharing, type Slot, SlotPool } from './slot-pool.ts'
export type { FabricOptions } from './socket-fabric.ts'
export { bytesOfOpening } from './socket-fabric.ts'
export { tcpAddress, tcpFabric } from './tcp-fabric.ts'
export { unixFabric } from './unix-fabric.ts'
