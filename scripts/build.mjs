// Builds dist/: the WASM kernels out of src/parity/assembly, then the TypeScript of src/.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './setup.mjs'

mkdirSync(join(root, 'dist', 'parity'), { recursive: true })
run('node', [
  join(root, 'node_modules', 'assemblyscript', 'bin', 'asc.js'),
  'src/parity/assembly/kernels.ts',
  ...['--outFile', 'dist/parity/kernels.wasm'],
  ...['--runtime', 'stub', '--noAssert', '-O3', '--enable', 'simd', '--enable', 'threads'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--use', 'abort='],
])
run('node', [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '--build', 'tsconfig.json'])
writeFileSync(join(root, 'dist', '.built'), '')
