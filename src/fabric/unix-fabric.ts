import { connect, createServer } from 'node:net'
import type { Fabric } from './link.ts'
import { acceptLinks, type FabricOptions, meansOf, openLink } from './socket-fabric.ts'

/** `sun_path` has 108 bytes, the last one zero. */
const pathBytesMax = 107

/**
 * Links within one machine. An address is the path of a socket, in a directory that the caller made and that only the
 * user can enter.
 */
export function unixFabric(options: FabricOptions = {}): Fabric {
  const means = meansOf(options, true)
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
