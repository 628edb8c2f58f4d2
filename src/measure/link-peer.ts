/** The second of the two processes between which links are measured. */
import { type LinkLoad, serveLoad } from './link-load.ts'

const [address, load] = process.argv.slice(2)
// A Ctrl-C goes to this process too, but the other one says when to end.
process.on('SIGINT', () => {})
await serveLoad(address!, JSON.parse(load!) as LinkLoad)
