// The `install` script of npm: makes sure that there is a native addon, prebuilt or compiled here. Without both,
// Paritas works all the same and finds changed pages by comparing; one line says so. This script never fails.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const require = createRequire(import.meta.url)
const sourceFolder = join(root, 'src', 'memory', 'native', 'addon')

/**
 * Installs unless what is there is newer than its sources, or was tried for them before. `again` tries in any case;
 * `afterFailure` also where it was tried in vain, since there may be a compiler by now.
 */
export function installAddon({ again = false, afterFailure = false } = {}) {
  const stamp = join(root, 'build', '.tried')
  const triedMs = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0
  const wasTried = triedMs > newestSourceMs() && !(afterFailure && !loads())
  if (!again && (wasTried || loads())) return
  const problem = existsSync(sourceFolder) ? compileAddon(root) : 'its sources are not here'
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, problem ?? '')
  if (problem !== null) {
    process.stderr.write(`paritas: no native addon (${problem}); changed pages are found by comparing instead\n`)
  }
}

function newestSourceMs() {
  if (!existsSync(sourceFolder)) return 0
  const files = [join(root, 'binding.gyp'), ...readdirSync(sourceFolder).map((name) => join(sourceFolder, name))]
  return Math.max(...files.map((file) => statSync(file).mtimeMs))
}

/** Whether an addon is there that this Node can load, prebuilt or newer than its sources. */
function loads() {
  try {
    const path = require('node-gyp-build').path(root)
    require(path)
    return path.startsWith(join(root, 'prebuilds')) || statSync(path).mtimeMs > newestSourceMs()
  } catch {
    return false
  }
}

/** Compiles the addon of the package in `folder`. Returns why it did not work, or null. */
export function compileAddon(folder, environment = {}) {
  const nodeGyp = findNodeGyp()
  if (nodeGyp === null) return 'npm brings no node-gyp'
  const env = { ...process.env, ...environment }
  const options = { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }
  // Without `clean`, what was compiled before stays until its successor is there.
  for (const command of ['configure', 'build']) {
    const args = [nodeGyp, command, '--loglevel=error', ...headerArguments()]
    const { status, stderr, stdout } = spawnSync(process.execPath, args, options)
    if (process.env.PARITAS_INSTALL_VERBOSE) process.stderr.write(`${stdout}${stderr}`)
    if (status !== 0) return 'it does not compile here; PARITAS_INSTALL_VERBOSE=1 says why'
  }
  return null
}

/** npm names its own node-gyp to scripts; run by hand, it lies beside Node's npm. */
function findNodeGyp() {
  const named = process.env.npm_config_node_gyp
  const folder = dirname(process.execPath)
  const beside = [join(folder, '..', 'lib', 'node_modules'), join(folder, 'node_modules')].map((modules) =>
    join(modules, 'npm', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js'),
  )
  return [named, ...beside].find((path) => path !== undefined && existsSync(path)) ?? null
}

/** Node's own headers, where they were installed with it: then nothing has to be downloaded. */
function headerArguments() {
  const prefix = dirname(dirname(process.execPath))
  return existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? [`--nodedir=${prefix}`] : []
}

if (process.argv[1] === fileURLToPath(import.meta.url)) installAddon({ afterFailure: true })
