import { quoted, UsageError } from '../../base/index.ts'
import { countPlaces, type LoadedProgram, type MachineSettings, type RunHost } from '../../machine/index.ts'
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

/** At least so many spares that all that is lost with one of so many hosts finds one. */
export function onHosts(machine: MachineSettings, hosts: number): MachineSettings {
  const { spares, ...others } = machine
  const placesEach = Math.ceil(countPlaces(machine) / hosts)
  return { ...others, spares: Math.max(spares, placesEach) }
}

/** Throws a `UsageError` where a program cannot run on a computer that it was not made on. */
export function requireMovable({ program, obstacles }: LoadedProgram): void {
  const [first, ...others] = obstacles()
  if (first === undefined) return
  const more = others.length === 0 ? '' : ` (and ${others.length} more of the kind)`
  throw new UsageError(`program '${program.name}' cannot run on other computers: ${first}${more}`)
}
