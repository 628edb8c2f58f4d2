/**
 * Links between processors: whole messages, in order, with backpressure, over sockets. One interface, an
 * implementation for each kind of socket, and one contract that all of them pass.
 */
export { bytesOfFrame } from './encode-frame.ts'
export type { Fabric, Link, LinkEnd, Listener } from './link.ts'
export { type Pacing, sendPaced } from './send-paced.ts'
export { type MemorySharing, type Slot, SlotPool } from './slot-pool.ts'
export { bytesOfOpening } from './socket-fabric.ts'
export { type FabricOptions, unixFabric } from './unix-fabric.ts'
