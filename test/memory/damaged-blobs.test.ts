/** A directory of blobs that was damaged: an error, in bounded time and memory. */
import { fc, test } from '@fast-check/vitest'
import { expect, it } from 'vitest'
import { AssertionError } from '../../src/base/index.ts'
import { type BlobPages, BlobPart } from '../../src/memory/blob-part.ts'

const pageSizeBytes = 64
const pagesMax = 4096

/** Pages that end where a real memory would. */
class FewPages implements BlobPages {
  readonly pageSizeBytes = pageSizeBytes
  bytes = new Uint8Array(pageSizeBytes)

  need(count: number): void {
    if (count > pagesMax) throw new RangeError('the memory limit')
    if (count * pageSizeBytes <= this.bytes.length) return
    const grown = new Uint8Array(count * pageSizeBytes)
    grown.set(this.bytes)
    this.bytes = grown
  }

  read(page: number, bytes: number): Uint8Array {
    return this.bytes.slice(page * pageSizeBytes, page * pageSizeBytes + bytes)
  }

  write(page: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, page * pageSizeBytes)
  }
}

function written(): FewPages {
  const pages = new FewPages()
  new BlobPart(pages).write(
    new Map([
      ['state', new Uint8Array(200)],
      ['vars', new Uint8Array(3)],
      ['sent/1/0', new Uint8Array(70)],
    ]),
  )
  return pages
}

function reload(pages: FewPages): ReadonlyMap<string, Uint8Array> | null {
  const part = new BlobPart(pages)
  try {
    part.reload()
    return part.read()
  } catch (error) {
    expect(error instanceof AssertionError || error instanceof RangeError).toBe(true)
    return null
  }
}

it('what was written is found again', () => {
  expect([...reload(written())!.keys()]).toEqual(['state', 'vars', 'sent/1/0'])
})

it('a directory that claims four gigabytes is refused before memory is taken for it', () => {
  const pages = written()
  new DataView(pages.bytes.buffer).setUint32(4, 0xffff_ffff, true)
  const before = process.memoryUsage().arrayBuffers
  expect(reload(pages)).toBeNull()
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20)
})

const spots = written().bytes.length

test.prop([fc.array(fc.tuple(fc.nat(spots - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })], { numRuns: 2000 })(
  'changed bytes are found or refused, and never more than was there',
  (changes) => {
    const pages = written()
    for (const [at, value] of changes) pages.bytes[at] = value
    const found = reload(pages)
    const total = [...(found?.values() ?? [])].reduce((sum, { length }) => sum + length, 0)
    expect(total).toBeLessThanOrEqual(pagesMax * pageSizeBytes)
  },
)
