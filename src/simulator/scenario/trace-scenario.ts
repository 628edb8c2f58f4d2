/** What happens in a scenario as the records of a trace, so that it can be drawn as one. */
import type { ProcessorId } from '../../base/index.ts'
import { isOfConductor } from '../../carrier/index.ts'
import { isForConductor, recordEffect, recordEvent } from '../../protocol/index.ts'
import type { TraceRecord } from '../../trace/index.ts'
import { runScenario } from './run-scenario.ts'
import type { Seen } from './stage.ts'

/** One machine of a scenario file, from its start to the next one's. */
export interface Story {
  /** The comment before it, in one line; empty if there is none. */
  readonly why: string
  /** Time is the number of events before. */
  readonly records: readonly TraceRecord[]
  /** What was found wrong, such as `LOST: m1 from a0 to a1`; each once. */
  readonly findings: readonly string[]
}

const findingPattern = /^(?:ASSERTION|[A-Z]{4,}(?: [A-Z]+)*): /

/** Plays a scenario file. Throws an error that says what is wrong with a file that is none. */
export function traceScenario(text: string): Story[] {
  const stories: StoryTeller[] = []
  runScenario(text, {
    machineStarts: (why) => stories.push(new StoryTeller(why)),
    saw: (seen) => stories.at(-1)?.saw(seen),
    told: (lines) => stories.at(-1)?.told(lines),
  })
  return stories
}

class StoryTeller implements Story {
  readonly why: string
  readonly records: TraceRecord[] = []
  findings: readonly string[] = []
  readonly #epochs = new Map<string, number>()
  /** Who held each place, one after the other. */
  readonly #holders = new Map<string, ProcessorId[]>()
  readonly #vacant = new Set<string>()
  #events = 0

  constructor(why: readonly string[]) {
    this.why = why.map((line) => line.replace(/^#\s*/, '')).join(' ')
  }

  told(lines: readonly string[]): void {
    const found = lines.filter((line) => findingPattern.test(line))
    this.findings = [...new Set([...this.findings, ...found])]
  }

  saw({ who, event, effects }: Seen): void {
    const place = who.replace(/^old /, '')
    this.#events += 1
    if (event.type === 'frame' && event.frame.type === 'recover') this.#raiseEpoch(who, event.epoch)
    const record = {
      at: this.#events,
      processor: this.#processorOf(who, place),
      pid: null,
      place: place.startsWith('spare') ? 'spare' : place,
    }
    // What those who may conduct hear of each other and of the store is not in traces, nor what they tell them.
    if (isForConductor(event)) this.records.push({ ...record, epoch: this.#epochOf(who), ...recordEvent(event) })
    for (const effect of effects) {
      if (effect.type === 'recoveryBegan') {
        this.#raiseEpoch(who, effect.epoch)
        for (const lost of effect.lost) this.#vacant.add(lost)
      }
      if (effect.type === 'assign') this.#assign(effect.place, effect.processor, effect.epoch)
      if (!isOfConductor(effect)) continue
      const epoch = 'epoch' in effect ? effect.epoch : this.#epochOf(who)
      this.records.push({ ...record, epoch, ...recordEffect(effect) })
    }
  }

  #epochOf(who: string): number {
    return this.#epochs.get(who) ?? 1
  }

  #raiseEpoch(who: string, epoch: number): void {
    this.#epochs.set(who, Math.max(epoch, this.#epochOf(who)))
  }

  #assign(place: string, processor: ProcessorId, epoch: number): void {
    this.#epochs.set(`old ${place}`, this.#epochOf(place))
    this.#epochs.set(place, epoch)
    this.#holders.set(place, [...(this.#holders.get(place) ?? []), processor])
    this.#vacant.delete(place)
  }

  /** `old a0` held the place before who holds it now. */
  #processorOf(who: string, place: string): ProcessorId | null {
    const holders = this.#holders.get(place) ?? []
    const isOld = who.startsWith('old ') && !this.#vacant.has(place)
    return holders.at(isOld ? -2 : -1) ?? null
  }
}
