import { once } from 'node:events'
import { enumerate, quoted, UsageError } from '../../base/index.ts'
import { tcpAddress } from '../../fabric/index.ts'
import { type DaemonNews, HostDaemon } from '../../machine/index.ts'
import { type ListedHost, readHosts } from '../hosts-file.ts'
import { interruptible } from '../interruption.ts'
import type { Surroundings } from '../surroundings.ts'
import type { DaemonArguments } from './arguments.ts'
import { bundlesFolder } from './bundles-folder.ts'

/** Runs a daemon until it is interrupted. Throws a `UsageError` where it cannot begin, and an `InterruptedError` at its end. */
export async function runDaemon({ hostsPath, name }: DaemonArguments, surroundings: Surroundings): Promise<void> {
  const { stdout, signals, version } = surroundings
  const { processorsMax, address: where } = hostNamed(name, await readHosts(hostsPath), hostsPath)
  const { host: address, port } = where
  const say = (line: string): void => void stdout.write(`${line}\n`)
  const daemon = new HostDaemon({
    name,
    address,
    port,
    bundlesFolder: bundlesFolder(),
    version,
    processorsMax,
    onNews: (news) => say(`  ${textOf(news)}`),
  })
  await interruptible(
    signals,
    () => say('ending every processor'),
    async (signal) => {
      await daemon.open()
      try {
        say(`host ${name} takes processors, at ${tcpAddress(address, port)}`)
        // Whoever interrupted it while it opened is not heard any more.
        if (!signal.aborted) await once(signal, 'abort')
      } finally {
        await daemon.close()
      }
    },
  )
}

type ReachableHost = ListedHost & { readonly address: NonNullable<ListedHost['address']> }

function hostNamed(name: string, hosts: readonly ListedHost[], path: string): ReachableHost {
  const host = hosts.find((one) => one.name === name)
  if (!host) {
    const names = enumerate(hosts.slice(0, 8).map((one) => quoted(one.name)))
    throw new UsageError(`${path} has no host ${quoted(name)}; it has ${names}${hosts.length > 8 ? ' and more' : ''}`)
  }
  const { address } = host
  if (address === null) {
    throw new UsageError(`${path} has no address for the host ${quoted(name)}: add 'address: HOST:PORT'`)
  }
  return { ...host, address }
}

function textOf(news: DaemonNews): string {
  switch (news.type) {
    case 'runBegan':
      return `run ${news.run} has begun here`
    case 'runEnded':
      return `run ${news.run} has ended here`
    case 'turnedAway':
      return `a connection was turned away: ${news.why}`
  }
}
