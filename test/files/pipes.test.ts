/** Pipes whose other end is not there: whoever waits for it can give up. */
import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { closeOutlet, findFile, openForReading, openOutlet, writeText } from '../../src/files/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'pipes-'))
afterAll(() => rmSync(folder, { recursive: true }))

let pipe = ''
let pipes = 0
beforeEach(() => {
  pipes += 1
  pipe = join(folder, String(pipes))
  execFileSync('mkfifo', [pipe])
})

const never = new AbortController().signal
const stop = new Error('stop')

test('nobody writes: reading ends when it is given up', async () => {
  const controller = new AbortController()
  const stream = await openForReading(pipe, controller.signal)
  const read = stream.toArray()
  controller.abort(stop)
  await expect(read).rejects.toMatchObject({ cause: stop })
})

test('nobody reads: opening ends when it is given up', async () => {
  const controller = new AbortController()
  const opened = openOutlet(await findFile(pipe), controller.signal)
  controller.abort(stop)
  await expect(opened).rejects.toBe(stop)
})

test('somebody has it open and does not read: writing ends when it is given up', async () => {
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
  const controller = new AbortController()
  const outlet = await openOutlet(await findFile(pipe), controller.signal)
  const written = writeText(outlet, 'x'.repeat(1 << 20), controller.signal)
  controller.abort(stop)
  await expect(written).rejects.toBe(stop)
  await closeOutlet(outlet)
  closeSync(reader)
})

test('all goes through, in order, when both are there', async () => {
  const texts = (await openForReading(pipe, never)).setEncoding('utf8').toArray()
  const outlet = await openOutlet(await findFile(pipe), never)
  const pieces = ['a\n', 'ü'.repeat(1 << 18), 'z\n']
  for (const piece of pieces) await writeText(outlet, piece, never)
  await closeOutlet(outlet)
  expect((await texts).join('')).toBe(pieces.join(''))
})

test('a reader that goes away fails the writing', async () => {
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
  const outlet = await openOutlet(await findFile(pipe), never)
  await writeText(outlet, 'one', never)
  expect(readSync(reader, Buffer.alloc(3))).toBe(3)
  closeSync(reader)
  await expect(writeText(outlet, 'two', never)).rejects.toMatchObject({ code: 'EPIPE' })
  await closeOutlet(outlet)
})
