/**
 * Draws space-time diagrams: as one SVG picture, or as a page that zooms. Pure: a diagram as data in, text out. The page
 * runs the same code in the browser for each view.
 */
export { defaultHidden, drawPicture, drawView } from './diagram.ts'
export { type LegendEntry, legendOf } from './legend.ts'
export { escapeMarkup } from './markup.ts'
export { drawPage, readPageData } from './page.ts'
export { gutterPx } from './scale.ts'
export type { Layer } from './select.ts'
export { summaryOf } from './summary.ts'
