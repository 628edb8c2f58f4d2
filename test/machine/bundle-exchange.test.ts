// A bundle on its way to a host, over links that break.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Link, unixFabric } from '../../src/fabric/index.ts'
import { BundleReceiver } from '../../src/machine/bundle/bundle-receiver.ts'
import { answerTo, BundleSender } from '../../src/machine/bundle/bundle-sender.ts'
import { BundleStore } from '../../src/machine/bundle/bundle-store.ts'
import { partBytesMax } from '../../src/machine/bundle/intake.ts'
import { BundleError } from '../../src/machine/bundle/manifest.ts'
import type { BundleAnswer, BundleWanted } from '../../src/machine/wire/bundles.ts'
import { fromDaemonProblem, toDaemonProblem } from '../../src/machine/wire/validate-hosting.ts'
import { bundleOf } from './bundle-fixtures.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paritas-bundles-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('over a link', () => {
  it('comes in parts, each when the one before is written, and is loaded from the store', async () => {
    const bundle = bundleOf('export default 1\n', 5 * partBytesMax + 1)
    const fabric = unixFabric()
    const parts: number[] = []
    let queuedMax = 0
    const listener = await fabric.listen(join(folder, 's.sock'), (link) => {
      const sender = new BundleSender(link, (digest) => (digest === bundle.digest ? bundle : null))
      link.onMessage = (message) => {
        expect(fromDaemonProblem(message)).toBeNull()
        expect(sender.answer(message as BundleWanted)).toBeNull()
        queuedMax = Math.max(queuedMax, link.queuedBytes)
      }
    })
    const link = await fabric.connect(listener.address, {})
    const store = await BundleStore.open(join(folder, 'store'))
    const receiver = new BundleReceiver(store, (wanted) => link.send(wanted))
    link.onMessage = (message) => {
      expect(toDaemonProblem(message)).toBeNull()
      const answer = message as BundleAnswer
      if (answer.type === 'bundlePart') parts.push(answer.bytes.length)
      receiver.take(answer)
    }
    const opened = await receiver.obtain(bundle.digest)
    expect(parts.slice(2)).toEqual([...Array.from({ length: 40 }, () => 128 * 1024), 1])
    expect(queuedMax).toBeLessThan(2 * 128 * 1024)
    expect(opened.program).toBe('sample')
    await opened.release()
    await expect(receiver.obtain('0'.repeat(64))).rejects.toThrow(
      'program bundle 000000000000 is not where the run was started',
    )
    link.destroy()
    await listener.close('destroy')
  })

  it('waits for room in a link that is full, and asks no more of one that is closed', async () => {
    const bundle = bundleOf()
    const sent: unknown[] = []
    let drain = (): void => {}
    const link = {
      closed: false,
      send: (message: unknown) => sent.push(message),
      whenDrained: () => new Promise<void>((resolve) => (drain = resolve)),
    }
    const sender = new BundleSender(link as Pick<Link, 'closed' | 'send' | 'whenDrained'>, () => bundle)
    const wanted: BundleWanted = { type: 'bundleWanted', digest: bundle.digest, file: 0, offset: 0, bytesMax: 4 }
    const answers = Array.from({ length: 17 }, () => sender.answer(wanted))
    expect(answers.slice(0, 16)).toEqual(Array.from({ length: 16 }, () => null))
    expect(answers[16]).toBe('more than 16 questions for parts of a program bundle at once')
    await Promise.resolve()
    expect(sent).toEqual([])
    drain()
    await expect.poll(() => sent.length).toBe(1)
    expect(sent[0]).toMatchObject({ type: 'bundlePart', bytes: Buffer.from('expo') })
    link.closed = true
    drain()
    await expect.poll(() => sent.length).toBe(2)
    drain()
    await new Promise((resolve) => setImmediate(resolve))
    expect(sent).toHaveLength(2)
  })
})

