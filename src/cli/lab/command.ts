import type { Command } from 'commander'
import { type Define, jsonOption } from '../define.ts'
import type { Surroundings } from '../surroundings.ts'
import type { TypedLabOptions } from './arguments.ts'

/** The options by which commands say which laboratory they mean. */
interface TypedChoice {
  readonly lab?: string
}

/** `paritas lab -- COMMAND` starts a laboratory; its subcommands do something to one that is running. */
export const defineLab: Define = (command, choose) => {
  command
    .description(
      'Makes hosts out of Linux namespaces, joined by a switch, runs a command on the first of them, and removes all of it when the command ends. The subcommands do things to them meanwhile, from another terminal or from the command.',
    )
    .usage('[options] -- <command>\n       paritas lab <subcommand> …')
    .helpCommand(false)
    .option('--hosts <n>', 'how many: h1, h2 and so on', '3')
    .option('--cores <c>', 'processor time of each, in cores, such as 0.25 (no limit)')
    .option('--memory <size>', 'memory of each, such as 512MiB (no limit)')
    .option('--bandwidth <rate>', 'of each link, in each direction, such as 1Gbit (no limit)')
    .option('--delay <time>', 'how long a packet takes to leave its host; where the kernel has netem')
    .option('--outside', 'run the command on this computer itself, beside the hosts')
    .option('--name <name>', 'by which subcommands find it (lab and the number of its process)')
    .addHelpText('after', labExamples)
    .argument('[command...]')
    .action((words: readonly string[], typed: TypedLabOptions) =>
      choose(async (surroundings) => {
        const [{ readLabArguments }, { startLab }] = await Promise.all([
          import('./arguments.ts'),
          import('./start-lab.ts'),
        ])
        await startLab(readLabArguments(words, typed, surroundings.passedOn), surroundings)
      }),
    )
  defineFaults(command, (task) => choose(async (surroundings) => task(await import('./do-to-lab.ts'), surroundings)))
}

type LabTask = (actions: typeof import('./do-to-lab.ts'), surroundings: Surroundings) => Promise<void>

function defineFaults(lab: Command, choose: (task: LabTask) => void): void {
  const told = (name: string, about: string): Command =>
    lab
      .command(name)
      .summary(about)
      .description(`${about[0]!.toUpperCase()}${about.slice(1)}.`)
  const sub = (name: string, about: string): Command =>
    told(name, about).option('--lab <name>', 'which laboratory, if there are several')
  sub('power-off', 'no packet leaves the host any more, and everything in it is killed; nobody is told')
    .argument('<host>', 'such as h2')
    .action((host: string, { lab: named }: TypedChoice) => choose((act, s) => act.powerOff(host, named, s)))
  sub('power-on', 'the host comes back with its address and nothing in /tmp')
    .argument('<host>', 'such as h2')
    .action((host: string, { lab: named }: TypedChoice) => choose((act, s) => act.powerOn(host, named, s)))
  sub('cut', 'nothing gets from one host to the other any more, in both directions')
    .argument('<a>', 'such as h1')
    .argument('<b>', 'such as h2')
    .option('--one-way', 'only what <a> sends to <b> is lost')
    .action((a: string, b: string, { lab: named, oneWay = false }: TypedChoice & { readonly oneWay?: boolean }) =>
      choose((act, s) => act.cut({ a, b, isOneWay: oneWay }, named, s)),
    )
  sub('lose', 'so many of the packets between two hosts are lost, in both directions')
    .argument('<a>', 'such as h1')
    .argument('<b>', 'such as h2')
    .argument('<percent>', 'such as 5%; 0%: none any more')
    .action((a: string, b: string, percent: string, { lab: named }: TypedChoice) =>
      choose((act, s) => act.lose({ a, b, percent }, named, s)),
    )
  sub('slow', 'the host’s link takes no more than this, in each direction')
    .argument('<host>', 'such as h2')
    .argument('<rate>', 'such as 10Mbit')
    .action((host: string, rate: string, { lab: named }: TypedChoice) =>
      choose((act, s) => act.slow(host, rate, named, s)),
    )
  sub('heal', 'no cut, no loss and no slow link any more; who is off stays off').action(({ lab: named }: TypedChoice) =>
    choose((act, s) => act.heal(named, s)),
  )
  sub('exec', 'runs a command on a host')
    .usage('[options] <host> -- <command>')
    .argument('<host>', 'such as h2')
    .action((host: string, { lab: named }: TypedChoice) => choose((act, s) => act.exec(host, named, s)))
  told('list', 'shows the laboratories that are running, and their hosts')
    .option(...jsonOption)
    .action(({ json = false }: { readonly json?: boolean }) => choose((act, s) => act.list(json, s)))
  told('clean', 'removes what is left of laboratories that have ended').action(() => choose((act, s) => act.clean(s)))
}

const labExamples = `
Each host has an address (10.0.0.1 and so on), a host name, a process tree, a /tmp and limits of its
own; all other files are those of this computer. Hosts reach each other, and nothing outside.
It needs root, or a user who may make namespaces, and iproute2 and nftables.

Examples:
  paritas lab --hosts 6 --cores 0.25 -- bash                 a shell on h1; h2 to h6 beside it
  paritas lab --hosts 3 --outside -- ./try-it.sh             a script that uses all of them
  paritas lab exec h2 -- ping h1                             in another terminal
  paritas lab power-off h2
  paritas lab lose h1 h3 5%

Exit codes:
  the command's own      1 bad usage or input, or what is needed is missing      130 interrupted`
