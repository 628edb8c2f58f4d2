import { faultKinds, simulatedPrograms } from '../../simulator/index.ts'
import { type Define, jsonOption } from '../define.ts'
import { exploreDefaults, readExploreArguments, type TypedExploreOptions } from './arguments.ts'
import { exploreExhaustive, readExhaustiveArguments, type TypedExhaustiveOptions, worldNames } from './exhaustive.ts'
import { explore } from './explore.ts'

type TypedExplore = TypedExploreOptions & TypedExhaustiveOptions & { readonly exhaustive?: true }

/** Options that make no sense with an exhaustive exploration. */
const ofSeeds = [
  'seeds',
  'from',
  'processes',
  'tolerate',
  'groupSize',
  'scheme',
  'program',
  'faults',
  'conductors',
  'hosts',
  'canary',
]

export const defineExplore: Define = (command, choose) => {
  command
    .description('Runs simulated machines under random faults, a different mix from each seed, and checks every step.')
    .option('--seeds <n>', 'how many', exploreDefaults.seeds)
    .option('--from <seed>', 'the first one', exploreDefaults.from)
    .option('--processes <n or a..b>', 'application processors, 2 to 8; by default 2 to 4')
    .option('--tolerate <m>', 'losses at the same time that are covered; by default 1 to 3, or groups')
    .option('--group-size <g or a..b>', 'only Reed–Solomon, in groups of at most g processors each')
    .option('--scheme <name>', 'only enhanced, only n+1-parity, or only disk; by default all')
    .option('--program <name>', 'only this simulated program')
    .option('--faults <list>', 'only these kinds, with commas between them, or none')
    .option(
      '--conductors <n>',
      'how many may conduct, and so be lost; by default mostly 1, which never is, and now and then 2 or 3',
    )
    .option('--hosts <n>', 'how many hosts processors are on, or 0 for one computer; by default now and then 2 to 6')
    .addOption(command.createOption('--exhaustive', 'instead, every interleaving of small worlds').conflicts(ofSeeds))
    .addOption(command.createOption('--world <name>', 'only this one of the small worlds').conflicts(ofSeeds))
    .addOption(command.createOption('--delays <n>', 'only their schedules with at most n delays').conflicts(ofSeeds))
    .option('--canary <name>', 'break a rule of the protocol on purpose, and see that it is found')
    .option(...jsonOption)
    .addHelpText('after', exploreExamples)
    .action((typed: TypedExplore) =>
      choose((surroundings) =>
        typed.exhaustive || typed.world !== undefined || typed.delays !== undefined
          ? exploreExhaustive(readExhaustiveArguments(typed), surroundings)
          : explore(readExploreArguments(typed), surroundings),
      ),
    )
}

const exploreExamples = `
Programs: ${Object.keys(simulatedPrograms).join(', ')}
Faults: ${faultKinds.join(', ')}
Small worlds: ${worldNames.join(', ')}

A violation is shortened to as few faults and moves as still show it, and written as a scenario into this folder.

Examples:
  paritas explore --seeds 100000
  paritas explore --processes 2..8 --program gossip --faults losses,freezes
  paritas explore --conductors 2 --faults losses,conductorLosses
  paritas explore --exhaustive --world commit
  paritas explore --world triangle --delays 2   which --exhaustive leaves out: too many interleavings
  paritas explore --canary trap-08-duplicate-delta

Exit codes:
  0 no violation      1 bad usage, or a small world with too many states for this machine's memory
  2 a violation was found      130 interrupted      70 a defect of Paritas`
