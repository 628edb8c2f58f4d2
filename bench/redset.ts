// redset, compiled together with what it needs and a small program that measures it.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../src/base/index.ts'

/** What one job of so many processes needed, in milliseconds. */
export interface RedsetSample {
  /** From the command until all processes can begin. */
  readonly launchMs: number
  readonly writeMs: number
  readonly encodeMs: number
  readonly rebuildMs: number
}

const install = 'install an MPI and zlib (apt install libopenmpi-dev openmpi-bin zlib1g-dev)'
const where = 'https://github.com/ECP-VeloC'
/** Each repository, and its files with MPI; those for graphics processors, threads or one process alone are left out. */
const sources = {
  redset:
    'redset redset_err_mpi redset_io redset_lofi redset_partner redset_reedsolomon redset_reedsolomon_common redset_single redset_util redset_util_mpi redset_xor',
  KVTree: 'kvtree kvtree_err kvtree_helpers kvtree_io kvtree_mpi kvtree_mpi_io kvtree_util',
  rankstr: 'rankstr_mpi',
}

/** What Open MPI needs to be told where it runs as root, or more processes than there are cores. */
const mpiEnvironment = {
  ...{ OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1', OMPI_MCA_rmaps_base_oversubscribe: '1' },
  PRTE_MCA_rmaps_default_mapping_policy: ':oversubscribe',
}

/**
 * Compiles it into the folder `build`. `folder` has checkouts of redset, KVTree and rankstr in it. Returns the path of the
 * program. Throws a `UsageError` that says what is missing.
 */
export function compileRedset(folder: string, build: string): string {
  const files = Object.entries(sources).flatMap(([repository, names]) =>
    names.split(' ').map((name) => join(folder, repository, 'src', `${name}.c`)),
  )
  const missing = files.find((file) => !existsSync(file))
  if (missing !== undefined) {
    const clones = Object.keys(sources).map((name) => `git clone ${where}/${name}`)
    throw new UsageError(`--redset ${folder}: there is no ${missing}; in that folder: ${clones.join('; ')}`)
  }
  const include = join(build, 'include')
  mkdirSync(include)
  // What cmake would have found out: that this system locks files as all do.
  writeFileSync(join(include, 'config.h'), '#define HAVE_BYTESWAP_H\n#define KVTREE_FILE_LOCK_USE_FLOCK\n')
  const includes = [include, ...Object.keys(sources).map((name) => join(folder, name, 'src'))].map(
    (path) => `-I${path}`,
  )
  const program = join(build, 'redset')
  const own = fileURLToPath(new URL('../../bench/redset.c', import.meta.url))
  const args = ['-O2', '-w', '-DREDSET_ENABLE_MPI', ...includes, own, ...files, '-lz', '-o', program]
  const { status, stderr, error } = spawnSync('mpicc', args, { encoding: 'utf8' })
  if (error)
    throw new UsageError(
      'mpicc is not here: install an MPI and zlib (apt install libopenmpi-dev openmpi-bin zlib1g-dev)',
    )
  if (status === 0) return program
  const why = /^.*error: .*$/m.exec(stderr)?.[0] ?? stderr.trim().split('\n', 1)[0]
  throw new UsageError(`--redset ${folder}: it does not compile: ${why}`)
}

/** Runs one job in `folder`, which is empty before and behind it. */
export async function runRedset(
  program: string,
  folder: string,
  processes: number,
  mebibytes: number,
): Promise<RedsetSample> {
  const beganMs = performance.now()
  const args = ['-n', String(processes), program, folder, String(mebibytes)]
  const child = spawn('mpirun', args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...mpiEnvironment },
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', () => reject(new UsageError(`mpirun is not here: ${install}`))).once('close', resolve)
  })
  let launchMs = Number.NaN
  let figures: number[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'ready') launchMs = performance.now() - beganMs
    else figures = line.split(' ').map(Number)
  }
  const status = await ended
  const [writeMs, encodeMs, rebuildMs] = figures
  if (status !== 0 || rebuildMs === undefined) throw new Error(`mpirun ended with ${status}`)
  const left = readdirSync(folder)
  if (left.length > 0) throw new Error(`redset has left ${left.join()}`)
  return { launchMs, writeMs: writeMs!, encodeMs: encodeMs!, rebuildMs }
}
