// What the tests of laboratories need beside Node: installed where that can be done, and else these tests say what is missing.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Commands, and Debian's packages that have them. */
const packages = {
  ip: 'iproute2',
  tc: 'iproute2',
  nft: 'nftables',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
  hostname: 'hostname',
}

const folders = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`.split(':')
const isHere = (command) => folders.some((folder) => existsSync(join(folder, command)))

/** Says and does nothing when all is there, when this is not root, or where there is no apt-get. */
export function installLabTools() {
  const missing = Object.keys(packages).filter((command) => !isHere(command))
  if (missing.length === 0 || process.getuid?.() !== 0 || !isHere('apt-get')) return
  const wanted = [...new Set(missing.map((command) => packages[command]))]
  process.stderr.write(`Installing ${wanted.join(' ')} (apt-get) …\n`)
  const apt = (...args) =>
    spawnSync('apt-get', args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: 'ignore' })
      .status === 0
  const install = () => apt('install', '-y', '--no-install-recommends', ...wanted)
  if (install() || (apt('update') && install())) return
  process.stderr.write(
    'paritas: apt-get could not install them; the tests of laboratories will say that they are missing\n',
  )
}
