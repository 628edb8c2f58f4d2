/** A line of a trace, as far as it matters here. */
export interface Line {
  readonly ms: number
  readonly place: string
  readonly text: string
  readonly event?: { readonly type: string; readonly frame?: { readonly type: string }; readonly from?: string }
  readonly effect?: { readonly type: string; readonly lost?: readonly string[]; readonly to?: string }
}

/** What somebody did in a recovery, in milliseconds since the kill. */
export interface Part {
  readonly place: string
  readonly what: 'detects' | 'reports' | 'goes back' | 'passes on' | 'is rebuilt' | 'compares' | 'resumes'
  readonly fromMs: number
  readonly toMs: number
}

export interface RecoveryParts {
  readonly totalMs: number
  /** Whose parts follow, in the order of the chain. */
  readonly places: readonly string[]
  readonly parts: readonly Part[]
  /** One after another, who was waited for. */
  readonly path: readonly Part[]
}

/** The recoveries from kills in a trace. */
export function partsOf(trace: readonly Line[]): RecoveryParts[] {
  const lines = trace.toSorted((one, other) => one.ms - other.ms)
  const kills = lines.filter(({ event }) => event?.type === 'fault')
  return kills.map(({ ms }, index) => {
    const later = lines.filter((line) => line.ms >= ms && line.ms < (kills[index + 1]?.ms ?? Number.POSITIVE_INFINITY))
    return recoveryOf(later.map((line) => ({ ...line, ms: line.ms - ms })))
  })
}

function recoveryOf(lines: readonly Line[]): RecoveryParts {
  const timesOf = (place: string, name: string): number[] =>
    lines.filter((line) => line.place === place && nameOf(line) === name).map(({ ms }) => ms)
  const first = (place: string, name: string): number => timesOf(place, name)[0] ?? Number.NaN
  const began = lines.find(({ effect }) => effect?.type === 'recoveryBegan')!
  const target = began.effect!.lost![0]!
  const plan = lines.find(({ text }) => text.includes(`rebuild ${target} from `))!
  const sources = plan.text
    .split(`rebuild ${target} from `)[1]!
    .split(/[ ,]+/)
    .filter((word) => /^[acb]\d+$/.test(word))
  const [survivors, places] = [sources.filter((place) => place.startsWith('a')), [...sources, target]]
  const line = first('conductor', 'lineFound')
  const computing = places.filter((place) => place.startsWith('a')).map((place) => first(place, 'computing'))
  const totalMs = Math.max(...computing)
  const parts: Part[] = [{ place: 'conductor', what: 'detects', fromMs: 0, toMs: began.ms }]
  const add = (place: string, what: Part['what'], fromMs: number, toMs: number): void => {
    if (toMs > fromMs) parts.push({ place, what, fromMs, toMs })
  }
  for (const place of sources) add(place, 'reports', began.ms, first(place, 'recover'))
  for (const place of survivors) add(place, 'goes back', first(place, 'restore'), first(place, 'restored'))
  const lastIn = (place: string): number => timesOf(place, 'imageEnd')[0] ?? Number.NaN
  for (const [index, place] of sources.entries()) {
    const next = places[index + 1]!
    const begins = [...timesOf(place, 'passImage'), ...timesOf(place, 'shipImage')]
    add(place, 'passes on', Math.min(...begins), lastIn(next))
  }
  add(target, 'is rebuilt', first(target, 'absorb'), lastIn(target))
  add(target, 'compares', first(target, 'adopt'), first(target, 'restored'))
  const resumed = first('conductor', 'resumed')
  for (const place of [...survivors, target]) add(place, 'resumes', resumed, first(place, 'computing'))
  return { totalMs, places: ['conductor', ...places], parts, path: pathOf(parts, sources, target, { line, totalMs }) }
}

/** Detection, the last report, the chain from its first place on, the end of the rebuild, and the last to compute. */
function pathOf(
  parts: readonly Part[],
  sources: readonly string[],
  target: string,
  { line, totalMs }: { readonly line: number; readonly totalMs: number },
): Part[] {
  const partOf = (place: string, what: Part['what']): Part | undefined =>
    parts.find((part) => part.place === place && part.what === what)
  const lastOf = (what: Part['what']): Part =>
    parts.filter((part) => part.what === what).toSorted((one, other) => other.toMs - one.toMs)[0]!
  const [detects, rebuilt, compares, resumes] = [
    partOf('conductor', 'detects')!,
    partOf(target, 'is rebuilt')!,
    partOf(target, 'compares')!,
    lastOf('resumes'),
  ]
  const begins = [...sources.map((place) => partOf(place, 'passes on')?.fromMs ?? Number.NaN), rebuilt.fromMs]
  const chain = sources.map((place, index): Part => {
    const fromMs = index === 0 ? line : begins[index]!
    return { place, what: index === 0 ? 'goes back' : 'passes on', fromMs, toMs: begins[index + 1]! }
  })
  return [
    detects,
    { ...lastOf('reports'), fromMs: detects.toMs, toMs: line },
    ...chain.filter(({ fromMs, toMs }) => toMs > fromMs),
    rebuilt,
    { ...compares, fromMs: rebuilt.toMs },
    { ...resumes, fromMs: compares.toMs, toMs: totalMs },
  ]
}

/** The type of an event or effect; of frames theirs. */
function nameOf({ event, effect }: Line): string {
  return event?.frame?.type ?? event?.type ?? effect!.type
}
