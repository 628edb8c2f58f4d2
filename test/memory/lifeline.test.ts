import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { loadAddon } from '../../src/memory/native/index.ts'

const { addon } = loadAddon()
const path = (loadAddon() as { readonly path?: string }).path ?? ''

/** A process that holds its descriptor 3 as its lifeline. */
async function started() {
  const script = `
    process.stdin.resume()
    console.log(require(process.argv[1]).holdLifeline(3))`
  const child = spawn(process.execPath, ['-e', script, path], { stdio: ['pipe', 'pipe', 'inherit', 'pipe'] })
  const lifeline = child.stdio[3] as Socket
  lifeline.on('error', () => {})
  lifeline.resume()
  const [line] = (await once(child.stdout!, 'data')) as [Buffer]
  expect(line.toString()).toBe('true\n')
  return { child, pid: child.pid!, closed: once(lifeline, 'close') }
}

/** What the descriptors of each thread of a process are, by their numbers; each table of descriptors once. */
function tablesOf(pid: number): string[][] {
  const tables = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const folder = `/proc/${pid}/task/${thread}/fd`
    return readdirSync(folder).map((name) => `${name} ${readlinkSync(`${folder}/${name}`)}`)
  })
  return [...new Map(tables.map((table) => [table.join(), table])).values()]
}

if (addon?.holdLifeline)
  describe('a lifeline', () => {
    it('is in a table of descriptors of its own, alone, so that nothing else of the process keeps it open', async () => {
      const { child, pid, closed } = await started()
      const [ofProcess, ofHolder] = tablesOf(pid).sort((one, other) => other.length - one.length)
      expect(ofHolder).toEqual([expect.stringMatching(/^3 socket:/)])
      expect(ofProcess).not.toContain(ofHolder![0])
      child.kill('SIGKILL')
      await closed
    })

    it('closes when the process ends by itself', async () => {
      const { child, closed } = await started()
      child.stdin!.end()
      await closed
    })

    it('is not made of what is no socket', () => {
      expect(addon.holdLifeline!(1_000_000)).toBe(false)
      expect(addon.holdLifeline!(-1)).toBe(false)
    })
  })
