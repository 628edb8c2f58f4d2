/**
 * Tests of programs: one is run without losses and then again and again with them, and every run must give what the first
 * gave. `observe.ts` runs in the program's threads, and has each process tell what it looks like; `campaign.ts` makes the
 * runs, and `finding.ts` looks into one that differs. `paritas/testing`, for tests of one's own, is `api.ts`.
 */
export { type Compare, placeText } from './agreement.ts'
export { Campaign, type CampaignNews, type CampaignOptions, type Summary } from './campaign.ts'
export { findingLines } from './finding.ts'
export type { Bench } from './trial.ts'
