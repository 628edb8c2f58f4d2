/**
 * What each processor runs as a process of its own: `node main.js FOLDER ID`, started by the launcher.
 */
import { processorId } from '../../base/index.ts'
import { Processor } from './processor.ts'

const [folder = '', id = ''] = process.argv.slice(2)
const processor = new Processor(folder, processorId(Number(id)))

// Ctrl-C reaches the whole group of processes; the launcher decides what it means, and ends the processors.
process.on('SIGINT', () => {})
process.on('uncaughtException', (error) => processor.fail(error))
process.on('unhandledRejection', (error) => processor.fail(error))

try {
  await processor.run(processorId(Number(id)))
} catch {
  // The launcher is gone before this processor has reached it.
  process.exit(1)
}
