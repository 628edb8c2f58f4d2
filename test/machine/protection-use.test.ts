import { expect, it } from 'vitest'
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
  expect(holdings.outcome()).toEqual({
    log: {
      messages: { count: 3, median: 4, min: 0, max: 8 },
      bytes: { count: 3, median: 40, min: 0, max: 90 },
    },
    memory: { programBytes: 1000, applicationBytes: 1200, checkpointBytes: 100, backupBytes: 95 },
  })
})
