import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'
import * as paritas from '../../program/paritas.ts'

/** Where each thread has the copy of 'paritas' that its programs get, whatever else is installed where they are. */
const shared = Symbol.for('paritas.program')

/** What source maps name in its place. */
const file = fileURLToPath(new URL('../../../dist/program/paritas.js', import.meta.url))

/** To be called before a program is imported. */
export function sharePackage(): void {
  ;(globalThis as { [shared]?: object })[shared] = paritas
}

/** Has programs take 'paritas' from there. */
export const sharedPackage: Plugin = {
  name: 'paritas',
  setup(builder) {
    // Each by itself, so that what a program does not use is not in its code.
    const parts = Object.keys(paritas).map((name) => `export const ${name} = /* @__PURE__ */ (() => shared.${name})()`)
    const contents = [`const shared = globalThis[Symbol.for('${shared.description}')]`, ...parts].join('\n')
    builder.onResolve({ filter: /^paritas$/ }, () => ({ path: file, pluginData: shared }))
    builder.onLoad({ filter: /./ }, ({ pluginData }) => (pluginData === shared ? { contents } : undefined))
  },
}
