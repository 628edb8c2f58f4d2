import { connect, createServer } from 'node:net'
import type { Fabric } from './link.ts'
import { acceptLinks, type FabricOptions, meansOf, openLink } from './socket-fabric.ts'

/** Links between computers. An address is `host:port`, as in `10.0.0.7:4711`; nothing on the way is kept secret. */
export function tcpFabric(options: FabricOptions = {}): Fabric {
  const means = meansOf(options)
  return {
    async listen(address, onLink, onTurnedAway = () => {}) {
      return acceptLinks(createServer({ noDelay: true }), partsOf(address), address, means, onLink, onTurnedAway)
    },
    async connect(address, hello) {
      return openLink(connect({ ...partsOf(address), noDelay: true }), address, hello, means)
    },
  }
}

function partsOf(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(':')
  const port = Number(address.slice(colon + 1))
  if (colon < 1 || !/^\d+$/.test(address.slice(colon + 1)) || port > 65_535) {
    throw new Error(`a TCP address is host:port, not ${address}`)
  }
  return { host: address.slice(0, colon), port }
}
