import { type Define, gather, jsonOption } from '../define.ts'
import type { TypedTestOptions } from './arguments.ts'
import { testDefaults } from './defaults.ts'

export const defineTest: Define = (command, choose) => {
  command
    .description(
      'Runs a program without losses, and then again and again with random ones: kills, freezes, losses right behind each other, slow processes. Every run must give what the first gave.',
    )
    .argument('<program>', './my-program.ts, for instance, or merge-sort')
    .option('--runs <n>', 'how many runs with losses', testDefaults.runs)
    .option('--processes <n>', 'application processors, one process each', testDefaults.processes)
    .option('--tolerate <m>', 'losses at the same time to survive; from 2 on they are tried too', testDefaults.tolerate)
    .option('--size <name=value>', 'set a size of the program (repeatable)', gather, [])
    .option('--input <files...>', 'what the program reads')
    .option('--compare <file>', 'a module that says what is wrong with a run beside the first; see below')
    .option('--seed <n>', 'decides what is done to which run')
    .option('--run <k>', 'only run k of the seed: what the test says to do for the same once more')
    .option('--verbose', 'a line for each run')
    .option(...jsonOption)
    .addHelpText('after', testExamples)
    .action((program: string, typed: TypedTestOptions) =>
      choose(async (surroundings) => {
        const [{ readTestArguments }, { test }] = await Promise.all([import('./arguments.ts'), import('./test.ts')])
        await test(readTestArguments(program, typed), surroundings)
      }),
    )
}

const testExamples = `
What every process is done with and emits must be the same in every run. Where a program may give something else, its
verify decides, or the module of --compare, whose default export is given both runs as verify is given one:
  export default (first, other) => (first.results[0].sum === other.results[0].sum ? null : 'the sums differ')
It returns a text that says what is wrong, or null.

Exit code 0: every run agrees; 2: one does not, and the process, the place and the command for the same once more are
told; 1: nothing could be tested, for instance since the program is over before its first checkpoint.
How to write programs that pass: docs/guide.md

Examples:
  paritas test ./my-program.ts
  paritas test ./my-program.ts --runs 200 --processes 8 --size rounds=1000
  paritas test ./my-program.ts --seed 123 --run 17
  paritas test ./my-program.ts --compare ./same-sums.ts`
