// Brings a checkout up to date before a command runs: installs what package-lock.json names, builds what src/ holds.
// It uses nothing but Node, since nothing else is there on a fresh clone.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installAddon } from './install-addon.mjs'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Runs a command in the checkout with its output on stderr; ends this process with the command's code if it fails. */
export function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['inherit', 2, 2] })
  if (error) {
    process.stderr.write(`paritas: cannot run ${command}: ${error.message}\n`)
    process.exit(1)
  }
  if (status !== 0) process.exit(status ?? 1)
}

function newestChangeMs(path) {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestChangeMs(join(path, name))))
}

/** Installs when package-lock.json differs from what was installed last. */
export function install() {
  const stamp = join(root, 'node_modules', '.paritas-lock')
  const wanted = readFileSync(join(root, 'package-lock.json'), 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  process.stderr.write('Installing dependencies (npm ci) …\n')
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  writeFileSync(stamp, wanted)
}

/** Builds when anything that the build reads is newer than its last result, or that was made by another Node. */
export function build() {
  const stamp = join(root, 'dist', '.built')
  const sources = [
    'src',
    'programs',
    'scripts/build.mjs',
    'scripts/bundle.mjs',
    'scripts/compile-bundles.mjs',
    'scripts/load-bundle.cjs',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.pure.json',
    'tsconfig.viewer.json',
    'tsconfig.base.json',
  ]
  // The compile caches of bundles are for one version of Node.
  const isForThisNode = existsSync(stamp) && readFileSync(stamp, 'utf8') === process.version
  const builtMs = isForThisNode ? statSync(stamp).mtimeMs : 0
  if (builtMs > Math.max(...sources.map((name) => newestChangeMs(join(root, name))))) return
  process.stderr.write('Building …\n')
  run('node', [join(root, 'scripts', 'build.mjs')])
}

export function setup() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(`paritas: needs Node 20.19 or newer, this is ${process.version}\n`)
    process.exit(1)
  }
  install()
  installAddon()
  build()
}
