import { SourceMap, type SourceMapPayload } from 'node:module'
import { inBytes } from '../../base/index.ts'
import { type Bundled, placeName } from './bundler.ts'
import { bundleLimits, moduleName } from './manifest.ts'
import type { ProgramBundle } from './program-bundle.ts'
import { sourceName } from './source-url.ts'

/** What code cannot have with it on another host, and what to do instead. */
const sought = [
  {
    pattern: new RegExp(`${placeName.replace('$', '\\$')}\\.(?:url|dirname|filename)\\b`, 'g'),
    what: 'asks by import.meta where it lies, and what it would read there is not on other hosts: import that (.json, .txt, .wasm), or hand it over by --input',
  },
  {
    pattern: /[\w)\]}-]\.node['"`]|\bdlopen\b/g,
    what: 'loads a native module, and those are made for one computer: use WebAssembly, or JavaScript',
  },
]

/** Why the bundle cannot run on other hosts: one line for each kind of reason and each file. */
export function obstaclesOf({ code, files }: Bundled, bundle: ProgramBundle): string[] {
  const map = new SourceMap(JSON.parse(String(files.get(`${moduleName}.map`))) as SourceMapPayload)
  // What stands above is not the program's.
  const begin = code.indexOf('\n')
  const found = sought.flatMap(({ pattern, what }) => {
    const places = [...code.matchAll(pattern)].filter(({ index }) => index > begin)
    const lines = new Map(places.map(({ index }) => placeOf(code, index, map)).toReversed())
    return [...lines].map(([file, line]) => `${file}:${line} ${what}`)
  })
  const { bytesMax } = bundleLimits
  if (bundle.bytes <= bytesMax) return found
  return [...found, `with all that it imports it takes more than the ${inBytes(bytesMax)} that a host takes`]
}

/** File and line of the source. */
function placeOf(code: string, index: number, map: SourceMap): [file: string, line: number] {
  const before = code.slice(0, index).split('\n')
  const entry = map.findEntry(before.length - 1, before.at(-1)!.length)
  if (!('originalSource' in entry)) return [moduleName, before.length]
  return [sourceName(entry.originalSource), entry.originalLine + 1]
}
