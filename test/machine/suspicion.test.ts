import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { isLost } from '../../src/machine/launcher/crew/suspicion.ts'
import { ownThread, sightOfProcess, sightOfThread } from '../../src/machine/local/process-sight.ts'
import { patient } from '../load.ts'

describe('a processor that does not beat', () => {
  const suspicion = (state: string, cpuMs: number, silentMs: number) => ({
    ...{ first: { state: 'S', cpuMs: 20 }, now: { state, cpuMs: 20 + cpuMs }, silentMs, limitMs: 300 },
  })

  it.each([
    ['waits for a core, however long', 'R', 0, 60_000, false],
    ['waits for a core and gets a little', 'R', 900, 5000, false],
    ['runs without end', 'R', 1000, 1500, true],
    ['waits for memory that was swapped out', 'D', 0, 9000, false],
    ['waits for a device that never answers', 'D', 0, 10_000, true],
    ['sleeps, perhaps since its last beat was not read', 'S', 10, 350, false],
    ['sleeps on', 'S', 10, 600, true],
    ['is stopped', 'T', 0, 310, true],
    ['is stopped by a debugger', 't', 0, 310, true],
    ['has ended', 'Z', 0, 310, true],
  ])('and %s', (_what, state, cpuMs, silentMs, expected) => {
    expect(isLost(suspicion(state, cpuMs, silentMs))).toBe(expected)
  })

  it('is lost where the system tells nothing of it', () => {
    expect(isLost({ ...suspicion('R', 0, 310), now: null })).toBe(true)
    expect(isLost({ ...suspicion('R', 0, 310), first: null })).toBe(true)
  })
})

describe('a process as the system sees it', () => {
  it('is stopped, runs, and is gone', async () => {
    const child = spawn(process.execPath, ['-e', 'for (;;);'], { argv0: 'a) R (b' })
    const pid = child.pid!
    try {
      await vi.waitFor(() => expect(sightOfProcess(pid)).toMatchObject({ state: 'R' }), { timeout: patient(30_000) })
      const before = sightOfProcess(pid)!.cpuMs
      await vi.waitFor(() => expect(sightOfProcess(pid)!.cpuMs).toBeGreaterThan(before), { timeout: patient(30_000) })
      child.kill('SIGSTOP')
      await vi.waitFor(() => expect(sightOfProcess(pid)).toMatchObject({ state: 'T' }), { timeout: patient(30_000) })
      expect(sightOfThread(pid, pid)).toMatchObject({ state: 'T' })
    } finally {
      child.kill('SIGKILL')
    }
    await once(child, 'exit')
    expect(sightOfProcess(pid)).toBeNull()
  })

  it('can be asked for one thread, which knows itself', () => {
    const thread = ownThread()
    expect(thread).not.toBeNull()
    expect(sightOfThread(process.pid, thread!)).toMatchObject({ state: 'R' })
    expect(sightOfThread(process.pid, 2 ** 30)).toBeNull()
  })
})
