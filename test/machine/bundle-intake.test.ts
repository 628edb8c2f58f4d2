// No byte becomes part of a bundle that is not of it, whoever sends it.
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { BundleIntake, partBytesMax } from '../../src/machine/bundle/intake.ts'
import { BundleError, bundleLimits, readManifest, sha256 } from '../../src/machine/bundle/manifest.ts'
import { type BundlePart, ProgramBundle } from '../../src/machine/bundle/program-bundle.ts'
import { ownApi } from '../../src/machine/bundle/shared-package.ts'
import { bundleOf, manifestOf, partOf } from './bundle-fixtures.ts'

/** All files that come out, if every part of the bundle goes in as `change` has it. */
function takenIn(bundle: ProgramBundle, bytesMax: number, change = (part: BundlePart): BundlePart => part) {
  const intake = new BundleIntake(bundle.digest)
  const files = new Map<string, Uint8Array>()
  for (let { wanted } = intake; wanted !== null; wanted = intake.wanted) {
    const part = change(partOf(bundle, wanted.file, wanted.offset, wanted.file === null ? partBytesMax : bytesMax))
    const { name, offset, bytes, isLast } = intake.take(part)
    files.set(name, Buffer.concat([files.get(name) ?? new Uint8Array(), bytes]))
    expect(files.get(name)!.length).toBe(offset + bytes.length)
    if (isLast) expect(files.has(name)).toBe(true)
  }
  return files
}

const someBundle = fc
  .record({
    module: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    others: fc.uniqueArray(
      fc.tuple(fc.stringMatching(/^[a-z\d_][a-z\d._-]{0,20}$/), fc.uint8Array({ minLength: 1, maxLength: 300 })),
      { maxLength: 4, selector: ([name]) => name },
    ),
    program: fc.string({ unit: 'grapheme', maxLength: 150 }),
  })
  .map(({ module, others, program }) => {
    const beside = others.filter(([name]) => name !== 'program.mjs' && name !== 'manifest.json')
    const files: [string, Uint8Array][] = [['program.mjs', module], ...beside]
    return { files, bundle: new ProgramBundle(program, ownApi(), files) }
  })

describe('a bundle that comes in parts', () => {
  test.prop([someBundle, fc.integer({ min: 1, max: 400 })])('comes out as it was', ({ files, bundle }, bytesMax) => {
    const taken = takenIn(bundle, bytesMax)
    const { size } = taken
    expect(size).toBe(files.length + 1)
    for (const [name, bytes] of files) expect(Buffer.compare(taken.get(name)!, bytes)).toBe(0)
  })

  test.prop([someBundle, fc.integer({ min: 1, max: 100 }), fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 })])(
    'is refused if a bit of it is another one',
    ({ bundle }, bytesMax, which, where, change) => {
      let parts = 0
      takenIn(bundle, bytesMax, (part) => {
        parts += 1
        return part
      })
      let part = 0
      const damage = (one: BundlePart): BundlePart => {
        part += 1
        if (part - 1 !== which % parts) return one
        const bytes = Uint8Array.from(one.bytes)
        bytes[where % bytes.length]! ^= change
        return { ...one, bytes }
      }
      expect(() => takenIn(bundle, bytesMax, damage)).toThrow(BundleError)
    },
  )

  it.each<[string, Partial<BundlePart>, RegExp]>([
    ['of another file', { file: 1 }, /came out of turn$/],
    ['from further on', { offset: 1 }, /came out of turn$/],
    ['of the manifest again', { file: null }, /came out of turn$/],
    ['without bytes', { bytes: new Uint8Array() }, /has 0 bytes$/],
    ['longer than any', { bytes: new Uint8Array(partBytesMax + 1) }, /has 1048577 bytes$/],
    ['that goes beyond its file', { bytes: new Uint8Array(100) }, /goes beyond the 17 bytes of program\.mjs$/],
  ])('does not take a part %s', (_, changed, why) => {
    const bundle = bundleOf()
    const intake = new BundleIntake(bundle.digest)
    intake.take(partOf(bundle, null, 0, partBytesMax))
    const first = partOf(bundle, 0, 0, partBytesMax)
    expect(() => intake.take({ ...first, ...changed })).toThrow(why)
  })

  it('takes nothing more when it is whole', () => {
    const bundle = bundleOf()
    const intake = new BundleIntake(bundle.digest)
    for (const file of [null, 0, 1]) intake.take(partOf(bundle, file, 0, partBytesMax))
    expect(intake.wanted).toBeNull()
    expect(() => intake.take(partOf(bundle, 1, 0, partBytesMax))).toThrow(/came out of turn$/)
  })

  it.each(['', '../../etc/passwd', 'A'.repeat(64), '0'.repeat(63)])('is not named %j', (digest) => {
    expect(() => new BundleIntake(digest)).toThrow('goes by its SHA-256')
  })
})

