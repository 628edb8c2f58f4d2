import { type Define, jsonOption } from '../define.ts'
import type { TypedIntervalOptions } from './arguments.ts'

export const defineInterval: Define = (command, choose) => {
  command
    .description('Computes the best time between two checkpoints, and the share of time that is lost all the same.')
    .requiredOption('--overhead <duration>', 'what one checkpoint adds to the running time')
    .option('--latency <duration>', 'from its begin to its commit; by default as long as the overhead')
    .option('--recovery <duration>', 'from a failure to computing again; by default 0s')
    .addOption(command.createOption('--mtbf <duration>', 'mean time between failures, of the whole machine'))
    .addOption(command.createOption('--rate <failures>', 'or their rate: 6.3e-6/s, 0.5/h or 2/d').conflicts('mtbf'))
    .option(...jsonOption)
    .addHelpText('after', intervalExamples)
    .action((typed: TypedIntervalOptions) =>
      choose(async (surroundings) => {
        const { readIntervalArguments } = await import('./arguments.ts')
        const { tellInterval } = await import('./interval.ts')
        tellInterval(readIntervalArguments(typed), surroundings)
      }),
    )
}

const intervalExamples = `
A duration is a number with ms, s, m, h or d behind it. Of what \`paritas run\` measures, the latency to commit can be
used as it is; the time held up per checkpoint is the least that its overhead can be.

Examples:
  paritas interval --overhead 1.2s --latency 3s --recovery 5s --mtbf 44h
  paritas interval --overhead 40ms --rate 2/d
  paritas interval --overhead 7m --latency 43s --recovery 140s --rate 6.301e-6/s --json`
