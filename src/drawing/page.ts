/** A page that shows a diagram and zooms: everything is in the one file. */
import type { Arrow, SpaceTime } from '../trace/index.ts'
import { escapeMarkup } from './markup.ts'
import { summaryOf } from './summary.ts'
import { colours, diagramStyle } from './theme.ts'

export interface PageOptions {
  readonly title: string
  readonly findings: readonly string[]
  /** What is shown first. */
  readonly from: number
  readonly to: number
  /** The script of the page, as it was built from src/viewer. */
  readonly script: string
}

/** What a page holds for its script. */
export interface PageData {
  readonly model: SpaceTime
  readonly from: number
  readonly to: number
}

/** The whole page. */
export function drawPage(model: SpaceTime, { title, findings, from, to, script }: PageOptions): string {
  const data = JSON.stringify(pack({ model, from, to })).replaceAll('<', '\\u003c')
  const found = findings.map((one) => `<li>${escapeMarkup(one)}</li>`).join('')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeMarkup(title)}</title>
<style>${colours(':root')}${diagramStyle}${pageStyle}</style>
</head>
<body>
<header>
<div><h1>${escapeMarkup(title)}</h1><p id="summary">${escapeMarkup(summaryOf(model))}</p></div>
<div class="buttons" role="toolbar" aria-label="Zoom">
<button id="in" title="Zoom in (+)" aria-label="Zoom in">+</button>
<button id="out" title="Zoom out (-)" aria-label="Zoom out">−</button>
<button id="all" title="Show everything (0)">All</button>
</div>
</header>
${found === '' ? '' : `<ul class="findings">${found}</ul>`}
<main>
<noscript>This page needs scripts to draw; paritas trace show FILE --output FILE.svg draws without.</noscript>
<svg id="diagram" class="diagram" role="img" tabindex="0" aria-labelledby="summary" aria-describedby="keys"></svg>
<canvas id="overview" height="44" aria-hidden="true"></canvas>
<p id="notes" aria-live="polite"></p>
<fieldset id="legend"><legend>What is drawn</legend></fieldset>
<p id="keys">Wheel or + and − zoom, dragging or the arrow keys move, 0 shows everything. Rest the pointer on anything to
read what it is.</p>
</main>
<script id="data" type="application/json">${data}</script>
<script>${script.replaceAll('</script', '<\\/script')}</script>
</body>
</html>
`
}

const pageStyle = `
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:14px/1.45 ui-sans-serif,system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif}
header{display:flex;justify-content:space-between;align-items:flex-start;gap:16px;padding:18px 24px 4px}
h1{font-size:18px;margin:0;font-weight:600}
p{margin:2px 0;color:var(--soft)}
main{padding:0 0 24px}
main>p{padding:0 24px}
#diagram{display:block;width:100%;cursor:grab;touch-action:none}
#diagram.moving{cursor:grabbing}
#diagram:focus-visible{outline:2px solid var(--message);outline-offset:-2px}
#overview{display:block;width:100%;height:44px;margin:4px 0 8px;cursor:pointer;touch-action:none}
.buttons{display:flex;gap:6px}
button{font:inherit;min-width:36px;height:32px;border:1px solid var(--lane);border-radius:8px;background:none;color:var(--ink);cursor:pointer}
button:hover{background:var(--faint)}
.findings{margin:8px 24px;padding:8px 12px 8px 28px;border-left:3px solid var(--discarded);color:var(--discarded);font-weight:600}
#notes{min-height:1.5em}
fieldset{border:0;border-top:1px solid var(--faint);margin:8px 24px 0;padding:10px 0 0;display:grid;grid-template-columns:repeat(auto-fill,minmax(225px,1fr));gap:4px 12px}
legend{padding:0 8px 0 0;color:var(--soft);font-size:12px}
label,.entry{display:flex;align-items:center;gap:10px;min-height:26px;font-size:13px}
label{cursor:pointer}
label svg,.entry svg{flex:none;background:none}
input{accent-color:var(--message);margin:0;width:14px}
.entry:before{content:'';width:14px}
`

type PackedArrow = readonly (number | string | null)[]
interface PackedData extends Omit<PageData, 'model'> {
  readonly model: Omit<SpaceTime, 'arrows'> & { readonly arrows: readonly PackedArrow[] }
}

const traffics: readonly Arrow['traffic'][] = ['message', 'acknowledgement', 'checkpoint', 'recovery', 'output']
const fates: readonly Arrow['fate'][] = ['open', 'taken', 'discarded', 'lost']

/** Arrows are most of a page, so they are lists without names. */
function pack({ model, ...rest }: PageData): PackedData {
  const arrows = model.arrows.map(
    ({ traffic, fate, from, to, sent, arrived, isReplayed, isUndone, label, caption }) => [
      traffics.indexOf(traffic) + 8 * fates.indexOf(fate) + 32 * Number(isReplayed) + 64 * Number(isUndone),
      ...[from, to, sent, arrived, label, caption],
    ],
  )
  return { ...rest, model: { ...model, arrows } }
}

/** The data of a page out of its text. */
export function readPageData(text: string): PageData {
  const { model, ...rest } = JSON.parse(text) as PackedData
  const arrows = model.arrows.map(([flags, from, to, sent, arrived, label, caption]) => {
    const bits = flags as number
    return {
      traffic: traffics[bits & 7]!,
      fate: fates[(bits >> 3) & 3]!,
      isReplayed: (bits & 32) !== 0,
      isUndone: (bits & 64) !== 0,
      ...{ from, to, sent, arrived, label, caption },
    } as Arrow
  })
  return { ...rest, model: { ...model, arrows } }
}
