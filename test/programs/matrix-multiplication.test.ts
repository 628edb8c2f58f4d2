import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { problemWithProduct } from '../../programs/matrix-multiplication/product-check.ts'
import matrixMultiplication from '../../programs/matrix-multiplication.ts'
import { memoryLayout, type Program, parseSizes, readInput, type SourceFile } from '../../src/program/index.ts'
import { type Run, runInOneThread } from './run-in-one-thread.ts'
import { binaryFile, textFile } from './source-files.ts'

const program = matrixMultiplication as unknown as Program

/** The product that a run has emitted, row by row. */
function productOf({ emitted }: Run): number[][] {
  const [n, ...slices] = emitted as [number, ...Float64Array[]]
  const byColumn = slices.flatMap((slice) => [...slice])
  return Array.from({ length: n }, (_, row) => Array.from({ length: n }, (_, column) => byColumn[column * n + row]!))
}

const text = (rows: readonly (readonly number[])[]): string => {
  const size = `${rows.length} ${rows[0]!.length}`
  const byColumn = rows[0]!.flatMap((_, column) => rows.map((row) => row[column]))
  return `%%MatrixMarket matrix array real general\n% made by a test\n${size}\n${byColumn.join('\n')}\n`
}

const read = (...files: SourceFile[]) => readInput(program, files, { size: parseSizes(program, []) })

describe('multiplying', () => {
  test.prop([fc.integer({ min: 1, max: 25 }), fc.constantFrom(1, 4, 9, 16), fc.integer()], { numRuns: 40 })(
    'is exact for any size, grid and order of steps',
    async (n, processes, seed) => {
      const settings = [`n=${n}`, 'seed=5']
      const run = runInOneThread(program, { processes, settings, seed })
      expect(await program.verify!({ ...run, processes, input: null })).toBeNull()
      expect(run.results).toEqual([
        { n, grid: expect.stringMatching(/^(\d) x \1$/), checksum: expect.any(String) },
        ...Array(processes - 1).fill(undefined),
      ])
      const alone = runInOneThread(program, { processes: 1, settings })
      expect(productOf(run)).toEqual(productOf(alone))
      expect((run.results[0] as { checksum: string }).checksum).toBe(
        (alone.results[0] as { checksum: string }).checksum,
      )
    },
  )

  test('passes the blocks on in more than one step, and stands up to the test of Freivalds', async () => {
    const run = runInOneThread(program, { processes: 4, settings: ['n=530'], seed: 3 })
    expect(await program.verify!({ ...run, processes: 4, input: null })).toBeNull()
    const shares = run.progress.map(([done, total]) => done / total)
    expect(Math.max(...shares)).toBe(1)
    // Two parts of a block of side 268 in each of two rounds, on each of four processes; 5 panels per column of the grid.
    expect(run.progress).toHaveLength(2 * 2 * 4 + 2 * 5)
  })

  test('of matrices from files gives the product of just these', async () => {
    const a = [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 10.5],
    ]
    const b = [
      [0, 1, 0],
      [0.25, 0, 0],
      [0, 0, -1],
    ]
    const { data, size } = await read(textFile('a.mtx', text(a)), textFile('b.mtx', text(b)))
    for (const processes of [1, 4, 9]) {
      const run = runInOneThread(program, { processes, size, input: data, seed: 2 })
      expect(productOf(run)).toEqual([
        [0.5, 1, -3],
        [1.25, 4, -6],
        [2, 7, -10.5],
      ])
      expect(await program.verify!({ ...run, processes, input: data })).toBeNull()
    }
  })

  test('writes what it can read', async () => {
    const run = runInOneThread(program, { processes: 4, settings: ['n=5'] })
    const written = run.emitted.map((value) => program.output!.format(value)).join('')
    expect(written).toMatch(/^%%MatrixMarket matrix array real general\n5 5\n/)
    const { data, size } = await read(textFile('c.mtx', written), textFile('c.mtx', written))
    expect(size).toMatchObject({ n: 5 })
    expect([...data.subarray(0, 25)]).toEqual(productOf(run).flat())
  })

  test('writes whole numbers with all their digits', async () => {
    const file = textFile('a.mtx', text([[2 ** 40]]))
    const { data, size } = await read(file, file)
    const run = runInOneThread(program, { processes: 1, size, input: data })
    const written = run.emitted.map((value) => program.output!.format(value)).join('')
    expect(written.split('\n')[2]).toBe('1208925819614629174706176')
  })

  test.each([2, 3, 6, 15])('%i processes make no grid: one clear line', (processes) => {
    const message = `program 'matrix-multiplication': ${processes} processes make no square grid: use --processes 1, 4, 9, 16 or another square`
    expect(() => memoryLayout(program, { rank: 0, processes, size: parseSizes(program, []) })).toThrow(message)
  })
})

