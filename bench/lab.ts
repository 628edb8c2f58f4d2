// What a laboratory takes: to be made and removed, to start a command on a host, and for each thing that can happen to hosts.
// Options: --runs N, --hosts N.
import { parseArgs } from 'node:util'
import { type Lab, openLab } from '../src/lab/index.ts'

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '9' }, hosts: { type: 'string', default: '6' } },
})

const measured = new Map<string, number[]>()

async function time(what: string, work: () => Promise<unknown>): Promise<void> {
  const began = performance.now()
  await work()
  measured.set(what, [...(measured.get(what) ?? []), performance.now() - began])
}

/** The call of it, which makes a host silent, and what comes after. */
async function timePowerOff(lab: Lab): Promise<void> {
  let ended: Promise<void> | null = null
  await time('power off, until the call returns: no packet leaves', async () => {
    ended = lab.powerOff('h2')
  })
  await time('then until all in it has ended and its link is gone', () => ended!)
}

for (let run = 0; run < Number(values.runs); run += 1) {
  let lab: Lab | null = null
  await time(`made, ${values.hosts} hosts`, async () => {
    lab = await openLab({ hosts: Number(values.hosts), cores: 0.5, memoryBytes: 256 * 1024 ** 2 })
  })
  await time('a command on a host', () => lab!.host('h1').spawn(['true']).ended)
  lab!.host('h2').spawn(['sh', '-c', 'for i in 1 2 3 4; do sleep 1000 & done; wait'])
  await timePowerOff(lab!)
  await time('power on', () => lab!.powerOn('h2'))
  await time('power off and on at once', () => Promise.all([lab!.powerOff('h2'), lab!.powerOn('h2')]))
  await time('cut', () => lab!.cut('h1', 'h2'))
  await time('lose 5%', () => lab!.lose('h1', 'h3', 5))
  await time('slow', () => lab!.slow('h3', 10e6))
  await time('heal', () => lab!.heal())
  await time('removed', () => lab!.close())
}

for (const [what, times] of measured) {
  const sorted = times.sort((a, b) => a - b)
  const [median, most] = [sorted[sorted.length >> 1]!, sorted.at(-1)!]
  process.stdout.write(`${what.padEnd(56)} ${median.toFixed(2).padStart(8)} ms, at most ${most.toFixed(2)} ms\n`)
}
