import type { SpaceTime } from '../trace/index.ts'

/** The diagram in a few words. */
export function summaryOf({ lanes, arrows, cuts, recoveries, ending }: SpaceTime): string {
  const processors = lanes.filter(({ place, isFormer }) => place !== 'conductor' && !isFormer).length
  const messages = arrows.filter(({ traffic }) => traffic === 'message')
  const replayed = messages.filter(({ isReplayed }) => isReplayed).length
  const discarded = messages.filter(({ fate }) => fate === 'discarded').length
  const lost = [...new Set(recoveries.flatMap((one) => one.lost))]
  const fates = [
    ...(replayed > 0 ? [`${replayed} replayed`] : []),
    ...(discarded > 0 ? [`${discarded} discarded`] : []),
  ]
  const parts = [
    count(processors, 'place'),
    count(messages.length, 'message') + inBrackets(fates),
    count(cuts.length, 'committed checkpoint'),
    recoveries.length === 0 ? 'no recovery' : count(recoveries.length, 'recovery') + inBrackets(lost, 'lost: '),
    ...(ending === null ? [] : [ending]),
  ]
  return parts.join(', ')
}

function count(number: number, noun: string): string {
  const plural = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`
  return `${number} ${number === 1 ? noun : plural}`
}

const inBrackets = (words: readonly string[], before = ''): string =>
  words.length === 0 ? '' : ` (${before}${words.join(', ')})`