describe('over a link that breaks', () => {
  // What becomes of a message: it comes, it is lost and the link is resumed, it comes twice, or late.
  const fates = fc.array(fc.constantFrom('comes', 'lost', 'twice', 'late'), { maxLength: 60 })

  test.prop([fates, fc.integer({ min: 1, max: 400_000 })], { numRuns: 30 })(
    'comes whole all the same',
    async (some, bytes) => {
      const bundle = bundleOf('export default 1\n', bytes)
      const store = await BundleStore.open(mkdtempSync(join(folder, 'store-')))
      const late: BundleAnswer[] = []
      let messages = 0
      const receiver: BundleReceiver = new BundleReceiver(store, (wanted) => {
        const answer = answerTo(wanted, bundle)
        const fate = some[messages] ?? 'comes'
        messages += 1
        setImmediate(() => {
          if (fate === 'late') late.push(answer)
          if (fate === 'lost' || fate === 'late') return receiver.resumed()
          for (const before of late.splice(0)) receiver.take(before)
          for (let times = fate === 'twice' ? 2 : 1; times > 0; times -= 1) receiver.take(answer)
        })
      })
      const opened = await receiver.obtain(bundle.digest)
      expect(opened.digest).toBe(bundle.digest)
      await opened.release()
    },
  )

  it('for good ends in one line, for whoever asks later too', async () => {
    const store = await BundleStore.open(folder)
    const receiver = new BundleReceiver(store, () => {})
    const { digest } = bundleOf()
    const first = receiver.obtain(digest)
    await expect.poll(() => readdirSync(folder).length).toBe(1)
    receiver.close('the run has ended')
    const line = `program bundle ${digest.slice(0, 12)} did not come: the run has ended`
    await expect(first).rejects.toThrow(line)
    await expect(receiver.obtain(digest)).rejects.toThrow(BundleError)
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('messages', () => {
  const digest = '0'.repeat(64)
  const wanted = { type: 'bundleWanted', digest, file: 0, offset: 0, bytesMax: 1 }
  const part = { type: 'bundlePart', digest, file: null, offset: 0, bytes: new Uint8Array(1) }

  it.each([
    [wanted, null],
    [{ ...wanted, file: null, bytesMax: partBytesMax }, null],
    [{ ...wanted, digest: '../..' }, "a message of type 'bundleWanted': digest is '../..', not a SHA-256"],
    [{ ...wanted, bytesMax: partBytesMax + 1 }, /bytesMax is 1048577, not a length of a part$/],
    [{ ...wanted, bytesMax: 0 }, /bytesMax is 0, not a length of a part$/],
    [{ ...wanted, offset: -1 }, /offset is -1, not a whole number$/],
    [{ ...wanted, file: 'program.mjs' }, /file is 'program\.mjs', not a whole number$/],
    [part, /of type 'bundlePart', which there is not$/],
    [null, /is nothing, not an object$/],
  ])('%o as a question', (message, problem) => expectProblem(fromDaemonProblem(message), problem))

  it.each([
    [part, null],
    [{ type: 'bundleMissing', digest }, null],
    [{ ...part, bytes: new Uint8Array() }, /bytes is 0 bytes, not bytes of a part$/],
    [{ ...part, bytes: new Uint8Array(partBytesMax + 1) }, /bytes is 1048577 bytes, not bytes of a part$/],
    [{ ...part, bytes: 'text' }, /bytes is 'text', not bytes of a part$/],
    [{ type: 'bundleMissing' }, /digest is missing$/],
    [wanted, /of type 'bundleWanted', which there is not$/],
  ])('%o as an answer', (message, problem) => expectProblem(toDaemonProblem(message), problem))

  test.prop([fc.anything()])('of any kind are looked at without harm', (message) => {
    expect(typeof (fromDaemonProblem(message) ?? toDaemonProblem(message))).toBe('string')
  })
})

function expectProblem(found: string | null, wanted: string | RegExp | null): void {
  if (wanted === null) expect(found).toBeNull()
  else expect(found).toMatch(wanted)
}
