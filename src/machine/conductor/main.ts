/**
 * What each conductor runs as a process of its own: `node conductor.cjs FOLDER ID`, started by the launcher. It ends when
 * the launcher is gone.
 */
import { setSourceMapsEnabled } from 'node:process'
import { holdLifeline } from '../../memory/native/index.ts'
import { launcherEndsMs, lifelineDescriptor } from '../local/processor-entry.ts'
import { ConductorProcess } from './conductor-process.ts'

setSourceMapsEnabled(true)
holdLifeline(lifelineDescriptor)

const [folder = '', id = ''] = process.argv.slice(2)
const conductor = new ConductorProcess(folder, Number(id))

// Ctrl-C, the end of a terminal and service managers reach the whole group of processes, and the launcher decides what
// that means. One that was told to end by itself is an ordinary loss.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => {})
process.on('SIGTERM', () => setTimeout(() => process.exit(143), launcherEndsMs))
process.on('uncaughtException', (error) => conductor.fail(error))
process.on('unhandledRejection', (error) => conductor.fail(error))

// If it cannot, the launcher notices, and starts another.
conductor.run().catch(() => process.exit(1))
