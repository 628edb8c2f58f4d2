// Opens a bundle of a store, or begins to fetch it, and then waits to be killed: node bundle-user.mjs FOLDER DIGEST [fetch]
import { BundleStore } from '../../dist/machine/bundle/bundle-store.js'

const [, , folder, digest, fetch] = process.argv
const store = await BundleStore.open(folder)
setInterval(() => {}, 1000)
if (fetch === undefined) {
  await store.open(digest)
  console.log('opened')
} else {
  await store.put(digest, () => {
    console.log('asked')
    return new Promise(() => {})
  })
}
