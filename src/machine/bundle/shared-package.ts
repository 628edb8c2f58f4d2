import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'
import * as paritas from '../../program/paritas.ts'
import type { ProgramApi } from './manifest.ts'

/**
 * What a bundle expects of the installation that loads it, as one number: the names that `paritas` exports and what they
 * do, and how a bundle comes by them. To be raised with any change of these; a bundle of another number is not loaded.
 */
export const programApi = 1

/** Where each thread has the copy of 'paritas' that its programs get, whatever else is installed where they are. */
const shared = Symbol.for('paritas.program')

/** To be called before a program is imported. */
export function sharePackage(): void {
  ;(globalThis as { [shared]?: object })[shared] = paritas
}

/** What bundles and their source maps name in its place: no file, but what the loading installation has. */
export const packageName = 'paritas:paritas'
/** What that is here. */
export const packageFile = fileURLToPath(new URL('../../../dist/program/paritas.js', import.meta.url))

/** Has programs take 'paritas' from there. */
export const sharedPackage: Plugin = {
  name: 'paritas',
  setup(builder) {
    // Each by itself, so that what a program does not use is not in its code.
    const parts = Object.keys(paritas).map((name) => `export const ${name} = /* @__PURE__ */ (() => shared.${name})()`)
    const contents = [`const shared = globalThis[Symbol.for('${shared.description}')]`, ...parts].join('\n')
    const [namespace, path] = packageName.split(':') as [string, string]
    builder.onResolve({ filter: /^paritas$/ }, () => ({ path, namespace }))
    builder.onLoad({ filter: /./, namespace }, () => ({ contents }))
  },
}

const aboutPackage = new URL('../../../package.json', import.meta.url)
let own: ProgramApi | null = null

/** What this installation offers. */
export function ownApi(): ProgramApi {
  if (own === null) {
    const { version } = JSON.parse(readFileSync(aboutPackage, 'utf8')) as { readonly version: string }
    own = { version, api: programApi }
  }
  return own
}

/** Why a bundle for that cannot be loaded here, in one line; null: it can. */
export function apiProblem(wanted: ProgramApi, offered = ownApi()): string | null {
  if (wanted.api === offered.api) return null
  const named = ({ version, api }: ProgramApi): string => `Paritas ${version} (programs' interface ${api})`
  return `the program was bundled by ${named(wanted)}, and here is ${named(offered)}: use the same version on both sides`
}
