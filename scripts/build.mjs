// Builds dist/: the WASM kernels out of src/parity/assembly, the TypeScript of src/, and the script of drawn pages;
// the modules of the programs that ship, beside their sources, and the list of these programs.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleAll } from './bundle.mjs'
import { compileBundles } from './compile-bundles.mjs'
import { root, run } from './setup.mjs'

/** Compiles AssemblyScript; paths are relative to the checkout. */
function assemble(source, target, ...options) {
  const compiler = join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js')
  run('node', [compiler, source, '--outFile', target, '--runtime', 'stub', '-O3', ...options])
}

mkdirSync(join(root, 'dist', 'parity'), { recursive: true })
assemble(
  'src/parity/assembly/kernels.ts',
  'dist/parity/kernels.wasm',
  ...['--noAssert', '--enable', 'simd', '--enable', 'threads', '--use', 'abort='],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
)
assemble('programs/life/assembly/life.ts', 'programs/life/life.wasm')
run('node', [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '--build', 'tsconfig.json'])
// tsc leaves declarations out that are written by hand, and names those in src/, which is no part of the package.
const declarations = ['program', 'wasm', 'wasm-files.d.ts']
cpSync(join(root, 'src', ...declarations), join(root, 'dist', ...declarations))
const front = join(root, 'dist', 'program', 'paritas.d.ts')
writeFileSync(front, readFileSync(front, 'utf8').replace('"../../src/program/wasm/', '"./wasm/'))
// The script of drawn pages goes into them as one piece.
const { build } = await import('esbuild')
await build({
  entryPoints: [join(root, 'dist', 'viewer', 'main.js')],
  outfile: join(root, 'dist', 'viewer', 'viewer.js'),
  ...{ bundle: true, minify: true, format: 'iife', target: 'es2022', legalComments: 'none', logLevel: 'warning' },
})
await bundleAll(join(root, 'dist'))
// What `paritas programs` lists.
const { aboutPrograms } = await import('../dist/cli/programs/about.js')
writeFileSync(join(root, 'dist', 'programs.json'), JSON.stringify(await aboutPrograms(join(root, 'programs'))))
compileBundles(join(root, 'dist'))
writeFileSync(join(root, 'dist', '.built'), process.version)
