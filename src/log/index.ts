/**
 * The partial message log: the sent table, the receipt table and their rules. Pure data and functions on it; the
 * protocol decides when they are called, the memory keeps them in every checkpoint.
 */

export { type LogRulesName, logRules } from './rule-sets.ts'
export type { LogRules } from './rules.ts'
export { type ChannelReceipts, channelFrom, channelTo, emptyLog, type MessageLog, type SentEntry } from './tables.ts'
