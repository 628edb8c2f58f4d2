// Hosts out of namespaces: what each has of its own, what joins them, and what can happen to them.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect } from 'vitest'
import { patient } from '../load.ts'
import { labTest, runOn, SharedLab } from './on-hosts.ts'

const shared = new SharedLab()
beforeAll(() => shared.open({ hosts: 4 }))
afterAll(() => shared.close())

labTest('a host has a name, an address, processes and a temporary folder of its own', async () => {
  const { lab } = shared
  const isUp = 'until [ "$(cat /proc/1/comm)" = sleep ]; do :; done'
  const script = `${isUp};
    cat /proc/sys/kernel/hostname; ip -o -4 addr show eth0; ip link show eth0; touch /tmp/mine /dev/shm/mine; cat /proc/[0-9]*/comm`
  const [first, second] = await Promise.all(['h1', 'h2'].map((host) => runOn(lab, host, 'sh', '-c', script)))
  for (const [at, one] of [first!, second!].entries()) {
    expect(one.exitCode).toBe(0)
    expect(one.said).toMatch(new RegExp(`^h${at + 1}$`, 'm'))
    expect(one.said).toContain(`inet 10.0.0.${at + 1}/24`)
    expect(one.said).toContain(`link/ether 02:00:0a:00:00:0${at + 1}`)
    // Of the whole computer nothing is seen: only the first process and the script.
    expect(one.said.split('\n').slice(-2)).toEqual(['sleep', 'sh'])
  }
  const files = await runOn(lab, 'h3', 'sh', '-c', 'ls /tmp/mine /dev/shm/mine')
  expect(files.exitCode).not.toBe(0)
})

labTest('hosts reach each other by TCP and UDP, by address and by name, and nothing else', async () => {
  const [one, two] = [await shared.agent('h1'), await shared.agent('h2')]
  expect(await one.echo('10.0.0.2')).not.toBeNull()
  expect(await two.echo('h1')).not.toBeNull()
  expect(await one.send('h2', two, 100)).toBe(100)
  const routes = await runOn(shared.lab, 'h1', 'ip', 'route')
  expect(routes.said).toBe('10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1')
})

labTest('who is orphaned on a host is reaped, and a command’s exit code and signal are known', async () => {
  const { lab } = shared
  const orphans = 'sh -c "sleep 0.01 & exec true"; sleep 0.1; cat /proc/[0-9]*/stat'
  const { said } = await runOn(lab, 'h1', 'sh', '-c', orphans)
  expect(said).toMatch(/^1 \(sleep\) S/)
  expect(said).not.toMatch(/^\d+ \(.*\) Z/m)
  expect(await runOn(lab, 'h1', 'sh', '-c', 'echo no; exit 7')).toEqual({ exitCode: 7, said: 'no' })
  const sleeper = lab.host('h1').spawn(['sh', '-c', 'echo up; exec sleep 1000'])
  await new Promise((resolve) => sleeper.stdout!.once('data', resolve))
  sleeper.kill('SIGTERM')
  expect(await sleeper.ended).toBe(143)
})

