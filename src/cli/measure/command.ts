import type { Define } from '../define.ts'
import { measureDefaults, partNames, readMeasureArguments, type TypedMeasureOptions } from './arguments.ts'

export const defineMeasure: Define = (command, choose) => {
  command
    .description(
      'Measures this machine: copies, codes and links, and what checkpoints and recoveries of real runs cost.',
    )
    .option('--processes <n>', 'application processors, one process each', measureDefaults.processes)
    .option('--memory <bytes>', 'memory of each process', measureDefaults.memory)
    .option('--changed <list>', 'shares of it that change from checkpoint to checkpoint', measureDefaults.changed)
    .option('--tolerate <m>', 'losses at the same time to survive; so many are killed', measureDefaults.tolerate)
    .option('--tracker <name>', 'how changes are found: shadow, lean or compare', measureDefaults.tracker)
    .option('--load <percent>', 'share of the time that the processes compute', measureDefaults.load)
    .addOption(command.createOption('--rounds <n>', `how often each thing is measured (${measureDefaults.rounds})`))
    .addOption(command.createOption('--quick', 'three rounds, and shorter runs').conflicts('rounds'))
    .option('--fresh', 'begin runs on memory as the machine gives it, and not on what was used right before')
    .option('--only <parts>', `only some of ${partNames.join(', ')}`)
    .option('--json [file]', 'write all figures as one JSON object, without FILE as the last line')
    .addHelpText('after', measureExamples)
    .action((typed: TypedMeasureOptions) =>
      choose(async (surroundings) => (await import('./measure.ts')).measure(readMeasureArguments(typed), surroundings)),
    )
}

const measureExamples = `
Beside each figure stands what it is of a plain copy (memcpy) of the same bytes, measured in the same minute: for speeds
the share of its speed, for times how many times as long.

A virtual machine may have to get memory from its host at the first touch, which takes ten times as long as a page that it
holds (\`paritas doctor\` says what it takes). So memory is used right before each run; --fresh measures without that.

Examples:
  paritas measure
  paritas measure --quick --json figures.json
  paritas measure --only checkpoints --tolerate 2 --changed 100%
  paritas measure --processes 8 --memory 16MiB --tracker compare`
