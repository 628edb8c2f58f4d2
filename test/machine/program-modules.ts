import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const programsFolder = fileURLToPath(new URL('../../programs', import.meta.url))

/** A folder for program modules of a test, and one for each bundle. */
export class ProgramModules {
  readonly folder = mkdtempSync(join(tmpdir(), 'paritas-programs-'))
  #bundles = 0

  /** Writes a module and returns its path. */
  write(name: string, source: string): string {
    const path = join(this.folder, name)
    writeFileSync(path, source)
    return path
  }

  /** Folders for one `loadProgram`. */
  folders() {
    this.#bundles += 1
    const cacheFolder = join(this.folder, `bundle-${this.#bundles}`)
    mkdirSync(cacheFolder)
    return { programsFolder, cacheFolder }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
