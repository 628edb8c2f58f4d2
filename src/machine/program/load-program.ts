import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { setSourceMapsEnabled } from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type BuildFailure, build, stop, transform } from 'esbuild'
import { isUsageError, messageOf, UsageError } from '../../base/index.ts'
import { type Program, validateProgram } from '../../program/index.ts'
import { writeRunFile } from '../local/run-folder.ts'
import { importModule } from './import-module.ts'
import { describeFailure } from './program-failure.ts'
import { sharedPackage, sharePackage } from './shared-package.ts'

export interface LoadedProgram {
  readonly program: Program
  /** The bundle, as plain JavaScript, for worker threads to import. */
  readonly moduleUrl: string
  /** Of the bundle: the same for the same code, wherever it is bundled. */
  readonly codeHash: string
  /** Absolute paths of the files that it is made of. */
  readonly sources: readonly string[]
  /** False: nothing in its code can be a call of `self.progress`. What a WebAssembly module imports is not seen here. */
  readonly mayReportProgress: boolean
  /** False: nothing in its code can open a connection, or bring in other code that does. */
  readonly mayConnect: boolean
}

const connecting = new RegExp(
  [
    /\b(?:fetch|https?|http2|tls|undici|WebSocket|EventSource|child_process|worker_threads|cluster|wasi)\b/,
    // What runs or brings in code that is not seen here.
    /\b(?:eval|Function|getBuiltinModule)\b|\b(?:import|require)\s*\(/,
  ]
    .map(({ source }) => source)
    .join('|'),
)

export interface ProgramFolders {
  /** Holds the programs that ship. */
  readonly programsFolder: string
  /** Takes the bundle, `program.mjs`; must be a folder of this run alone. */
  readonly cacheFolder: string
}

/**
 * Bundles, imports and checks a program: one that ships, by name, or the user's own module (.ts, .mts, .js or .mjs), by
 * path. Throws a `UsageError` of one line for whatever is wrong with it.
 */
export async function loadProgram(nameOrPath: string, folders: ProgramFolders): Promise<LoadedProgram> {
  const file = await locate(nameOrPath, folders.programsFolder)
  const bundle = join(folders.cacheFolder, 'program.mjs')
  const shown = shortPath(file)
  const { code, sources } = await bundleInto(bundle, file, shown)
  const moduleUrl = pathToFileURL(bundle).href
  const exported = await importDefault(moduleUrl, shown)
  try {
    return {
      program: validateProgram(exported),
      moduleUrl,
      codeHash: createHash('sha256').update(code).digest('hex'),
      sources,
      mayReportProgress: /\bprogress\b|wasm/i.test(code),
      mayConnect: connecting.test(code),
    }
  } catch (error) {
    throw isUsageError(error) ? new UsageError(`${shown}: ${error.message}`) : error
  }
}

/** What a module that is no program exports by default; its bundle goes to `bundle`. Throws a `UsageError` of one line. */
export async function loadDefaultExport(path: string, bundle: string): Promise<unknown> {
  const file = resolve(path)
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`no module at ${path}`)
  await bundleInto(bundle, file, shortPath(file))
  return importDefault(pathToFileURL(bundle).href, shortPath(file))
}

/** Names of the programs that ship, in alphabetical order. */
export function listPrograms(programsFolder: string): string[] {
  const files = readdirSync(programsFolder).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  return files.map((file) => basename(file, '.ts')).sort()
}

async function locate(nameOrPath: string, programsFolder: string): Promise<string> {
  const isName = /^[\w-]+$/.test(nameOrPath)
  if (isName && listPrograms(programsFolder).includes(nameOrPath)) return join(programsFolder, `${nameOrPath}.ts`)
  const file = resolve(nameOrPath)
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats?.isFile() && /\.m?[tj]s$/.test(file)) return file
  if (isName && stats === undefined) {
    const known = listPrograms(programsFolder).join(', ')
    throw new UsageError(`no program '${nameOrPath}': there are ${known}, or name a module, such as ./${nameOrPath}.ts`)
  }
  if (stats === undefined) throw new UsageError(`no program module at ${nameOrPath}`)
  throw new UsageError(`${nameOrPath} is no program module: it must be a .ts, .mts, .js or .mjs file`)
}

/** Builds under way. The bundler is one process for all of them, and does not say that it was ended. */
let builds = 0

/**
 * Everything but Node's own modules goes into one file, so that a worker thread that starts has one file to read.
 * `code` is what runs: without comments, since the bundler's own name folders relative to the working folder.
 */
async function bundleInto(
  bundle: string,
  file: string,
  shown: string,
): Promise<{ readonly code: string; readonly sources: readonly string[] }> {
  const absWorkingDir = dirname(file)
  builds += 1
  try {
    const { outputFiles, metafile } = await build({
      // Names of files in the code, where there are some, are as seen from there.
      absWorkingDir,
      entryPoints: [file],
      outfile: bundle,
      write: false,
      metafile: true,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      // WebAssembly modules too: a process that is restored must go on with the same code, whatever has become of the file.
      loader: { '.wasm': 'binary' },
      sourcemap: 'inline',
      sourcesContent: false,
      logLevel: 'silent',
      // Packages in CommonJS form ask for Node's modules by `require`.
      banner: { js: "import { createRequire as $r } from 'node:module'; const require = $r(import.meta.url)" },
      define: { 'import.meta.url': JSON.stringify(pathToFileURL(file).href) },
      plugins: [sharedPackage],
    })
    const { contents } = outputFiles[0]!
    writeRunFile(bundle, contents)
    const { code } = await transform(contents, { minifyWhitespace: true, legalComments: 'none' })
    return { code, sources: Object.keys(metafile.inputs).map((path) => resolve(absWorkingDir, path)) }
  } catch (error) {
    throw isUsageError(error) ? error : buildError(error, shown, absWorkingDir)
  } finally {
    builds -= 1
    // The bundler would wait for more as a process of its own, for as long as the run lasts.
    if (builds === 0) await stop()
  }
}

function buildError(error: unknown, shown: string, folder: string): UsageError {
  const [first] = (error as Partial<BuildFailure>).errors ?? []
  if (first === undefined) return new UsageError(`cannot bundle ${shown}: ${messageOf(error)}`)
  const { text, location } = first
  const place =
    location === null ? shown : `${shortPath(resolve(folder, location.file))}:${location.line}:${location.column + 1}`
  return new UsageError(`${place}: ${text}`)
}

async function importDefault(moduleUrl: string, shown: string): Promise<unknown> {
  setSourceMapsEnabled(true)
  sharePackage()
  try {
    return (await importModule(moduleUrl)).default
  } catch (error) {
    const { site } = describeFailure(error)
    const place = /:\d+:\d+$/.test(site) && !site.includes(fileURLToPath(moduleUrl)) ? relativeSite(site) : shown
    const what = isUsageError(error) ? '' : 'the module throws while loading: '
    throw new UsageError(`${place}: ${what}${messageOf(error)}`)
  }
}

function relativeSite(site: string): string {
  const [, file, place] = /^(.*?)(:\d+:\d+)$/.exec(site)!
  return shortPath(file!) + place
}

/** Relative to where the user stands, unless that leads out of there. */
function shortPath(file: string): string {
  const path = relative('', file)
  return path.startsWith('..') ? file : path
}
