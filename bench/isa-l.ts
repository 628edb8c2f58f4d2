// ISA-L, run by a small C program that is compiled where the library and a compiler are there.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type ErasureCode, reedSolomonCode } from '../src/parity/index.ts'

export interface IsaL {
  /** Begins a process that measures; what is returned does one work once and says how many milliseconds it took. */
  measure(bytes: number): { run(work: string): Promise<number>; end(): void }
  /** The rows of a code out of the processes' bytes, all of one length. */
  encode(code: ErasureCode, processes: readonly Uint8Array[]): Uint8Array[]
  invert(matrix: readonly (readonly number[])[]): number[][]
}

/** null where ISA-L or a C compiler is missing. */
export function compileIsaL(): IsaL | null {
  const source = fileURLToPath(new URL('../../bench/isa-l.c', import.meta.url))
  const folder = mkdtempSync(join(tmpdir(), 'paritas-isa-l-'))
  const program = join(folder, 'isa-l')
  process.on('exit', () => rmSync(folder, { recursive: true }))
  spawnSync(process.env.CC ?? 'cc', ['-O2', source, '-lisal', '-o', program], { stdio: 'ignore' })
  if (!existsSync(program)) return null
  const call = (args: readonly (string | number)[], input = new Uint8Array(0)): Buffer => {
    const { status, stdout } = spawnSync(program, args.map(String), { input, maxBuffer: 2 ** 28 })
    if (status !== 0) throw new Error(`isa-l ${args.join(' ')} ended with ${status}`)
    return stdout
  }
  return {
    measure(bytes) {
      const { stdin, stdout } = spawn(program, ['measure', String(bytes)], { stdio: ['pipe', 'pipe', 'inherit'] })
      const lines = createInterface({ input: stdout })
      const run = async (work: string): Promise<number> => {
        const line = new Promise<string>((resolve) => lines.once('line', resolve))
        stdin.write(`${work}\n`)
        return Number(await line)
      }
      return { run, end: () => stdin.end() }
    },
    encode(code, processes) {
      const { length } = processes[0]!
      const input = Buffer.concat([Uint8Array.from(coefficients(code).flat()), ...processes])
      const output = call(['encode', code.processes, code.checks, length], input)
      return Array.from({ length: code.checks }, (_, check) => output.subarray(check * length, (check + 1) * length))
    },
    invert(matrix) {
      const size = matrix.length
      const output = call(['invert', size], Uint8Array.from(matrix.flat()))
      return matrix.map((_, row) => [...output.subarray(row * size, (row + 1) * size)])
    },
  }
}

function coefficients(code: ErasureCode): number[][] {
  return Array.from({ length: code.checks }, (_row, check) =>
    Array.from({ length: code.processes }, (_one, process) => code.coefficient(check, process)),
  )
}

/**
 * What ISA-L makes of a code's coefficients: its rows, and for some losses the matrix that leads from the members left
 * (processes in order, then the first rows) back to all processes.
 */
export function vectors(isaL: IsaL | null): object {
  if (isaL === null) throw new Error('ISA-L is not here: install libisal-dev and a C compiler')
  const code = reedSolomonCode(10, 8)
  const data = Array.from({ length: 10 }, (_process, i) =>
    Uint8Array.from({ length: 256 }, (_byte, at) => (at + 1) * (i + 3) + (at >> 2) * i),
  )
  const unit = (process: number): number[] => data.map((_, i) => (i === process ? 1 : 0))
  const losses = [[0], [3, 7], [0, 1, 2], [2, 4, 6, 9], [0, 1, 2, 3, 4, 5, 6, 7]].map((lost) => {
    const left = data.map((_, process) => process).filter((process) => !lost.includes(process))
    const members = [...left, ...lost.map((_, row) => code.processes + row)]
    const inverse = isaL.invert([...left.map(unit), ...coefficients(code).slice(0, lost.length)])
    return { lost, members, rebuilt: lost.map((process) => inverse[process]!) }
  })
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
  return {
    coefficients: coefficients(code),
    processes: data.map(hex),
    rows: isaL.encode(code, data).map(hex),
    losses,
  }
}
