import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What is executed; source maps, types and what compilers note for themselves are not. */
const isCode = (name: string): boolean => /\.([cm]?[jt]s|wasm)$/.test(name) && !/\.d\.[cm]?ts$/.test(name)

/** Of all code in the folders: the same for the same code, wherever it lies. */
export function codeHash(folders: readonly string[]): string {
  const hash = createHash('sha256')
  for (const folder of folders) {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isCode).sort()
    for (const name of names) {
      const code = readFileSync(join(folder, name))
      hash.update(`${name} ${code.length}\n`).update(code)
    }
  }
  return hash.digest('hex')
}
