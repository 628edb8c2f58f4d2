import { readFileSync } from 'node:fs'
import asc from 'assemblyscript/asc'

const imports = readFileSync(new URL('../../programs/life/assembly/paritas.ts', import.meta.url), 'utf8')

/** Compiles a module that may import './paritas', as users do it. */
export async function assemble(source: string, ...options: string[]): Promise<Uint8Array> {
  const files: Readonly<Record<string, string>> = { 'module.ts': source, 'paritas.ts': imports }
  let binary: Uint8Array | null = null
  let problems = ''
  const { error } = await asc.main(
    ['module.ts', '--outFile', 'module.wasm', '-O1', '--initialMemory', '1', ...options],
    {
      readFile: (name) => files[name] ?? null,
      writeFile: (name, contents) => {
        if (name === 'module.wasm') binary = new Uint8Array(contents as Uint8Array)
      },
      listFiles: () => [],
      stderr: { write: (text: unknown) => (problems += String(text)) },
    },
  )
  if (error || binary === null) throw new Error(`it does not compile: ${problems}`)
  return binary
}
