import { applicationNames, partNames } from '../../evaluation/index.ts'
import { schemeNames } from '../../machine/index.ts'
import type { Define } from '../define.ts'
import { evaluateDefaults, readEvaluateArguments, type TypedEvaluateOptions } from './arguments.ts'

export const defineEvaluate: Define = (command, choose) => {
  const { interval, quickInterval, rounds, quickRounds } = evaluateDefaults
  command
    .description(
      'Runs applications under each scheme, in turns, with and without faults, and says what checkpoints cost: O, L, R and the overhead ratio, beside the figures of the paper.',
    )
    .option('--applications <list>', `only some of ${applicationNames.join(', ')}`)
    .option('--schemes <list>', `only some of ${schemeNames.join(', ')}`)
    .option('--only <parts>', `only some of ${partNames.join(', ')}`)
    .option('--resume <when>', 'with n+1-parity and disk: after-commit or after-capture (after-commit)')
    .option('--processes <n>', 'application processors, one process each', evaluateDefaults.processes)
    .option('--tolerate <m>', 'losses at the same time to survive', evaluateDefaults.tolerate)
    .option('--cores-each <share>', 'processor time that each processor has for itself, in cores, by control groups')
    .option(
      '--interval <duration>',
      `time between two checkpoints, of all schemes (${interval}; quick: ${quickInterval})`,
    )
    .addOption(
      command.createOption(
        '--rounds <n>',
        `how often each run without faults is made (${rounds}; quick: ${quickRounds})`,
      ),
    )
    .option('--seed <n>', 'decides who is killed, and when', evaluateDefaults.seed)
    .option('--mtbf <duration>', "mean time between failures, beside the paper's", evaluateDefaults.mtbf)
    .option('--output <folder>', 'gets report.html, report.json and the finished runs', evaluateDefaults.output)
    .addOption(command.createOption('--quick', 'small inputs and few rounds: under 3 minutes on two cores'))
    .addOption(command.createOption('--size <name>', 'full, quick or tiny inputs').conflicts('quick').hideHelp())
    .addHelpText('after', evaluateExamples)
    .action((typed: TypedEvaluateOptions) =>
      choose(async (surroundings) => {
        const { evaluate } = await import('./evaluate.ts')
        await evaluate(readEvaluateArguments(typed), surroundings)
      }),
    )
}

const evaluateExamples = `
It says first how long it will take. Ctrl-C keeps the runs that are finished: the same command goes on with the others.
What is measured, and how to read it: docs/evaluation.md

Examples:
  paritas evaluate --quick
  paritas evaluate --output results
  paritas evaluate --applications merge-sort --schemes none,enhanced --rounds 30
  paritas evaluate --schemes none,n+1-parity,enhanced --resume after-capture --output captured
  paritas evaluate --interval 1s --mtbf 12h
  paritas evaluate --schemes none,n+1-parity,enhanced --tolerate 4 --cores-each 0.14 --only overhead,recovery --output apart`
