// WebAssembly programs on the real machine: bundled, killed and restored.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadProgram, type RunNews } from '../../src/machine/index.ts'
import { assemble } from '../program/assembly-script.ts'
import { binaryModule } from '../program/binary-module.ts'
import { ProgramModules } from './program-modules.ts'
import { finished, lossesOf, runProgram } from './run-program.ts'

const modules = new ProgramModules()
afterAll(() => modules.remove())

/** A program around the module `module.wasm`, both written into the folder. */
function write(name: string, wasm: Uint8Array, parts = 'memoryBytesMax: 8 * 2 ** 20'): string {
  writeFileSync(join(modules.folder, `${name}.wasm`), wasm)
  const source = `import { integer, wasmProgram } from 'paritas'
    import wasm from './${name}.wasm'
    export default wasmProgram({ name: '${name}', wasm, ${parts} })`
  return modules.write(`${name}.ts`, source)
}

/**
 * A ring that hands a number on. Each process keeps what it was given in a list, whose memory grows from step to step,
 * and its heap, the list and the sum in globals that the module does not export.
 */
const ring = `
  import { done, processes, progress, rank, read, receive, send } from './paritas'
  let rounds = 0
  let round = 0
  let sum: i64 = 0
  let kept: i64[] = []
  const token: StaticArray<i64> = [0]
  const left = (rank() + processes() - 1) % processes()
  const right = (rank() + 1) % processes()
  export function start(count: i32): void {
    rounds = count
    if (rank() == 0) send(right, 1, changetype<usize>(token), 8)
    receive(left, 1)
  }
  export function step(): void {
    read(0, changetype<usize>(token))
    kept.push(token[0])
    sum += token[0]
    token[0] = token[0] * 3 + rank() & 0xffffff
    if (rank() == 0) progress(round, rounds)
    if (++round < rounds || rank() > 0) send(right, 1, changetype<usize>(token), 8)
    if (round < rounds) return receive(left, 1)
    let again: i64 = 0
    for (let i = 0; i < kept.length; i++) again += kept[i]
    done(again == sum ? f64(sum) : NaN)
  }`

/** What the ring must come to. */
function expectedSums(processes: number, rounds: number): number[] {
  const sums = Array<number>(processes).fill(0)
  let token = 0
  for (let handover = 1; handover <= processes * rounds; handover += 1) {
    // Process 0 hands on what it has to begin with, and takes the last one.
    const rank = handover % processes
    sums[rank]! += token
    token = (token * 3 + rank) & 0xffffff
  }
  return sums
}

describe('a WebAssembly program', () => {
  it.each([
    ['the first time', [1]],
    ['again and again', [1, 3, 5]],
  ])('goes on rightly where a process of it is killed, %s', async (_, commits) => {
    const rounds = 1000
    const program = write(
      'ring',
      await assemble(ring),
      "memoryBytesMax: 8 * 2 ** 20, size: { rounds: integer({ default: 1000, help: '' }) }",
    )
    const killed: RunNews[] = []
    const ran = await runProgram({
      program,
      faults: commits.map((checkpoint) => ({ kind: 'kill', who: 'a1', when: { kind: 'commit', checkpoint } })),
      options: { timeoutMs: 15, spares: commits.length },
      onNews: (news) => news.type === 'fault' && killed.push(news),
    })
    const { results } = finished(ran)
    expect(results).toEqual(expectedSums(4, rounds))
    expect(killed).toHaveLength(commits.length)
    // A kill that falls into a recovery makes it begin again: both are told as one, with all that was lost.
    expect(lossesOf(ran).flat()).toEqual(commits.map(() => 'a1'))
  })

  it('is bundled with its module: the file may change or go once the program is loaded', async () => {
    const program = write('bundled', binaryModule())
    const loaded = await loadProgram(program, modules.folders())
    rmSync(join(modules.folder, 'bundled.wasm'))
    expect(loaded.program.name).toBe('bundled')
    const again = (await import(`${loaded.moduleUrl}?again`)) as { default: { name: string } }
    expect(again.default.name).toBe('bundled')
  })

  it('whose module cannot be one is refused in one line that says where', async () => {
    const program = write(
      'refused',
      binaryModule({
        memories: [
          [0, 1],
          [0, 1],
        ],
      }),
    )
    await expect(loadProgram(program, modules.folders())).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(/refused\.ts:3:\d+: wasm is no WebAssembly module: /),
    })
  })

  it('whose module is not there is refused in one line that says where', async () => {
    const program = write('missing', binaryModule())
    rmSync(join(modules.folder, 'missing.wasm'))
    await expect(loadProgram(program, modules.folders())).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(/missing\.ts:2:\d+: Could not resolve "\.\/missing\.wasm"$/),
    })
  })

  it('that traps ends the run, with the trap and where it was', async () => {
    const wasm = await assemble(
      `
      export function start(): void { fall(0) }
      export function step(): void {}
      @inline function fall(address: usize): void { store<u8>(address - 1, 1) }`,
      '--debug',
    )
    const { outcome } = await runProgram({ program: write('trap', wasm) })
    expect(outcome).toMatchObject({
      name: 'ProgramError',
      message: expect.stringContaining('memory access out of bounds'),
      detail: expect.stringMatching(/at module\/start \(wasm:\/\//),
    })
  })
})
