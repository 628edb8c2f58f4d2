import type { Define } from '../define.ts'
import type { TypedDaemonOptions } from './arguments.ts'

export const defineDaemon: Define = (command, choose) => {
  command
    .description(
      'Lets this computer be one of several that runs are on: starts and ends their processors here, for as long as it goes on itself.',
    )
    .requiredOption('--hosts <file>', 'the hosts, as YAML; see below')
    .requiredOption('--name <host>', 'which of them this computer is')
    .addHelpText('after', daemonHelp)
    .action((typed: TypedDaemonOptions) =>
      choose(async (surroundings) => {
        const [{ readDaemonArguments }, { runDaemon }] = await Promise.all([
          import('./arguments.ts'),
          import('./daemon.ts'),
        ])
        await runDaemon(readDaemonArguments(typed), surroundings)
      }),
    )
}

const daemonHelp = `
The file has a list of hosts with the addresses of their daemons, the same on each of them. A rack, and the most
processors that a host takes, may be left out:

  hosts:
    - name: n1
      address: 10.0.0.1:7400
    - name: n2
      address: 10.0.0.2:7400
      processors: 4

Whoever can reach that address can have programs run here, and nothing on the way is kept secret: use it only in a network
of your own, such as that of paritas lab.

Examples:
  paritas daemon --hosts hosts.yaml --name n1
  paritas run merge-sort --on hosts.yaml          on any of the hosts, or another computer that reaches them

Exit codes:
  1 bad usage or hosts file, or it cannot listen      130 interrupted      70 a defect of Paritas`
