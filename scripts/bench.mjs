// `npm run bench:<name>`: sets the checkout up, bundles bench/<name>.ts and runs it with the arguments that follow `--`.
import { spawnSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

const [name, ...args] = process.argv.slice(2)
const entry = join(root, 'bench', `${name}.ts`)
if (!existsSync(entry)) {
  process.stderr.write(`paritas: no benchmark '${name}': see npm run\n`)
  process.exit(1)
}
setup()
const { build } = await import('esbuild')

/** The sources as they were built, where they find what lies beside them. */
const asBuilt = {
  name: 'as-built',
  setup({ onResolve }) {
    onResolve({ filter: /^(\.\.\/)+src\// }, ({ path }) => {
      const module = path.slice(path.indexOf('src/') + 'src/'.length)
      return { path: `../${module.replace(/\.ts$/, '.js')}`, external: true }
    })
  },
}
// Beside them, and two folders deep as benchmarks expect.
const outfile = join(root, 'dist', 'bench', `${name}-${process.pid}.mjs`)
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  plugins: [asBuilt],
})
const { status } = spawnSync(process.execPath, [outfile, ...args], { stdio: 'inherit' })
rmSync(outfile)
process.exit(status ?? 1)
