// What the protocol costs as machines grow: the state machines of production with 8 to 10,000 application processors in
// groups of 8, 100 checkpoints each, without memories and without faults; then one loss. Prints one line for each size.
// `npm run bench:scale -- 20` takes fewer checkpoints, `npm run bench:scale -- 20 2` gives each group two check rows. The
// largest machine takes about a minute.
import { measureScale, type Role, type RoleTraffic, type ScaleFigures } from './scale/index.ts'

const groupSize = 8
const sizes = [8, 64, 512, 1000, 10_000]
const checkpoints = Number(process.argv[2] ?? 100)
const tolerate = Number(process.argv[3] ?? 1)

const seconds = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1e6
}

const grouped = (value: number): string => value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ' ')
const kibibytes = (bytes: number): string => (bytes / 1024).toFixed(1)

function line(...cells: readonly string[]): void {
  const [first, ...others] = cells
  process.stdout.write(`${first!.padStart(9)}${others.map((cell) => cell.padStart(15)).join('')}\n`)
}

/** Per processor and checkpoint; behind the stroke the busiest one. */
function cellsOf({ processors, frames, bytes, framesMost, bytesMost }: RoleTraffic, times: number): string[] {
  const each = processors * times
  return [
    `${(frames / each).toFixed(1)} | ${(framesMost / times).toFixed(0)}`,
    `${kibibytes(bytes / each)} | ${kibibytes(bytesMost / times)}`,
  ]
}

const commonRoles: readonly Role[] = ['application', 'checkpoint', 'backup']

interface Measured extends ScaleFigures {
  readonly startS: number
  readonly runS: number
  readonly recoveryS: number
}

function measure(processes: number): Measured {
  let since = process.cpuUsage()
  const took: number[] = []
  const scale = measureScale({ processes, groupSize, tolerate, checkpoints }, () => {
    took.push(seconds(since))
    since = process.cpuUsage()
  })
  const [startS, runS, recoveryS] = took as [number, number, number]
  return { ...scale, startS, runS, recoveryS }
}

const found = sizes.map(measure)

process.stdout.write(`frames and KiB per processor and checkpoint, mean | busiest, in ${checkpoints} checkpoints\n\n`)
line('', ...commonRoles.flatMap((role) => [role, '']), 'conductor')
line('size', ...commonRoles.flatMap(() => ['frames', 'KiB']), 'frames')
for (const { processes, traffic } of found) {
  const cells = commonRoles.flatMap((role) => cellsOf(traffic[role], checkpoints))
  line(grouped(processes), ...cells, (traffic.conductor.frames / checkpoints).toFixed(1))
}

process.stdout.write('\none recovery from the loss of an application processor\n\n')
line('', ...commonRoles.flatMap((role) => [role, '']), 'conductor')
line('size', ...commonRoles.flatMap(() => ['frames', 'KiB']), 'frames')
for (const { processes, recovery } of found) {
  const cells = commonRoles.flatMap((role) => cellsOf(recovery[role], 1))
  line(grouped(processes), ...cells, grouped(recovery.conductor.frames))
}

process.stdout.write('\ntime on one core: of all processors together, driver included\n\n')
line('size', 'start s', 'run s', 'events', 'us/event', 'recovery s')
for (const { processes, startS, runS, recoveryS, events } of found) {
  const each = ((1e6 * runS) / events).toFixed(2)
  line(grouped(processes), startS.toFixed(2), runS.toFixed(2), grouped(events), each, recoveryS.toFixed(2))
}
