import { UsageError } from '../../base/index.ts'
import { parsePath } from '../choices.ts'

/** The options of `paritas daemon` as they were typed. */
export interface TypedDaemonOptions {
  readonly hosts: string
  readonly name: string
}

/** What `paritas daemon` is to do. */
export interface DaemonArguments {
  readonly hostsPath: string
  readonly name: string
}

/** Reads all options. Throws a `UsageError` that names the first one that is wrong. */
export function readDaemonArguments({ hosts, name }: TypedDaemonOptions): DaemonArguments {
  if (name === '') throw new UsageError('--name must be the name of a host')
  return { hostsPath: parsePath('--hosts', hosts)!, name }
}
