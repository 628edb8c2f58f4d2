import { type Define, gather, jsonOption } from '../define.ts'
import type { TypedResumeOptions } from './resume.ts'

export const defineResume: Define = (command, choose) => {
  command
    .description(
      'Goes on with a run that was started with --checkpoint-dir and has ended, however that came about: from its newest whole checkpoint, with the options it was started with.',
    )
    .argument('<dir>', 'the folder of --checkpoint-dir')
    .option('--output <file>', 'gets what the program emits, instead of the file that was said at the start')
    .option('--kill <who@when>', 'end a processor with SIGKILL (repeatable)', gather, [])
    .option('--freeze <who@when[+duration]>', 'stop it with SIGSTOP, and wake it later (repeatable)', gather, [])
    .option('--seed <n>', 'decides whom random hits')
    .option('--trace <file>', 'gets every protocol event as a JSON line')
    .option(...jsonOption)
    .option('-q, --quiet', 'tell only results, warnings and errors')
    .addHelpText('after', resumeExamples)
    .action((dir: string, typed: TypedResumeOptions) =>
      choose(async (surroundings) => (await import('./resume.ts')).resume(dir, typed, surroundings)),
    )
}

const resumeExamples = `
Further checkpoints are written into the same folder. When the run is done, its checkpoints are removed.

Examples:
  paritas run merge-sort --checkpoint-dir checkpoints --every 5
  paritas resume checkpoints                    after a power cut, a Ctrl-C or a kill -9`
