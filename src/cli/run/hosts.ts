import { quoted, UsageError } from '../../base/index.ts'
import type { RunHost } from '../../machine/index.ts'
import { readHosts } from '../hosts-file.ts'

/** The hosts in a file, for a run on them. Throws a `UsageError` where one has no address. */
export async function hostsOfRun(path: string): Promise<RunHost[]> {
  const hosts = await readHosts(path)
  return hosts.map(({ name, address, processorsMax }) => {
    if (address === null)
      throw new UsageError(`${path}: the host ${quoted(name)} has no address: add 'address: HOST:PORT'`)
    return { name, address: address.host, port: address.port, processorsMax }
  })
}