describe('verify', () => {
  const change = async (settings: string[], index: number): Promise<string | null> => {
    const run = runInOneThread(program, { processes: 4, settings })
    ;(run.emitted[1] as Float64Array)[index]! += 2 ** -20
    return program.verify!({ ...run, processes: 4, input: null })
  }

  test('finds one bit too many in one element, at small sizes by its place', async () => {
    expect(await change(['n=6'], 3)).toMatch(/^element \(4, 1\) is -?\d\.\d+, but should be -?\d\.\d+$/)
    expect(await change(['n=300'], 310)).toBe("row 11 of the product is wrong, by Freivalds' test")
  })

  test('finds elements that are missing', async () => {
    const run = runInOneThread(program, { processes: 1, settings: ['n=6'] })
    run.emitted[1] = new Float64Array(35)
    const problem = await program.verify!({ ...run, processes: 1, input: null })
    expect(problem).toBe('35 elements came out, but there are 36')
  })

  test.each([20, 300])('allows for the rounding of sums, and no more, with %i rows', (side) => {
    const a = (row: number, column: number): number => 1 / (row + column + 1)
    const c = new Float64Array(side * side)
    for (let row = 0; row < side; row += 1) {
      for (let column = 0; column < side; column += 1) {
        let sum = 0
        for (let k = side - 1; k >= 0; k -= 1) sum += a(row, k) * a(k, column)
        c[column * side + row] = sum
      }
    }
    const product = { side, a, b: a, c, isExact: false }
    expect(problemWithProduct(product)).toBeNull()
    c[side + 2]! *= 1 + 1e-9
    expect(problemWithProduct(product)).toMatch(/^element \(3, 2\)|^row 3 /)
    c[side + 2] = Number.NaN
    expect(problemWithProduct(product)).toMatch(/^element \(3, 2\)|^row 3 /)
  })
})

describe('a product of tiny numbers', () => {
  // About 1e-160, so that products are near 1e-320, where there are 11 bits and less.
  const tiny = (scale: number) => (row: number, column: number) =>
    (1 + ((row * 31 + column * 17) % 97) / 97) * scale * ((row + column) % 2 === 0 ? 1 : -1)

  test.each([
    [257, 1e-160],
    [300, 1e-160],
    [257, 1e-154],
    [100, 1e-160],
    [300, 1e-162],
    [20, 1e-170],
  ])('with %i rows near %f is right where it is, and a wrong one is found', async (n, scale) => {
    const a = tiny(scale)
    const b = (row: number, column: number) => a(column, row * 2)
    const input = Float64Array.from({ length: 2 * n * n }, (_, index) => {
      const [row, column] = [Math.floor((index % (n * n)) / n), index % n]
      return index < n * n ? a(row, column) : b(row, column)
    })
    const run = runInOneThread(program, { processes: 4, size: { n, seed: 1 }, input })
    expect(await program.verify!({ ...run, processes: 4, input })).toBeNull()
    const slice = run.emitted[1] as Float64Array
    slice[3] = slice[3]! + scale
    expect(await program.verify!({ ...run, processes: 4, input })).toMatch(/^element \(4, 1\) is|^row 4 of the product/)
  })
})

