import { type Command, Option } from 'commander'
import type { Surroundings } from '../surroundings.ts'
import { readIntervalArguments, type TypedIntervalOptions } from './arguments.ts'
import { tellInterval } from './interval.ts'

/** Adds `paritas interval`. `choose` is given what to do once the command line is understood. */
export function addInterval(
  paritas: Command,
  surroundings: Surroundings,
  choose: (task: () => Promise<void>) => void,
): void {
  paritas
    .command('interval')
    .summary('say how often to checkpoint, and what that costs')
    .description('Computes the best time between two checkpoints, and the share of time that is lost all the same.')
    .requiredOption('--overhead <duration>', 'what one checkpoint adds to the running time')
    .option('--latency <duration>', 'from its begin to its commit; by default as long as the overhead')
    .option('--recovery <duration>', 'from a failure to computing again; by default 0s')
    .addOption(new Option('--mtbf <duration>', 'mean time between failures, of the whole machine'))
    .addOption(new Option('--rate <failures>', 'or their rate: 6.3e-6/s, 0.5/h or 2/d').conflicts('mtbf'))
    .option('--json', 'print one JSON object as the last line; all else goes to stderr')
    .addHelpText('after', intervalExamples)
    .action((typed: TypedIntervalOptions) =>
      choose(async () => tellInterval(readIntervalArguments(typed), surroundings)),
    )
}

const intervalExamples = `
A duration is a number with ms, s, m, h or d behind it. Of what \`paritas run\` measures, the latency to commit can be
used as it is; the time held up per checkpoint is the least that its overhead can be.

Examples:
  paritas interval --overhead 1.2s --latency 3s --recovery 5s --mtbf 44h
  paritas interval --overhead 40ms --rate 2/d
  paritas interval --overhead 7m --latency 43s --recovery 140s --rate 6.301e-6/s --json`
