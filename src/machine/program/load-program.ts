import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { setSourceMapsEnabled } from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isUsageError, messageOf, quoted, UsageError } from '../../base/index.ts'
import { type Program, validateProgram } from '../../program/index.ts'
import { type Bundled, bundle, placeEnding, placeName, withBundler, withoutComments } from '../bundle/bundler.ts'
import { moduleName, sha256 } from '../bundle/manifest.ts'
import { obstaclesOf } from '../bundle/obstacles.ts'
import { ProgramBundle } from '../bundle/program-bundle.ts'
import { ownApi, sharePackage } from '../bundle/shared-package.ts'
import { writeRunFile } from '../local/run-folder.ts'
import { importModule } from './import-module.ts'
import { describeFailure } from './program-failure.ts'

export interface LoadedProgram {
  readonly program: Program
  /** The bundle as it lies here, plain JavaScript, for worker threads to import. */
  readonly moduleUrl: string
  /** The same bundle for other hosts. */
  readonly bundle: ProgramBundle
  /** Why it cannot run on other hosts, though it can here: one line each, and none if it can. */
  readonly obstacles: () => readonly string[]
  /** Of the code without its comments: the same wherever it is bundled. */
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
  /** Takes the files of the bundle; must be a folder of this run alone. */
  readonly cacheFolder: string
}

/**
 * Bundles, imports and checks a program: one that ships, by name, or the user's own module (.ts, .mts, .js or .mjs), by
 * path. Throws a `UsageError` of one line for whatever is wrong with it.
 */
export async function loadProgram(nameOrPath: string, folders: ProgramFolders): Promise<LoadedProgram> {
  const file = await locate(nameOrPath, folders.programsFolder)
  const shown = shortPath(file)
  const { bundled, code } = await withBundler(async () => {
    const made = await bundle(file, moduleName, shortPath)
    return { bundled: made, code: await withoutComments(made) }
  })
  const moduleUrl = writeBundle(bundled, file, join(folders.cacheFolder, moduleName))
  const program = validated(await importDefault(moduleUrl, shown), shown)
  const forHosts = new ProgramBundle(program.name, ownApi(), bundled.files)
  return {
    ...{ program, moduleUrl, bundle: forHosts, obstacles: () => obstaclesOf(bundled, forHosts) },
    codeHash: sha256(Buffer.from(code)),
    sources: bundled.sources,
    mayReportProgress: /\bprogress\b|wasm/i.test(code),
    mayConnect: connecting.test(code),
  }
}

/** Throws a `UsageError` of one line for a program that can run on this computer only. */
export function requirePortable({ program, obstacles }: LoadedProgram): void {
  const [first] = obstacles()
  if (first === undefined) return
  throw new UsageError(`program ${quoted(program.name)} cannot run on other hosts: ${first}`)
}

/** What a module that is no program exports by default; its bundle goes to `path`. Throws a `UsageError` of one line. */
export async function loadDefaultExport(module: string, path: string): Promise<unknown> {
  const file = resolve(module)
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`no module at ${module}`)
  const bundled = await withBundler(() => bundle(file, basename(path), shortPath))
  return importDefault(writeBundle(bundled, file, path), shortPath(file))
}

/** Writes the bundle's files, as `path` and beside it, and returns what to import. `file`: what it is the bundle of. */
function writeBundle({ files, code, ownMap }: Bundled, file: string, path: string): string {
  for (const [name, bytes] of files) {
    const content = name === `${basename(path)}.map` ? ownMap : bytes
    writeRunFile(join(dirname(path), name), content)
  }
  if (code.includes(`${placeName}.`)) writeRunFile(path + placeEnding, pathToFileURL(file).href)
  return pathToFileURL(path).href
}

function validated(exported: unknown, shown: string): Program {
  try {
    return validateProgram(exported)
  } catch (error) {
    throw isUsageError(error) ? new UsageError(`${shown}: ${error.message}`) : error
  }
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
