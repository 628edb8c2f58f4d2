/**
 * What each processor runs as a process of its own: `node processor.cjs FOLDER ID [waits]`, started by the launcher.
 */
import { readSync } from 'node:fs'
import { setSourceMapsEnabled } from 'node:process'
import { processorId } from '../../base/index.ts'
import { holdLifeline } from '../../memory/native/index.ts'
import { lifelineDescriptor, waitingArgument } from '../local/processor-entry.ts'
import { leaveSignalsToLauncher } from '../local/signals.ts'
import { Processor } from './processor.ts'

// So that errors of the program name the lines of its source.
setSourceMapsEnabled(true)

holdLifeline(lifelineDescriptor)

const [folder = '', id = '', argument] = process.argv.slice(2)
const processor = new Processor(folder, processorId(Number(id)))

leaveSignalsToLauncher()
process.on('uncaughtException', (error) => processor.fail(error))
process.on('unhandledRejection', (error) => processor.fail(error))

// It was started ahead of the run. Where nothing comes any more, the launcher has gone before there was one.
if (argument === waitingArgument && readSync(0, new Uint8Array(1)) === 0) processor.leave()

// If it cannot, the launcher notices, and starts another.
processor.run().catch(() => process.exit(1))
