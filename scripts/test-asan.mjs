// `npm run test:asan`: compiles the addon with AddressSanitizer, apart from the ordinary one, and runs its tests with it, or those
// that the arguments name.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileAddon } from './install-addon.mjs'
import { root, setup } from './setup.mjs'

setup()
const folder = mkdtempSync(join(tmpdir(), 'paritas-asan-'))
process.exitCode = 1
try {
  for (const part of ['binding.gyp', 'package.json', join('src', 'memory', 'native', 'addon')]) {
    cpSync(join(root, part), join(folder, part), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const sanitizer = '-fsanitize=address -fno-omit-frame-pointer -g'
  const problem = compileAddon(folder, { CXXFLAGS: sanitizer, LDFLAGS: sanitizer })
  if (problem !== null) throw new Error(problem)
  // Node itself is not sanitized, so the sanitizer has to be there before anything else is.
  const library = spawnSync('c++', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).stdout.trim()
  const env = {
    ...process.env,
    LD_PRELOAD: library,
    // Node's own leaks are not looked for, and a bus error ends the process as it does without the sanitizer.
    ASAN_OPTIONS: 'detect_leaks=0:handle_sigbus=0',
    PARITAS_ADDON: join(folder, 'build', 'Release', 'paritas.node'),
  }
  // The sanitizer keeps back what was freed: how much memory a process holds says nothing then.
  const usual = ['test/memory', 'test/parity', 'test/fabric/slots.test.ts', '--exclude', '**/lean-size.test.ts']
  const tests = process.argv.length > 2 ? process.argv.slice(2) : usual
  const vitest = [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...tests]
  process.exitCode = spawnSync(process.execPath, vitest, { cwd: root, env, stdio: 'inherit' }).status ?? 1
} catch (error) {
  process.stderr.write(`paritas: ${error.message}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
