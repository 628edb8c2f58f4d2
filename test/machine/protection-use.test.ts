import { expect, it } from 'vitest'
import { ownBytes, processBytes } from '../../src/machine/launcher/reporting/process-memory.ts'
import { ProtectionUse } from '../../src/machine/launcher/reporting/protection-use.ts'
import { captureFigure } from './capture-figure.ts'

it('what a place held is the most that any of its holders told of; roles are added up', () => {
  const holdings = new ProtectionUse(1000)
  const captured = (loggedMessages: number, loggedBytes: number, heldBytes: number) => ({
    ...captureFigure(1),
    ...{ loggedMessages, loggedBytes, heldBytes },
  })
  holdings.captured('a0', captured(4, 40, 500))
  holdings.captured('a1', captured(0, 0, 700))
  holdings.captured('a0', captured(8, 90, 300))
  holdings.holding('c0', 90)
  holdings.holding('c1', 10)
  holdings.holding('b0', 95)
  holdings.holding('spare 17', 40)
  holdings.holding('spare 17', 30)
  holdings.holding('spare 18', 2)
  expect(holdings.outcome(null)).toEqual({
    log: {
      messages: { count: 3, median: 4, min: 0, max: 8 },
      bytes: { count: 3, median: 40, min: 0, max: 90 },
    },
    memory: {
      programBytes: 1000,
      applicationBytes: 1200,
      checkpointBytes: 100,
      backupBytes: 95,
      spareBytes: 42,
      processBytes: null,
    },
  })
})

it.each([
  ['RssAnon:\t  40000 kB\nRssFile:\t   30000 kB\nRssShmem:\t    24 kB\n', 40024 * 1024],
  ['RssAnon:\t  40000 kB\n', null],
  ['', null],
])('of a status %j what a process has to itself is %j', (status, bytes) => {
  expect(ownBytes(status)).toBe(bytes)
})

it('the memory of processes is added up by role, and not known where one of them is gone', () => {
  const own = processBytes([{ role: 'launcher', pid: process.pid }])
  if (own === null) return expect(process.platform).not.toBe('linux')
  expect(own).toEqual({
    application: 0,
    checkpoint: 0,
    backup: 0,
    spare: 0,
    conductor: 0,
    launcher: expect.any(Number),
  })
  expect(own.launcher).toBeGreaterThan(2 ** 20)
  expect(processBytes([{ role: 'spare', pid: 2 ** 30 }])).toBeNull()
})
