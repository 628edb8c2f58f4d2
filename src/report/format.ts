import type { Estimate, Ratio } from '../evaluation/index.ts'

/** Three digits that count: `0.42 ms`, `12.3 ms`, `1.83 s`, `4 min 20 s`, `5.2 h`, `12.1 d`. */
export function inTime(ms: number): string {
  const size = Math.abs(ms)
  if (size < 1000) return `${digits(ms)} ms`
  if (size < 120_000) return `${digits(ms / 1000)} s`
  if (size < 7_200_000) return `${digits(ms / 60_000)} min`
  return size < 172_800_000 ? `${digits(ms / 3_600_000)} h` : `${digits(ms / 86_400_000)} d`
}

export function inBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'] as const
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1)
  return `${power === 0 ? Math.round(bytes) : digits(bytes / 1024 ** power)} ${units[power]!}`
}

export function inPercent(share: number): string {
  const percent = share * 100
  return `${Math.abs(percent) < 0.1 && percent !== 0 ? percent.toPrecision(2) : digits(percent)} %`
}

export function digits(value: number): string {
  const size = Math.abs(value)
  if (size >= 99.95 || value === 0) return value.toFixed(0)
  return size >= 9.995 ? value.toFixed(1) : value.toFixed(2)
}

/** `12.3 ms (11.8 to 13.0)`: a median and its 95 % interval. */
export function timeOf(figure: Estimate | null): string {
  return figure ? spread(figure, inTime) : missing
}

export function numberOf(figure: Estimate | null): string {
  return figure ? spread(figure, digits) : missing
}

export function bytesOf(figure: Estimate | null): string {
  return figure ? inBytes(figure.median) : missing
}

/** What was not measured. */
export const missing = '–'

export const unmeasured = 'not measured'

export const unknown = 'not known'

export const unclear = 'not clear'

/** Whether the ratio says which of the two is less: its whole interval lies on one side of 1. */
export function isClear({ isKnown, low, high }: Ratio): boolean {
  return isKnown && (high < 1 || low > 1)
}

/**
 * `0.47 (0.41 to 0.55)`; where its interval holds 1, only the interval; where noise is larger than the figures,
 * nothing.
 */
export function ratioText(ratio: Ratio | null): string {
  if (!ratio) return missing
  if (!ratio.isKnown) return unknown
  return `${isClear(ratio) ? digits(ratio.value) : unclear} (${rangeText(ratio)})`
}

export function rangeText({ low, high }: Ratio): string {
  return `${digits(low)} to ${digits(high)}`
}

function spread({ median, low, high }: Estimate, show: (value: number) => string): string {
  if (low === high) return show(median)
  const [least, most] = [show(low), show(high)]
  const unit = / [^\d]+$/.exec(most)?.[0] ?? ''
  const isShared = unit !== '' && least.endsWith(unit) && show(median).endsWith(unit)
  return isShared
    ? `${show(median)} (${least.slice(0, -unit.length)} to ${most.slice(0, -unit.length)})`
    : `${show(median)} (${least} to ${most})`
}
