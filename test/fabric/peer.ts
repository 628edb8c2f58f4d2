// The other end of a link, in a process that a test may kill: node peer.mjs FABRIC ADDRESS reads|floods
import { SlotPool, sendPaced, tcpFabric, unixFabric } from '../../src/fabric/index.ts'

const slots = new SlotPool({ slotBytes: 64 * 1024, slots: 4, sharing: null })
const withSlots = () => unixFabric({ slots })
const fabrics = {
  ...{ tcpFabric, 'tcpFabric with slots': () => tcpFabric({ slots }) },
  ...{ unixFabric, 'unixFabric with slots': withSlots, 'unixFabric with shared slots': withSlots },
}
const [fabric, address, behaviour] = process.argv.slice(2)

const link = await fabrics[fabric as keyof typeof fabrics]().connect(address!, { behaviour })
link.onMessage = () => {}
link.onClose = () => process.exit(3)
link.send('ready')
if (behaviour === 'floods') {
  const pacing = { queuedBytesMax: 1_000_000, stop: () => false }
  await sendPaced([link], new Array(1_000_000).fill(new Uint8Array(100_000)), (bytes) => ({ bytes }), pacing)
}
