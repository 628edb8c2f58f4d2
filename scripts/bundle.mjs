// Makes dist/bundles: for each kind of process and thread one file with all that it runs. Many small modules take longer
// to find than to run.
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'

const scripts = dirname(fileURLToPath(import.meta.url))

/** What each bundle begins with, in dist/. */
const beginnings = {
  command: 'cli/start.js',
  processor: 'machine/processor/main.js',
  conductor: 'machine/conductor/main.js',
  heartbeat: 'machine/processor/heartbeat.js',
  'lab-guard': 'lab/guard.js',
  'program-worker': 'machine/program/program-worker.js',
}

const common = { target: 'node20', legalComments: 'inline', logLevel: 'warning' }

export async function bundleAll(dist) {
  const folder = join(dist, 'bundles')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  copyFileSync(join(scripts, 'load-bundle.cjs'), join(folder, 'load.cjs'))
  for (const [name, beginning] of Object.entries(beginnings)) {
    writeFileSync(join(folder, `${name}.bundle.js`), packed(await chunksOf(dist, beginning)))
    writeFileSync(join(folder, `${name}.cjs`), `require('./load.cjs').load('${name}')\n`)
  }
}

/** The code by names of chunks, in CommonJS form: `main`, and what is loaded when it is needed, so that it costs nothing before. */
async function chunksOf(dist, beginning) {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(dist, beginning)],
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', write: false, outdir: dist },
    ...{ metafile: true, absWorkingDir: dirname(dist) },
    ...{ entryNames: 'main', chunkNames: '[name]-[hash]' },
    ...{ plugins: [asBundled(dist)], define: { 'import.meta.url': '$place' } },
    ...{ external: ['esbuild', '@observablehq/plot', 'linkedom'], ...common },
  })
  const chunks = outputFiles.map(async ({ path, text }) => {
    const { code } = await transform(text, { format: 'cjs', supported: { 'dynamic-import': false }, ...common })
    const { inputs } = metafile.outputs[relative(dirname(dist), path)]
    const modules = Object.keys(inputs).filter((name) => inputs[name].bytesInOutput > 0)
    return [`./${basename(path)}`, `// ${modules.join(' ')}\n${code}`]
  })
  return Object.fromEntries(await Promise.all(chunks))
}

/** As `load-bundle.cjs` takes it. */
function packed(chunks) {
  const code = Object.entries(chunks).map(
    ([name, text]) => `${JSON.stringify(name)}(require,module,exports,$url,$import){${text}}`,
  )
  const text = code.join(',\n')
  // The loader reads one byte for each character.
  if (/[^\0-\x7f]/.test(text)) throw new Error('a bundle is not in ASCII')
  return `({hash:"${createHash('sha256').update(text).digest('hex')}",chunks:{${text}}})\n`
}

/**
 * Modules as they are in a bundle: with `import.meta.url` where they lie in dist/, and left out where nothing of them is
 * used, Node's own too.
 */
function asBundled(dist) {
  return {
    name: 'as-bundled',
    setup({ onLoad, onResolve, resolve }) {
      // Of commander: only for commands that are programs of their own.
      onResolve({ filter: /^node:child_process$/ }, ({ kind }) =>
        kind === 'require-call' ? { path: 'none', namespace: 'none' } : undefined,
      )
      onLoad({ filter: /./, namespace: 'none' }, () => ({ contents: '' }))
      onResolve({ filter: /^node:/ }, ({ path }) => ({ path, external: true, sideEffects: false }))
      onResolve({ filter: /^\.\.?\// }, async ({ path, kind, pluginData, ...from }) => {
        if (pluginData === 'resolved' || from.namespace !== 'file') return undefined
        return { ...(await resolve(path, { ...from, kind, pluginData: 'resolved' })), sideEffects: false }
      })
      onLoad({ filter: /\.js$/ }, ({ path }) => {
        if (path.endsWith('/import-module.js')) return { contents: 'export const importModule = $import' }
        const code = readFileSync(path, 'utf8')
        if (!code.includes('import.meta.url')) return undefined
        const place = JSON.stringify(relative(dist, path))
        return { contents: `const $place = $url(${place}); ${code}`, resolveDir: dirname(path) }
      })
    },
  }
}
