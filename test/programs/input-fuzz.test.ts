/** Whatever file is given as --input: it is read, or refused in one line that names it; no other error, and in bounded time. */
import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import matrixMultiplication from '../../programs/matrix-multiplication.ts'
import mergeSort from '../../programs/merge-sort.ts'
import shortestPaths from '../../programs/shortest-paths.ts'
import { isUsageError } from '../../src/base/index.ts'
import { defaultSizes, type Program, readInput, type SourceFile } from '../../src/program/index.ts'

interface Reading {
  readonly program: Program
  /** Files that are read, as bytes. */
  readonly honest: readonly Uint8Array[]
  readonly names: readonly string[]
}

const text = (...lines: readonly string[]): Uint8Array => new TextEncoder().encode(`${lines.join('\n')}\n`)

/** A file of NumPy with a matrix of 2 x 2 whole numbers of 4 bytes. */
function npy(): Uint8Array {
  const header = "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 2), }".padEnd(117)
  const values = Uint8Array.from([1, 2, 3, 4].flatMap((value) => [value, 0, 0, 0]))
  return Uint8Array.from([0x93, ...text('NUMPY').slice(0, 5), 1, 0, 118, 0, ...text(header), ...values])
}

const market = text('%%MatrixMarket matrix coordinate real general', '% why', '2 2 3', '1 1 0.5', '1 2 -3e2', '2 2 7')
const marketArray = text('%%MatrixMarket matrix array integer symmetric', '2 2', '1', '2', '3')

const readings: readonly Reading[] = [
  { program: mergeSort, honest: [text('1', '-2.5', '', '1e9')], names: ['numbers.txt'] },
  { program: shortestPaths, honest: [text('c why', 'p sp 3 2', 'a 1 2 5', 'a 2 3 -1')], names: ['graph.gr'] },
  { program: matrixMultiplication, honest: [market, marketArray], names: ['a.mtx', 'b.mtx'] },
  { program: matrixMultiplication, honest: [npy(), npy()], names: ['a.npy', 'b.npy'] },
] as unknown as readonly Reading[]

function source(name: string, content: Uint8Array): SourceFile {
  return {
    name,
    async *texts() {
      yield new TextDecoder().decode(content)
    },
    bytes: async () => content,
  }
}

/** Whether the files were read; fails on any other end than that or one line to the user. */
async function isRead({ program, names }: Reading, files: readonly Uint8Array[]): Promise<boolean> {
  const sources = files.map((content, index) => source(names[index]!, content))
  try {
    await readInput(program, sources, { size: defaultSizes(program.size ?? {}) })
    return true
  } catch (error) {
    expect(isUsageError(error), String((error as Error).stack)).toBe(true)
    const { message } = error as Error
    expect(message).not.toContain('\n')
    expect(names.some((name) => message.includes(name))).toBe(true)
    return false
  }
}

/** By number, so that a counter-example can be read. */
const reading = fc.nat(readings.length - 1)
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 6 }),
  fc
    .constantFrom('9', '-', 'e', '.', ' ', '\n', '\r\n', '0', ',', 'nan', '1e400', '%', 'p', '\u0000')
    .map((one) => text(one).slice(0, -1)),
)
const change = fc.record({ at: fc.nat(), piece, cut: fc.nat(5) })

function changed(file: Uint8Array, { at, piece, cut }: { at: number; piece: Uint8Array; cut: number }): Uint8Array {
  const place = at % (file.length + 1)
  return Uint8Array.from([...file.slice(0, place), ...piece, ...file.slice(place + cut)])
}

test.each(readings)('$names are read as they are', async (one) => {
  expect(await isRead(one, one.honest)).toBe(true)
})

test.prop([reading, fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(1)], { numRuns: 1500 })(
  'changed files',
  async (number, changes, which) => {
    const one = readings[number]!
    const files = one.honest.map((file, index) =>
      index === which % one.honest.length ? changes.reduce(changed, file) : file,
    )
    await isRead(one, files)
  },
)

test.prop([reading, fc.uint8Array({ maxLength: 300 })], { numRuns: 500 })('noise', async (number, noise) => {
  const one = readings[number]!
  await isRead(one, [noise, ...one.honest.slice(1)])
})

test.each([
  [readings[1]!, [text('p sp 4096 4000000')]],
  [readings[2]!, [text('%%MatrixMarket matrix coordinate real general', '16384 16384 9', '1 1 1'), market]],
  [readings[2]!, [text('%%MatrixMarket matrix array real general', '16384 16384', '1'), market]],
] as const)(
  'a file that claims far more than it holds takes no memory for it before it is refused',
  async (one, files) => {
    const before = process.memoryUsage().rss
    expect(await isRead(one, files)).toBe(false)
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 30)
  },
)
