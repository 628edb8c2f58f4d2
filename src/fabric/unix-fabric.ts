import { connect, createServer } from 'node:net'
import type { Fabric } from './link.ts'
import type { SlotPool } from './slot-pool.ts'
import { acceptLinks, openLink } from './socket-fabric.ts'

export interface FabricOptions {
  /** Longest frame, in bytes; a longer one closes the link. 1 GiB and 16 MiB if not given. */
  readonly frameBytesMax?: number
  /** Where long fields are made that are to be sent; they go by shared memory where that can be had. */
  readonly slots?: SlotPool
}

const defaultFrameBytesMax = 1024 ** 3 + 16 * 1024 ** 2

/** `sun_path` has 108 bytes, the last one zero. */
const pathBytesMax = 107

/**
 * Links within one machine. An address is the path of a socket, in a directory that the caller made and that only the
 * user can enter.
 */
export function unixFabric({ frameBytesMax = defaultFrameBytesMax, slots }: FabricOptions = {}): Fabric {
  const means = { frameBytesMax, slots: slots ?? null }
  return {
    async listen(address, onLink, onTurnedAway = () => {}) {
      checkPath(address)
      return acceptLinks(createServer(), { path: address }, address, means, onLink, onTurnedAway)
    },
    async connect(address, hello) {
      checkPath(address)
      return openLink(connect({ path: address }), address, hello, means)
    },
  }
}

function checkPath(path: string): void {
  const bytes = Buffer.byteLength(path)
  if (bytes > pathBytesMax) {
    throw new Error(`a socket's path may have ${pathBytesMax} bytes, this one has ${bytes}: ${path}`)
  }
}
