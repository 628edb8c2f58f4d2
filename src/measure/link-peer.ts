/** The other one of the two processes between which links are measured. */
import { type Load, serveLoad } from './link-load.ts'

const [address, load] = process.argv.slice(2)
// A Ctrl-C goes to this process too; it is the other one that says when to end.
process.on('SIGINT', () => {})
await serveLoad(address!, JSON.parse(load!) as Load)