describe('a manifest', () => {
  it.each([
    [
      'a path out of the folder',
      { name: '../program.mjs' },
      /files\[0\]\.name is '\.\.\/program\.mjs', not the name of a file/,
    ],
    ['an absolute path', { name: '/etc/passwd' }, /not the name of a file/],
    ['a folder', { name: 'lib/a.mjs' }, /not the name of a file/],
    ['a hidden file', { name: '.bashrc' }, /not the name of a file/],
    ['the name of the manifest', { name: 'manifest.json' }, /not the name of a file/],
    ['letters that some file systems do not tell apart', { name: 'Program.mjs' }, /not the name of a file/],
    ['a name with an end of string', { name: 'program.mjs\0' }, /not the name of a file/],
    ['no module', { name: 'other.mjs' }, /names no program\.mjs/],
    ['a file without bytes', { bytes: 0 }, /bytes is 0, not a number of bytes/],
    ['a negative size', { bytes: -1 }, /bytes is -1, not a number of bytes/],
    ['a part of a byte', { bytes: 0.5 }, /bytes is 0\.5, not a number of bytes/],
    ['more bytes than a bundle has', { bytes: bundleLimits.bytesMax + 1 }, /tells of 268435457 bytes/],
    ['sizes that overflow', { bytes: Number.MAX_VALUE }, /, not a number of bytes/],
    ['something that is no digest', { sha256: '../x' }, /not a SHA-256/],
  ])('with %s is refused', (_, told, why) => {
    const { digest, manifest } = manifestOf(told)
    expect(() => readManifest(digest, manifest)).toThrow(why)
    expect(() => readManifest(digest, manifest)).toThrow(BundleError)
  })

  it('with one file twice is refused', () => {
    const { digest, manifest } = manifestOf({}, { name: 'program.mjs', bytes: 1, sha256: '0'.repeat(64) })
    expect(() => readManifest(digest, manifest)).toThrow(/has its files out of order/)
  })

  it('with too many files is refused', () => {
    const more = Array.from({ length: 1000 }, (_, index) => ({ name: `a${index}`, bytes: 1, sha256: '0'.repeat(64) }))
    const { digest, manifest } = manifestOf({}, ...more)
    expect(() => readManifest(digest, manifest)).toThrow(/names 1001 files/)
  })

  it.each([
    [
      'with another order of its fields',
      (text: string) => text.replace('"format":1,', '').replace(/\}$/, ',"format":1}'),
    ],
    ['with space in it', (text: string) => text.replace(',', ', ')],
    ['with a field more', (text: string) => text.replace(/\}$/, ',"more":1}')],
    ['of another format', (text: string) => text.replace('"format":1', '"format":2')],
    ['that is no JSON', (text: string) => text.slice(1)],
    ['that is a list', () => '[]'],
    ['that is no UTF-8', () => Buffer.from([0x22, 0xff, 0x22])],
    ['without end', () => 'x'.repeat(bundleLimits.manifestBytesMax + 1)],
  ])('%s is refused', (_, change) => {
    const bytes = Buffer.from(change(String(manifestOf({}).manifest)))
    expect(() => readManifest(sha256(bytes), bytes)).toThrow(BundleError)
  })

  test.prop([fc.uint8Array({ maxLength: 200 })])('made of any bytes is refused', (bytes) => {
    expect(() => readManifest(sha256(bytes), bytes)).toThrow(BundleError)
  })

  it('under another digest is refused', () => {
    const { manifest } = manifestOf({})
    expect(() => readManifest('0'.repeat(64), manifest)).toThrow(/is damaged: its SHA-256 is another one$/)
  })
})
