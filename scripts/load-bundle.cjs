// Runs a bundle with the compile cache beside it, in which V8 finds functions compiled. `bundle.mjs` makes bundles, and
// `compile-bundles.mjs` caches.
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { pathToFileURL } = require('node:url')
const { Script } = require('node:vm')

/** Where a bundle says what its code hashes to: the begin of a text that evaluates to `{ hash, chunks }`. */
const hashAt = { start: '({hash:"'.length, length: 64 }

/** Runs the bundle `name`. */
exports.load = (name, cache = name) => {
  const filename = join(__dirname, `${name}.bundle.js`)
  const source = readFileSync(filename, 'latin1')
  const { script, chunks } = evaluate(filename, source, readCache(cache)) ?? evaluate(filename, source, undefined)
  const inDist = (path) => pathToFileURL(join(__dirname, '..', path)).href
  const modules = new Map()
  const requireChunk = (path) => {
    const chunk = chunks[path]
    if (chunk === undefined) return require(path)
    let module = modules.get(path)
    if (module === undefined) {
      module = { exports: {} }
      modules.set(path, module)
      chunk(requireChunk, module, module.exports, inDist, (url) => import(url))
    }
    return module.exports
  }
  requireChunk('./main.js')
  return script
}

/** Null if the cache is that of other code of the same length, which is all that V8 looks at. */
function evaluate(filename, source, cachedData) {
  const script = new Script(source, { filename, cachedData })
  const { hash, chunks } = script.runInThisContext()
  return hash === source.slice(hashAt.start, hashAt.start + hashAt.length) ? { script, chunks } : null
}

/** Undefined where there is none. One of another version of Node, or of other flags, V8 does not take. */
function readCache(name) {
  try {
    return readFileSync(join(__dirname, `${name}.cache`))
  } catch {
    return undefined
  }
}