describe('Matrix Market files', () => {
  const good = textFile(
    'b.mtx',
    text([
      [1, 0],
      [0, 1],
    ]),
  )
  const first = async (content: string): Promise<number[]> => {
    const { data } = await read(textFile('a.mtx', content), good)
    return [...data.subarray(0, data.length / 2)].map(Number)
  }

  test.each([
    ['array real general\n2 2\n1\n2\n3\n4', [1, 3, 2, 4]],
    ['array integer symmetric\n%\n2 2\n\n1\n2\n3', [1, 2, 2, 3]],
    ['array real skew-symmetric\n2 2\n5', [0, -5, 5, 0]],
    ['coordinate real general\n2 2 2\n1 2 1.5\n2 1 -2e3', [0, 1.5, -2000, 0]],
    ['coordinate real symmetric\n2 2 2\n1 1 3\n2 1 7', [3, 7, 7, 0]],
    ['coordinate real general\n2 2 0', [0, 0, 0, 0]],
    ['coordinate pattern general\n2 2 2\n1 2\n2 2', [0, 1, 0, 1]],
    ['coordinate pattern symmetric\n2 2 1\n2 1', [0, 1, 1, 0]],
    ['array real general\n2 2\n1.0D+03\n-2d0\n.5\n+7.', [1000, 0.5, -2, 7]],
    ['array integer general\n2 2\n+1\n-2.0\n9007199254740992\n18446744073709551616', [1, 2 ** 53, -2, 2 ** 64]],
    ['array real general\n  % indented\n2 2\n1\n\t%\n2\n3\n4', [1, 3, 2, 4]],
  ])('%j', async (rest, expected) => {
    expect(await first(`%%MatrixMarket matrix ${rest}\n`)).toEqual(expected)
  })

  const banner = '%%MatrixMarket matrix'
  test.each([
    ['', 'a.mtx:0: the file ends before it says how large the matrix is'],
    [
      '1 2\n3 4\n',
      "a.mtx:1: a Matrix Market file begins with '%%MatrixMarket matrix', and a file of NumPy ends in .npy",
    ],
    [
      `${banner} array complex general\n`,
      "a.mtx:1: the values must be real or integer numbers or a pattern, but are 'complex'",
    ],
    [
      `${banner} array pattern general\n`,
      'a.mtx:1: a pattern says where entries are, so its format must be coordinate, not array',
    ],
    [`${banner} coordinate pattern general\n2 2 1\n1 1 5\n`, "a.mtx:3: '1 1 5' must be a row and a column"],
    [
      `${banner} coordinate integer general\n2 2 1\n1 1 1.5\n`,
      'a.mtx:3: 1.5 is no whole number, but the file says that its values are integer',
    ],
    ...['0x10', '0b11', '0o7', 'inf', 'NaN', '1_0'].map((word): [string, string] => [
      `${banner} array real general\n1 1\n${word}\n`,
      `a.mtx:3: '${word}' is no number`,
    ]),
    ...['1e-400', '-1D-999', '1e400'].map((word): [string, string] => [
      `${banner} coordinate real general\n1 1 1\n1 1 ${word}\n`,
      `a.mtx:3: '${word}' is beyond what a 64-bit floating point number can hold`,
    ]),
    ...['integer', 'real'].map((kind): [string, string] => [
      `${banner} array ${kind} general\n1 1\n9007199254740993\n`,
      "a.mtx:3: '9007199254740993' has more digits than a 64-bit floating point number can hold (it would become 9007199254740992)",
    ]),
    [
      `${banner} array integer general\n1 1\n0.99999999999999999999\n`,
      'a.mtx:3: 0.99999999999999999999 is not in digits, but the file says that its values are integer',
    ],
    [`${banner} array real general\n0x2 2\n`, "a.mtx:2: '0x2 2' is no size: it must say rows and columns"],
    [`${banner} array real general\n2e0 2\n`, "a.mtx:2: '2e0 2' is no size: it must say rows and columns"],
    [`${banner} array real general\n-2 -2\n`, "a.mtx:2: '-2 -2' is no size: it must say rows and columns"],
    [`${banner} coordinate real general\n2 2 2\n1 2 1\n1 2 3\n`, 'a.mtx:4: row 1, column 2 is given a second time'],
    [`${banner} coordinate real symmetric\n2 2 2\n2 1 1\n1 2 3\n`, 'a.mtx:4: row 1, column 2 is given a second time'],
    [
      `${banner} coordinate real skew-symmetric\n2 2 1\n1 1 3\n`,
      'a.mtx:3: a skew-symmetric matrix has only zeros on its diagonal, and none are given',
    ],
    [`${banner} dense real general\n`, "a.mtx:1: the format must be array or coordinate, but is 'dense'"],
    [`${banner} array real\n`, "a.mtx:1: the symmetry must be general, symmetric or skew-symmetric, but is ''"],
    [`${banner} array real general\n%\n2 3\n`, 'a.mtx:3: the matrix must be square, but has 2 rows and 3 columns'],
    [`${banner} array real general\n0 0\n`, 'a.mtx:2: the matrix must have 1 to 16384 rows, but has 0'],
    [`${banner} array real general\n2\n`, "a.mtx:2: '2' is no size: it must say rows and columns"],
    [
      `${banner} coordinate real general\n2 2 x\n`,
      "a.mtx:2: '2 2 x' is no size: it must say rows, columns and the count of values",
    ],
    [`${banner} array real general\n2 2\n1\nzwei\n`, "a.mtx:4: 'zwei' is no number"],
    [`${banner} array real general\n2 2\n1 2\n`, "a.mtx:3: '1 2' must be one value"],
    [`${banner} array real general\n1 1\n1e200\n`, 'a.mtx:3: 1e200 is beyond 1e+145, so that products could overflow'],
    [`${banner} array real general\n2 2\n1\n`, 'a.mtx:3: the file ends after 1 of 4 values'],
    [`${banner} array real general\n1 1\n1\n2\n`, 'a.mtx:4: a value too many: the matrix has 1'],
    [`${banner} coordinate real general\n2 2 1\n3 1 5\n`, "a.mtx:3: '3' is no row or column: they go from 1 to 2"],
    [`${banner} coordinate real general\n2 2 1\n1 1\n`, "a.mtx:3: '1 1' must be a row, a column and a value"],
  ])('%j is refused', async (content, message) => {
    await expect(first(content)).rejects.toThrow(message)
  })

  test('of different sizes are refused', async () => {
    const small = textFile('small.mtx', text([[1]]))
    await expect(read(small, good)).rejects.toThrow('small.mtx is 1 x 1, but b.mtx is 2 x 2: they must be the same')
  })
})

