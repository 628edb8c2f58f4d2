/**
 * What each conductor runs as a process of its own: `node conductor.cjs FOLDER ID`, started by the launcher. It ends when
 * the launcher is gone.
 */
import { setSourceMapsEnabled } from 'node:process'
import { holdLifeline } from '../../memory/native/index.ts'
import { lifelineDescriptor } from '../local/processor-entry.ts'
import { leaveSignalsToLauncher } from '../local/signals.ts'
import { ConductorProcess } from './conductor-process.ts'

setSourceMapsEnabled(true)
holdLifeline(lifelineDescriptor)

const [folder = '', id = ''] = process.argv.slice(2)
const conductor = new ConductorProcess(folder, Number(id))

leaveSignalsToLauncher()
process.on('uncaughtException', (error) => conductor.fail(error))
process.on('unhandledRejection', (error) => conductor.fail(error))

// If it cannot, the launcher notices, and starts another.
conductor.run().catch(() => process.exit(1))
