import { realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type BuildFailure, build, type OutputFile, type Plugin, stop, transform } from 'esbuild'
import { isUsageError, messageOf, UsageError } from '../../base/index.ts'
import { sha256 } from './manifest.ts'
import { packageFile, packageName, sharedPackage } from './shared-package.ts'
import { sourceNames, withNames } from './source-names.ts'
import { sourceUrl } from './source-url.ts'

/** A module and all that it imports, in files that are the same wherever they were made of the same. */
export interface Bundled {
  /** By name: the code, its source map, and what the code reads beside it. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly code: string
  /** The source map for this computer: it names the files as they lie here. */
  readonly ownMap: string
  /** Absolute paths of the files that it is made of. */
  readonly sources: readonly string[]
}

/**
 * Stands for `import.meta` of the program's own modules, which is that of the program's source: on the computer where that
 * lies, and on any other one that of the bundle.
 */
export const placeName = '$paritas_place'
/** The file beside a module of this name and that ending says where its source is, where it is on this computer. */
export const placeEnding = '.at'

const assetName = '$paritas_bytes'

/**
 * What code of a bundle begins with, all on its first line, in names that no program has. Packages in CommonJS form ask for
 * Node's modules by `require`.
 */
const beginning =
  "import { createRequire as $paritas_r } from 'node:module'; const require = $paritas_r(import.meta.url)"
const readAssets = [
  "; import { readFileSync as $paritas_f } from 'node:fs'",
  `; const ${assetName} = (name) => new Uint8Array($paritas_f(new URL(name, import.meta.url)))`,
].join('')
const findPlace = [
  "; import * as $paritas_fs from 'node:fs'; import { dirname as $paritas_d } from 'node:path'",
  "; import { fileURLToPath as $paritas_p } from 'node:url'",
  `; const $paritas_at = new URL(\`\${import.meta.url}${placeEnding}\`)`,
  `; const ${placeName} = { url: $paritas_fs.existsSync($paritas_at)`,
  " ? $paritas_fs.readFileSync($paritas_at, 'utf8') : import.meta.url }",
  `; ${placeName}.dirname = $paritas_d(${placeName}.filename = $paritas_p(${placeName}.url))`,
].join('')

/** Builds under way. The bundler is one process for all of them, and does not say that it was ended. */
let builds = 0

/** `action` may bundle. Afterwards the bundler would wait for more as a process of its own, for as long as the run lasts. */
export async function withBundler<Value>(action: () => Promise<Value>): Promise<Value> {
  builds += 1
  try {
    return await action()
  } finally {
    builds -= 1
    if (builds === 0) await stop()
  }
}

/**
 * Everything but Node's own modules goes into one file of that name, so that a thread that starts has one file to read.
 * Throws a `UsageError` of one line, which calls the file what the user does: `shown`.
 */
export async function bundle(file: string, name: string, shown: (file: string) => string): Promise<Bundled> {
  // The bundler names files in code and source map as seen from there, and follows links.
  const source = realpathSync(file)
  const absWorkingDir = dirname(source)
  const assets = new Map<string, Uint8Array>()
  try {
    const { outputFiles, metafile } = await build({
      absWorkingDir,
      entryPoints: [source],
      // Nothing is written there.
      ...{ outfile: join(absWorkingDir, name), write: false, allowOverwrite: true },
      metafile: true,
      ...{ bundle: true, format: 'esm', platform: 'node', target: 'node20' },
      ...{ sourcemap: 'linked', sourcesContent: false },
      logLevel: 'silent',
      define: Object.fromEntries(
        ['url', 'dirname', 'filename'].map((part) => [`import.meta.${part}`, `${placeName}.${part}`]),
      ),
      plugins: [sharedPackage, bytesBeside(assets)],
    })
    const names = sourceNames(metafile.inputs, basename(source), absWorkingDir)
    const [map, code] = outputFiles as [OutputFile, OutputFile]
    const paths = Object.keys(metafile.inputs).filter((path) => path !== packageName)
    return {
      ...assembled(name, withNames(code.text, names), readMap(map.text), { assets, names, folder: absWorkingDir }),
      sources: paths.map((path) => resolve(absWorkingDir, path)),
    }
  } catch (error) {
    throw isUsageError(error) ? error : buildError(error, shown, file)
  }
}

/** The code as it is compared, without comments; asked for within `withBundler`. */
export async function withoutComments({ code }: Bundled): Promise<string> {
  return (await transform(code, { minifyWhitespace: true, legalComments: 'none' })).code
}

interface SourceMapText {
  readonly sources: readonly string[]
  readonly mappings: string
  readonly names: readonly string[]
}

interface Assembly {
  readonly assets: ReadonlyMap<string, Uint8Array>
  readonly names: ReadonlyMap<string, string>
  readonly folder: string
}

function assembled(name: string, code: string, map: SourceMapText, { assets, names, folder }: Assembly) {
  const used = [...assets].filter(([asset]) => code.includes(asset))
  const first = [beginning, used.length > 0 ? readAssets : '', code.includes(`${placeName}.`) ? findPlace : '']
  const text = `${first.join('')}\n${code}`
  const mapWith = (nameOf: (path: string) => string): string => {
    const { sources, mappings, names: identifiers } = map
    const parts = { version: 3, sources: sources.map(nameOf), names: identifiers, mappings: `;${mappings}` }
    return JSON.stringify(parts)
  }
  const shared = mapWith((path) => (path === packageName ? path : sourceUrl(names.get(path) ?? basename(path))))
  const files = new Map([[name, Buffer.from(text)], [`${name}.map`, Buffer.from(shared)], ...used])
  const ownMap = mapWith((path) => pathToFileURL(path === packageName ? packageFile : resolve(folder, path)).pathname)
  return { files, code: text, ownMap }
}

/** The bundler writes its names for files as parts of addresses there. */
function readMap(text: string): SourceMapText {
  const map = JSON.parse(text) as SourceMapText
  return { ...map, sources: map.sources.map(decodeURIComponent) }
}

/**
 * WebAssembly modules become files of the bundle: a process that is restored must go on with the same code, whatever has
 * become of the file, and wherever it is.
 */
function bytesBeside(assets: Map<string, Uint8Array>): Plugin {
  return {
    name: 'bytes-beside',
    setup({ onLoad }) {
      onLoad({ filter: /\.wasm$/ }, async ({ path }) => {
        const bytes = await readFile(path)
        const stem = basename(path, extname(path))
          .toLowerCase()
          .replaceAll(/[^a-z\d_-]/g, '_')
          .slice(0, 40)
        const name = `wasm-${stem}-${sha256(bytes).slice(0, 16)}.wasm`
        assets.set(name, bytes)
        return { contents: `export default /* @__PURE__ */ ${assetName}('./${name}')` }
      })
    },
  }
}

function buildError(error: unknown, shown: (file: string) => string, file: string): UsageError {
  const [first] = (error as Partial<BuildFailure>).errors ?? []
  if (first === undefined) return new UsageError(`cannot bundle ${shown(file)}: ${messageOf(error)}`)
  const { text, location } = first
  if (location === null) return new UsageError(`${shown(file)}: ${text}`)
  const folder = location.file.startsWith('../') ? dirname(realpathSync(file)) : dirname(file)
  return new UsageError(`${shown(resolve(folder, location.file))}:${location.line}:${location.column + 1}: ${text}`)
}