labTest(
  'the power of a host goes off: nobody is told, and nothing leaves it any more; it comes back empty',
  async () => {
    const { lab } = shared
    const [one, two, three] = [await shared.agent('h1'), await shared.agent('h2'), await shared.agent('h3')]
    one.do('connect', { to: '10.0.0.2', name: 'link' })
    await one.next('connected')
    one.do('write', { name: 'link', text: 'before' })
    expect(await one.next('data')).toMatchObject({ text: 'before' })
    await runOn(lab, 'h2', 'sh', '-c', 'echo mine > /tmp/mine')
    const bootId = 'cat /proc/sys/kernel/random/boot_id'
    const before = await runOn(lab, 'h2', 'sh', '-c', bootId)
    two.do('flood', { to: '10.0.0.3' })
    await two.next('flooding')
    await three.received(50)

    const calledMs = Number(process.hrtime.bigint()) / 1e6
    const ended = lab.powerOff('h2')
    const returnedMs = Number(process.hrtime.bigint()) / 1e6
    await ended
    const endedMs = Number(process.hrtime.bigint()) / 1e6
    expect(two.hasEnded).toBe(true)
    expect(lab.host('h2').isOn).toBe(false)
    const { newestSentMs } = await three.received(Number.MAX_SAFE_INTEGER)
    process.stderr.write(
      `power off: the last packet left at ${((newestSentMs as number) - calledMs).toFixed(2)} ms of the call, which returned at ${(returnedMs - calledMs).toFixed(2)} ms; all had ended at ${(endedMs - calledMs).toFixed(1)} ms\n`,
    )
    expect(newestSentMs).toBeLessThan(returnedMs)
    one.do('write', { name: 'link', text: 'after' })
    expect(await one.echo('10.0.0.2', { withinMs: 400 })).toBeNull()
    expect(one.told).toEqual([])
    expect((await three.received(1)).received).toBe(0)

    await lab.powerOn('h2')
    const after = await runOn(lab, 'h2', 'sh', '-c', `${bootId}; ls /tmp/mine; ip -o link show eth0`)
    expect(after.said).toContain('link/ether 02:00:0a:00:00:02')
    expect(after.said).toMatch(/cannot access '\/tmp\/mine'/)
    expect(after.said).not.toContain(before.said)
    const again = await shared.agent('h2')
    expect(await again.echo('10.0.0.1')).not.toBeNull()
    // The host that is back knows nothing of that connection.
    expect(await one.next('error')).toMatchObject({ name: 'link', code: 'ECONNRESET' })
  },
)

labTest('a host with a process that stands still goes off all the same', async () => {
  const { lab } = shared
  const frozen = lab.host('h4').spawn(['sh', '-c', 'kill -STOP $$; echo on'])
  while (!(await runOn(lab, 'h4', 'sh', '-c', 'cat /proc/[0-9]*/stat')).said.match(/^\d+ \(sh\) T/m)) await sleep(5)
  await lab.powerOff('h4')
  expect(await frozen.ended).toBe(137)
  await lab.powerOn('h4')
  expect((await runOn(lab, 'h4', 'echo', 'up')).said).toBe('up')
})

labTest('hosts are cut off from each other, both ways or one, and healed', async () => {
  const { lab } = shared
  const [one, two, three] = [await shared.agent('h1'), await shared.agent('h2'), await shared.agent('h3')]
  await lab.cut('h1', 'h2')
  expect(await one.echo('10.0.0.2', { withinMs: 300 })).toBeNull()
  expect(await two.send('10.0.0.1', one, 20)).toBe(0)
  expect(await one.echo('10.0.0.3')).not.toBeNull()
  expect(await two.echo('10.0.0.3')).not.toBeNull()
  await lab.heal()
  await lab.cut('h1', 'h3', { isOneWay: true })
  expect(await one.send('10.0.0.3', three, 20)).toBe(0)
  expect(await three.send('10.0.0.1', one, 20)).toBe(20)
  expect(await one.echo('10.0.0.2')).not.toBeNull()
  expect(lab.state().cuts).toEqual([{ from: 'h1', to: 'h3', isOneWay: true }])
  await lab.heal()
  expect(await one.echo('10.0.0.3')).not.toBeNull()
  expect(lab.state().cuts).toEqual([])
})

labTest('packets are lost as often as is said, and no more when it is healed', async () => {
  const { lab } = shared
  const [one, two] = [await shared.agent('h1'), await shared.agent('h2')]
  await lab.lose('h1', 'h2', 30)
  const there = await one.send('h2', two, 1000)
  const back = await two.send('h1', one, 1000)
  // Six times the standard deviation.
  for (const came of [there, back]) expect(Math.abs(came - 700)).toBeLessThan(90)
  await lab.lose('h2', 'h1', 0)
  expect(await one.send('h2', two, 200)).toBe(200)
})

labTest('a slow link is as slow as is said, and as fast as ever when it is healed', async () => {
  const { lab } = shared
  const one = await shared.agent('h1')
  await lab.slow('h2', 8e6)
  const slowMs = (await one.echo('h2', { bytes: 500_000 }))!
  await lab.heal()
  const fastMs = (await one.echo('h2', { bytes: 500_000 }))!
  // 500 ms there, and at the same time back; what leaves at once before the rate counts is not waited for.
  expect(slowMs).toBeGreaterThan(400)
  expect(slowMs).toBeLessThan(patient(1500))
  expect(fastMs).toBeLessThan(patient(300))
})
