/** One host of a laboratory as it starts and ends, without anything behind it. */
import { expect, test } from 'vitest'
import { LabHost } from '../../src/lab/lab-host.ts'

test('a host that cannot be started is off, and waited for by nobody', async () => {
  const place = { name: 'h1', address: '10.0.0.1', mac: '02:00:0a:00:00:01' }
  const host = new LabHost(place, 'lab1', {
    ...{ groups: [], isInUserNamespace: false, speed: { rateBits: null, delayMs: null } },
  })
  const started = host.starting(() => Promise.reject(new Error('the laboratory has ended')))
  await expect(started).rejects.toThrow('h1 cannot be started: the laboratory has ended')
  await host.gone
  expect([host.isOn, host.isWanted]).toEqual([false, false])
})
