/**
 * The report of an evaluation: its tables, for the terminal and the page, and the page itself, with its plots. Raw
 * figures in, text out.
 */
export { type Diagram, reportPage } from './page.ts'
export type { TextTable } from './table.ts'
export { tablesOf } from './tables.ts'
