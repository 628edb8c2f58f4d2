import { type Define, gather, jsonOption } from '../define.ts'
import { defaults } from '../run/defaults.ts'
import type { TypedPlanOptions } from './arguments.ts'

export const definePlan: Define = (command, choose) => {
  command
    .description(
      'Says which host each processor of a run would be on, which losses of hosts it would survive, counted, and what its weakest part is. Nothing is started.',
    )
    .argument('[program]', 'its memory is said for each host, too')
    .requiredOption('--hosts <file>', 'the hosts, as YAML; see below')
    .option('--domain <kind>', 'what is lost together: host or rack', 'host')
    .option('--size <name=value>', 'set a size of the program (repeatable)', gather, [])
    .option('--processes <n>', 'application processors, one process each', defaults.processes)
    .option('--tolerate <m>', `losses at the same time to survive (${defaults.tolerate})`)
    .option('--code <name>', `reed-solomon or groups, one loss in each of m (${defaults.code})`)
    .option('--group-size <g>', 'each g processes have check processors of their own (all in one)')
    .option('--scheme <name>', 'enhanced, n+1-parity or mirror', defaults.scheme)
    .option(...jsonOption)
    .addHelpText('after', planExamples)
    .action((program: string | undefined, typed: TypedPlanOptions) =>
      choose(async (surroundings) => {
        const [{ readPlanArguments }, { plan }] = await Promise.all([import('./arguments.ts'), import('./plan.ts')])
        await plan(readPlanArguments(program, typed), surroundings)
      }),
    )
}

const planExamples = `
The file has a list of hosts. A name may be a range; a rack, and the most processors that a host takes, may be left out:

  hosts:
    - name: n1..n6
      processors: 2
    - name: big
      rack: r2

With --code groups, --tolerate is the number of groups: one loss in each of them is covered. What is counted is any
loss of one host, or with reed-solomon of up to m together.
With --group-size there are groups of reed-solomon, each with check processors and m losses of its own.

Examples:
  paritas plan --hosts hosts.yaml
  paritas plan --hosts hosts.yaml --processes 8 --code groups --tolerate 2      the paper's layout, on six hosts for two each
  paritas plan --hosts hosts.yaml --tolerate 2 --domain rack merge-sort --size records=1000000000

Exit codes:
  0 as much is survived as was asked for      1 bad usage or hosts file, or no room      3 less is survived`
