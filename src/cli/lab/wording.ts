import { enumerate, inBytes } from '../../base/index.ts'
import type { LabState } from '../../lab/index.ts'
import type { Paint } from '../surroundings.ts'
import { counted, inColumns, inTime } from '../wording.ts'

/** `10 Mbit/s`. */
export function inRate(bits: number): string {
  const units = [
    [1e9, 'Gbit/s'],
    [1e6, 'Mbit/s'],
    [1e3, 'kbit/s'],
  ] as const
  const [scale, unit] = units.find(([least]) => bits >= least) ?? [1, 'bit/s']
  return `${Number((bits / scale).toFixed(2))} ${unit}`
}

/** `6 hosts of 0.25 cores and 512 MiB, joined by 1 Gbit/s`. */
export function labInWords({ hosts, cores, memoryBytes, bandwidthBits, delayMs }: LabState): string {
  const each = [
    ...(cores === null ? [] : [cores === 1 ? '1 core' : `${cores} cores`]),
    ...(memoryBytes === null ? [] : [inBytes(memoryBytes)]),
  ]
  const links = [
    ...(bandwidthBits === null ? [] : [inRate(bandwidthBits)]),
    ...(delayMs === null ? [] : [`a delay of ${inTime(delayMs)}`]),
  ]
  const size = each.length === 0 ? '' : ` of ${enumerate(each)}`
  return `${counted(hosts.length, 'host')}${size}${links.length === 0 ? '' : `, joined by links of ${enumerate(links)}`}`
}

/** A laboratory, with a line for each host and each fault. */
export function labLines(state: LabState, paint: Paint): string[] {
  const hosts = state.hosts.map(({ name, address, isOn, slowBits }) => {
    const power = isOn ? paint.green('on') : paint.red('off')
    return [name, address, slowBits === null ? power : `${power}, ${paint.yellow(inRate(slowBits))}`]
  })
  const cuts = state.cuts.map(({ from, to, isOneWay }) =>
    isOneWay ? `cut: nothing from ${from} to ${to}` : `cut: nothing between ${from} and ${to}`,
  )
  const losses = state.losses.map(({ between, percent }) => `lost: ${percent}% between ${enumerate(between)}`)
  const faults = [...cuts, ...losses].map((one) => paint.yellow(one))
  const lines = [...inColumns(hosts), ...faults].map((line) => `  ${line}`)
  return [`${paint.bold(state.name)}: ${labInWords(state)}`, ...lines]
}
