import { randomUUID } from 'node:crypto'
import { callResumed, hostConnectMsMax, tcpAddress, tcpFabric } from '../../fabric/index.ts'
import { loadAddon } from '../../memory/native/index.ts'
import { BeatSender } from '../beats/beat-sender.ts'
import { countPlaces } from '../limits/check-run.ts'
import { processorEnvironment } from '../local/processor-entry.ts'
import type { RunOptions } from '../run.ts'
import type { Configuration } from '../wire/control.ts'
import { Crew } from './crew/crew.ts'
import { Hosts, type HostsListener } from './hosts/hosts.ts'
import { knock } from './hosts/knock.ts'
import type { RunCrew } from './run-crew.ts'

/** The processors of a run: on this computer, or on the hosts that it names. */
export function gatherCrew(options: RunOptions, listener: HostsListener): RunCrew {
  return options.hosts ? crewOnHosts(options, options.hosts, listener) : crewHere(options, listener)
}

function crewHere(options: RunOptions, listener: HostsListener): Crew {
  const { program, ahead = null, shares = null, runFolder } = options
  const { mayConnect } = program
  // Those that are started already have not read them.
  const needsCertificates = mayConnect && process.env.NODE_EXTRA_CA_CERTS !== undefined
  return new Crew({
    folder: runFolder,
    configuration: configurationOf(options),
    environment: processorEnvironment(process.env, { mayConnect, addon: loadAddon().path }),
    shares,
    ahead: needsCertificates ? null : ahead,
    listener: { ...listener, onLinkNews: () => {} },
  })
}

function crewOnHosts(
  options: RunOptions,
  { list, version }: NonNullable<RunOptions['hosts']>,
  listener: HostsListener,
): Hosts {
  const { moduleUrl: _, host: __, ...configuration } = configurationOf(options)
  const { bundle, mayConnect } = options.program
  const fabric = tcpFabric({ connectMsMax: hostConnectMsMax })
  return new Hosts({
    hosts: list,
    places: countPlaces(options.machine),
    hello: { run: randomUUID(), version },
    opening: { configuration, digest: bundle.digest, mayConnect },
    bundle,
    connect: ({ address, port }, hello) =>
      callResumed({ fabric, address: tcpAddress(address, port), hello: { ...hello } }),
    knock: ({ address, port }) => knock(address, port),
    beat: (to) => new BeatSender(to),
    listener,
  })
}

/** What every processor has to know of the run. */
function configurationOf(options: RunOptions): Configuration {
  const { program, machine, sizes, store, tracePath } = options
  return {
    moduleUrl: program.moduleUrl,
    machine,
    sizes,
    storeFolder: store ? { path: store.path, run: store.run } : null,
    host: null,
    traced: tracePath !== null,
  }
}