describe('files of NumPy', () => {
  const npy = (dictionary: string, elements: Uint8Array, version = 1): Uint8Array => {
    const header = new TextEncoder().encode(`${dictionary}\n`)
    const bytes = [header.length & 255, (header.length >> 8) & 255, header.length >> 16, 0]
    const length = bytes.slice(0, version === 1 ? 2 : 4)
    return Uint8Array.of(0x93, ...new TextEncoder().encode('NUMPY'), version, 0, ...length, ...header, ...elements)
  }
  const dictionary = (descr: string, shape = '(2, 2)', order = 'False'): string =>
    `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`
  const bytesOf = (values: ArrayBufferView): Uint8Array => new Uint8Array(values.buffer as ArrayBuffer)
  const first = async (bytes: Uint8Array): Promise<number[]> => {
    const { data } = await read(
      binaryFile('a.npy', bytes),
      binaryFile('b.NPY', npy(dictionary('|u1'), Uint8Array.of(1, 0, 0, 1))),
    )
    return [...data.subarray(0, 4)].map(Number)
  }

  test.each([
    ['<f8', bytesOf(Float64Array.of(1, 2.5, -3, 4e9))],
    ['<f4', bytesOf(Float32Array.of(1, 2.5, -3, 4e9))],
  ])('%s', async (descr, elements) => {
    expect(await first(npy(dictionary(descr), elements))).toEqual([1, 2.5, -3, 4e9])
    expect(await first(npy(dictionary(descr), elements, 2))).toEqual([1, 2.5, -3, 4e9])
  })

  test.each([
    ['<f2', Uint16Array.of(0x3c00, 0xc100, 0x0001, 0x7bff), [1, -2.5, 2 ** -24, 65504]],
    ['>f2', Uint8Array.of(0x3c, 0, 0xc1, 0, 0x80, 0, 0x03, 0xff), [1, -2.5, -0, 1023 * 2 ** -24]],
    ['|b1', Uint8Array.of(1, 0, 0, 1), [1, 0, 0, 1]],
  ])('%s', async (descr, elements, expected) => {
    expect(await first(npy(dictionary(descr), bytesOf(elements)))).toEqual(expected)
  })

  test.each([
    ['|i1', Int8Array.of(1, -2, 3, 4)],
    ['<i2', Int16Array.of(1, -2, 3, 4)],
    ['<i4', Int32Array.of(1, -2, 3, 4)],
    ['<i8', BigInt64Array.of(1n, -2n, 3n, 4n)],
    ['>i2', Uint8Array.of(0, 1, 255, 254, 0, 3, 0, 4)],
  ])('%s', async (descr, elements) => {
    expect(await first(npy(dictionary(descr), bytesOf(elements)))).toEqual([1, -2, 3, 4])
  })

  test.each([
    ['|u1', Uint8Array.of(1, 2, 3, 200)],
    ['<u2', Uint16Array.of(1, 2, 3, 200)],
    ['<u4', Uint32Array.of(1, 2, 3, 200)],
    ['<u8', BigUint64Array.of(1n, 2n, 3n, 200n)],
  ])('%s', async (descr, elements) => {
    expect(await first(npy(dictionary(descr, '(2,2)', 'True'), bytesOf(elements)))).toEqual([1, 3, 2, 200])
  })

  test('of 64 bits are taken exactly', async () => {
    expect(
      await first(npy(dictionary('<i8'), bytesOf(BigInt64Array.of(2n ** 53n, -(2n ** 63n), 2n ** 60n, 0n)))),
    ).toEqual([2 ** 53, -(2 ** 63), 2 ** 60, 0])
    expect(
      await first(npy(dictionary('<u8'), bytesOf(BigUint64Array.of(2n ** 63n, 1n, 0n, 2n ** 64n - 2048n)))),
    ).toEqual([2 ** 63, 1, 0, 2 ** 64 - 2048])
  })

  const four = bytesOf(Float64Array.of(1, 2, 3, 4))

  test.each([
    [`{"descr": "<f8", "fortran_order": True, "shape": (2, 2)}`, [1, 3, 2, 4]],
    [`{'descr' : '<f8', 'fortran_order' : True, 'shape' : (2, 2), }`, [1, 3, 2, 4]],
    [`{'shape':(2L,2L),'fortran_order':True,'descr':'<f8'}`, [1, 3, 2, 4]],
    [`{ 'descr':\n u'<f8', # by hand\n 'fortran_order':\tFalse , "shape": ( 0x2 , 2 , ) }`, [1, 2, 3, 4]],
    [`{'fortran_order': True, 'fortran_order': False, 'descr': '<f8', 'shape': (2, 2)}`, [1, 2, 3, 4]],
  ])('with the header %j', async (header, expected) => {
    expect(await first(npy(header, four))).toEqual(expected)
    expect(await first(npy(header, four, 3))).toEqual(expected)
  })

  const keysMessage = 'a.npy: the header must have the keys descr, fortran_order, shape, and no others'
  test.each([
    ["{'descr': '<f8', 'shape': (2, 2), }", keysMessage],
    ["{'descr': '<f8', 'fortran_order': False, }", keysMessage],
    ["{'fortran_order': False, 'shape': (2, 2), }", keysMessage],
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), 'order': 'F'}", keysMessage],
    ["{'descr': '<f8', 'Fortran_Order': True, 'shape': (2, 2)}", keysMessage],
    [dictionary('<f8', '(2, 2)', "'True'"), 'a.npy: fortran_order must be True or False'],
    [dictionary('<f8', '(2, 2)', '1'), 'a.npy: fortran_order must be True or False'],
    [dictionary('<f8', '(2, 2)', 'None'), 'a.npy: fortran_order must be True or False'],
    [
      dictionary('<f8', '(2, 2)', 'true'),
      "a.npy: the header is no literal of Python: it goes wrong at 'true, 'shape': (2, 2), }",
    ],
    [dictionary('<f8', "('2', '2')"), 'a.npy: the shape must be whole numbers in brackets'],
    [dictionary('<f8', '2'), 'a.npy: the shape must be whole numbers in brackets'],
    [dictionary('<f8', '(-2, -2)'), 'a.npy: the shape must be whole numbers in brackets'],
    ["['descr', 'fortran_order', 'shape']", 'a.npy: the header is no dictionary'],
  ])('with the header %j are refused', async (header, message) => {
    await expect(first(npy(header, four))).rejects.toThrow(message)
  })

  test.each([
    [Uint8Array.of(1, 2, 3), 'a.npy: this is no file of NumPy: it does not begin with its magic'],
    [npy(dictionary('<f8'), four).subarray(0, 30), 'a.npy: the file ends within its header'],
    [npy(dictionary('<f8'), four, 4), "a.npy: version 4 of NumPy's format is not known"],
    [
      npy(`${dictionary('<f8')}${' '.repeat(70_000)}`, four, 2),
      'a.npy: the header has 70060 bytes, so it is that of no matrix',
    ],
    [
      npy(dictionary('<i8'), bytesOf(BigInt64Array.of(1n, 2n, 3n, 2n ** 53n + 1n))),
      "a.npy: element [1, 1]: '9007199254740993' has more digits than a 64-bit floating point number can hold (it would become 9007199254740992)",
    ],
    [
      npy(dictionary('<u8', '(2, 2)', 'True'), bytesOf(BigUint64Array.of(1n, 2n ** 64n - 1n, 3n, 4n))),
      "a.npy: element [1, 0]: '18446744073709551615' has more digits than a 64-bit floating point number can hold (it would become 18446744073709551616)",
    ],
    [
      npy(dictionary('<i8'), bytesOf(BigInt64Array.of(-(2n ** 63n) + 1n, 0n, 0n, 0n))),
      "a.npy: element [0, 0]: '-9223372036854775807' has more digits than",
    ],
    [npy(dictionary('<c16'), four), "a.npy: the elements are no real numbers, but of the type '<c16'"],
    [npy(dictionary('<U5'), four), "a.npy: the elements are no real numbers, but of the type '<U5'"],
    [npy("{'descr': [('a', '<f8')], }", four), 'a.npy: the elements are no real numbers, but records'],
    [npy(dictionary('|O'), four), "a.npy: the elements are no real numbers, but of the type '|O'"],
    [npy(dictionary('<f8', '(4,)'), four), 'a.npy: the array must have 2 dimensions, but has 1'],
    [npy(dictionary('<f8', '(1, 4)'), four), 'a.npy: the matrix must be square, but has 1 rows and 4 columns'],
    [npy(dictionary('<f8'), four.subarray(1)), 'a.npy: the file has 101 bytes, but 2 x 2 elements need 102'],
    [
      npy(dictionary('<f8'), bytesOf(Float64Array.of(1, 2, Number.NaN, 4))),
      "a.npy: element [1, 0]: 'NaN' is no number",
    ],
    [
      npy(dictionary('<f8'), bytesOf(Float64Array.of(1, 1e300, 3, 4))),
      'a.npy: element [0, 1]: 1e+300 is beyond 1e+145, so that products could overflow',
    ],
  ])('%# is refused', async (bytes, message) => {
    await expect(first(bytes)).rejects.toThrow(message)
  })
})
