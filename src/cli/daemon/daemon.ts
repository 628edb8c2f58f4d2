import { enumerate, quoted, UsageError } from '../../base/index.ts'
import { type DaemonNews, HostDaemon } from '../../machine/index.ts'
import { type ListedHost, readHosts } from '../hosts-file.ts'
import { interruptible } from '../interruption.ts'
import type { Surroundings } from '../surroundings.ts'
import type { DaemonArguments } from './arguments.ts'
import { bundlesFolder } from './bundles-folder.ts'

/** Runs a daemon until it is interrupted. Throws a `UsageError` where it cannot begin, and an `InterruptedError` at its end. */
export async function runDaemon({ hostsPath, name }: DaemonArguments, surroundings: Surroundings): Promise<void> {
  const { stdout, signals, version } = surroundings
  const { host: address, port } = addressOf(name, await readHosts(hostsPath), hostsPath)
  const say = (line: string): void => void stdout.write(`${line}\n`)
  const daemon = new HostDaemon({
    name,
    address,
    port,
    bundlesFolder: bundlesFolder(),
    version,
    onNews: (news) => say(`  ${textOf(news)}`),
  })
  await interruptible(
    signals,
    () => say('ending every processor'),
    async (signal) => {
      await daemon.open()
      try {
        say(`host ${name} takes processors, at ${address}:${port}`)
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      } finally {
        await daemon.close()
      }
    },
  )
}

function addressOf(name: string, hosts: readonly ListedHost[], path: string): NonNullable<ListedHost['address']> {
  const host = hosts.find((one) => one.name === name)
  if (!host) {
    const names = enumerate(hosts.slice(0, 8).map((one) => quoted(one.name)))
    throw new UsageError(`${path} has no host ${quoted(name)}; it has ${names}${hosts.length > 8 ? ' and more' : ''}`)
  }
  if (host.address === null) {
    throw new UsageError(`${path} has no address for the host ${quoted(name)}: add 'address: HOST:PORT'`)
  }
  return host.address
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
