import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fstatSync, openSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { loadAddon, sharedMemory } from '../../src/memory/native/index.ts'

type Sharing = NonNullable<ReturnType<typeof sharedMemory>>

const sharing = sharedMemory()
const bytes = 1024 * 1024

if (sharing) describe('memory that processes share', () => sharingTests(sharing))

function sharingTests(sharing: Sharing): void {
  it('is the same memory for its maker and for who opens it, also after its descriptor is closed', () => {
    const { buffer, descriptor } = sharing.create(bytes)
    const other = new Uint8Array(sharing.open(process.pid, descriptor, bytes))
    new Uint8Array(buffer).fill(7)
    expect([other.length, other.every((byte) => byte === 7)]).toEqual([bytes, true])
    sharing.close(descriptor)
    new Uint8Array(buffer)[bytes - 1] = 9
    expect(other[bytes - 1]).toBe(9)
    expect(() => sharing.open(process.pid, descriptor, bytes)).toThrow(/^opening it fails: /)
  })

  it('of another process can be opened as long as that runs, and stays when it is gone', async () => {
    const script = `
      const { create } = require(process.argv[1]).sharing
      const { buffer, descriptor } = create(${bytes})
      new Uint8Array(buffer).fill(5)
      console.log(descriptor)
      process.stdin.resume()`
    const path = (loadAddon() as { readonly path: string }).path
    const maker = spawn(process.execPath, ['-e', script, path], { stdio: ['pipe', 'pipe', 'inherit'] })
    const [line] = (await once(maker.stdout, 'data')) as [Buffer]
    const descriptor = Number(line.toString())
    const other = new Uint8Array(sharing.open(maker.pid!, descriptor, bytes))
    maker.kill('SIGKILL')
    await once(maker, 'exit')
    expect(other.every((byte) => byte === 5)).toBe(true)
    expect(() => sharing.open(maker.pid!, descriptor, bytes)).toThrow(/^opening it fails: /)
  })

  it('is opened by nobody who is wrong about it', () => {
    const { descriptor } = sharing.create(bytes)
    const wrong = 'it is no shared memory of this size'
    for (const size of [0, 4096, 2 * bytes]) expect(() => sharing.open(process.pid, descriptor, size)).toThrow(wrong)
    expect(() => sharing.open(process.pid, openSync('/dev/null', 'r'), bytes)).toThrow(wrong)
    expect(() => sharing.open(process.pid, 9999, bytes)).toThrow(/^opening it fails: /)
    sharing.close(descriptor)
  })

  it('of no bytes, or of more than there are, is not made', () => {
    expect(() => sharing.create(0)).toThrow(/^mmap fails: /)
  })

  it('takes memory where it is told to, and nowhere else', () => {
    const { descriptor } = sharing.create(bytes)
    const takenBytes = (): number => 512 * fstatSync(descriptor).blocks
    expect(takenBytes()).toBe(0)
    sharing.allocate(descriptor, bytes / 2, bytes / 4)
    expect(takenBytes()).toBe(bytes / 4)
    expect(() => sharing.allocate(descriptor, bytes, 4096)).toThrow(/^fallocate fails: /)
    sharing.close(descriptor)
    expect(() => sharing.allocate(descriptor, 0, 4096)).toThrow(/^fallocate fails: /)
  })

  it('leaves no descriptor behind', () => {
    const before = readdirSync('/proc/self/fd').length
    for (let i = 0; i < 50; i += 1) {
      const { descriptor } = sharing.create(4096)
      sharing.open(process.pid, descriptor, 4096)
      sharing.close(descriptor)
    }
    expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before + 1)
  })
}
