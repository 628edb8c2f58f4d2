import type { Define } from '../define.ts'
import { readShowArguments, type TypedShowOptions } from './arguments.ts'

export const defineTrace: Define = (command, choose) => {
  command
    .description('Works on the files of paritas run --trace, and on scenarios.')
    .helpCommand(false)
    .addHelpText('after', showExamples)
  command
    .command('show')
    .description('Draws a trace or a scenario as a space-time diagram: processes as lines, messages as arrows.')
    .argument('<file>', 'a file of paritas run --trace, or a scenario such as paritas explore writes')
    .option('--output <file>', '.html: a page that zooms; .svg: a picture; by default FILE.html in this folder')
    .option('--from <time>', 'begin of what is shown: 1.5s or 250ms; the number of an event in a scenario')
    .option('--to <time>', 'its end')
    .option('--story <n>', 'which machine, in a scenario that starts several', '1')
    .addHelpText('after', showExamples)
    .action((file: string, typed: TypedShowOptions) =>
      choose(async (surroundings) =>
        (await import('./show.ts')).showTrace(readShowArguments(file, typed), surroundings),
      ),
    )
}

const showExamples = `
Examples:
  paritas run merge-sort --kill 2@50% --trace events.jsonl
  paritas trace show events.jsonl
  paritas trace show events.jsonl --output recovery.svg --from 200ms --to 600ms
  paritas trace show violation-seed-42.txt`
