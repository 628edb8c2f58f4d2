import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { loadAddon, openToucher, residentPages } from '../../src/memory/native/index.ts'
import { portableKernels } from '../../src/parity/index.ts'

const pageBytes = loadAddon().addon?.paging?.systemPageBytes ?? 4096
const lowest = 20

/** Memory that nobody has used, of whole pages. */
function freshBytes(pages: number): Uint8Array {
  const memory = portableKernels.create({ maximumBytes: (pages + 64) * pageBytes })
  const start = memory.allocate(pages * pageBytes, pageBytes)
  return memory.bytes.subarray(start, start + pages * pageBytes)
}

async function whenDone(toucher: { isBusy(): boolean }): Promise<void> {
  while (toucher.isBusy()) await sleep(1)
}

if (openToucher(pageBytes))
  describe('touching ahead', () => {
    it('gives memory to the pages that are named, and to no others', async () => {
      const bytes = freshBytes(300)
      bytes[7 * pageBytes] = 1
      expect(residentPages(bytes)).toEqual(Uint32Array.of(7, 8))
      const toucher = openToucher(pageBytes)!
      expect(toucher.touch(bytes, Uint32Array.of(3, 5, 100, 290), lowest)).toBe(true)
      toucher.hurry(0)
      await whenDone(toucher)
      expect(residentPages(bytes)).toEqual(Uint32Array.of(3, 5, 7, 8, 100, 290))
      expect(bytes.every((byte, at) => byte === Number(at === 7 * pageBytes))).toBe(true)
    })

    it('takes nothing from what is written meanwhile, and names no page beyond the end', async () => {
      const bytes = freshBytes(20_000)
      const toucher = openToucher(pageBytes)!
      expect(toucher.touch(bytes, Uint32Array.of(0, 50_000), 0)).toBe(true)
      expect(toucher.touch(bytes, Uint32Array.of(0, 1), 0)).toBe(false)
      for (let at = 0; at < bytes.length; at += pageBytes) bytes[at] = 1 + ((at / pageBytes) % 200)
      await whenDone(toucher)
      for (let at = 0; at < bytes.length; at += pageBytes) expect(bytes[at]).toBe(1 + ((at / pageBytes) % 200))
    })

    it('stops when it is told to, and begins again', async () => {
      const bytes = freshBytes(20_000)
      const toucher = openToucher(pageBytes)!
      toucher.touch(bytes, Uint32Array.of(0, 20_000), lowest)
      toucher.stop()
      await whenDone(toucher)
      const touched = residentPages(bytes)
      expect(touched.length === 2 && touched[1] === 20_000).toBe(false)
      expect(toucher.touch(bytes, Uint32Array.of(19_999, 20_000), lowest)).toBe(true)
      await whenDone(toucher)
      expect(residentPages(bytes).at(-1)).toBe(20_000)
    })

    it('refuses what is not made of whole pages', () => {
      const bytes = freshBytes(2)
      expect(openToucher(pageBytes)!.touch(bytes.subarray(1), Uint32Array.of(0, 1), lowest)).toBe(false)
      expect(residentPages(bytes.subarray(1))).toEqual(new Uint32Array(0))
      expect(openToucher(pageBytes + 1)).toBeNull()
    })

    it('needs no memory that is locked, and ends with its process however far it is', () => {
      const script = `
        const { Toucher, resident } = require(process.argv[1])
        const bytes = new Uint8Array(new SharedArrayBuffer(64 << 20, { maxByteLength: 64 << 20 }))
        const toucher = new Toucher()
        const begun = toucher.touch(bytes, Uint32Array.of(0, 16384), 20)
        toucher.hurry(0)
        setTimeout(() => { console.log(begun, resident(bytes).length > 0); process.exit() }, 5)`
      const command = `ulimit -l 0 && exec "$0" -e "$1" "$2"`
      const args = ['-c', command, process.execPath, script, loadAddon().path ?? '']
      const { status, stdout, stderr } = spawnSync('sh', args, { encoding: 'utf8' })
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'true true\n', stderr: '' })
    })
  })
