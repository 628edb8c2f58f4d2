/** Takes the lock of a folder, with an abandoned one there, and is killed before the change to the folder of that number. */
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const [, , folder, count] = process.argv
let left = Number(count)
for (const name of ['link', 'rm']) {
  const original = fs[name]
  fs[name] = (...args) => {
    if (left === 0) process.kill(process.pid, 'SIGKILL')
    left -= 1
    return original(...args)
  }
}
syncBuiltinESMExports()
const { lockFolder } = await import('../../dist/ownership/index.js')
await lockFolder(folder)
