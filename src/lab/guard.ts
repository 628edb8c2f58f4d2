/**
 * What stands by while a laboratory is there, as a process and a session of its own: `node lab-guard.cjs NAME`. When its stdin
 * ends, the laboratory's own process has closed it or has ended, however that was, and it removes what is left: all of it.
 */
import { removeLab } from './removal.ts'

const [name = ''] = process.argv.slice(2)

for (const signalName of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signalName, () => {})

process.stdin.on('error', () => {})
process.stdin.once('close', () => {
  removeLab(name).then(
    (isGone) => process.exit(isGone ? 0 : 1),
    () => process.exit(1),
  )
})
process.stdin.resume()
