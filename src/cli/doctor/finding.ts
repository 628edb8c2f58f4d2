/**
 * One thing that was looked at. `good`: as well as can be. `slower`: Paritas works without, and would be faster with it.
 * `short`: it may not be enough for some runs.
 */
export interface Finding {
  readonly topic: string
  /** In a word or two. */
  readonly value: string
  /** Why, or what that means; may be empty. */
  readonly remark: string
  readonly state: 'good' | 'slower' | 'short'
  /** What to do for more, in one sentence or command; null where there is nothing to do. */
  readonly advice: string | null
}

export const good = (topic: string, value: string, remark = ''): Finding => ({
  ...{ topic, value, remark },
  state: 'good',
  advice: null,
})

export const slower = (topic: string, value: string, remark: string, advice: string | null): Finding => ({
  ...{ topic, value, remark, advice },
  state: 'slower',
})

export const short = (topic: string, value: string, remark: string, advice: string): Finding => ({
  ...{ topic, value, remark, advice },
  state: 'short',
})
