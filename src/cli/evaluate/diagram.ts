import { drawPicture, summaryOf } from '../../drawing/index.ts'
import type { Diagram } from '../../report/index.ts'
import { readFileToDraw } from '../trace/read-file.ts'

const pictureWidthPx = 1360
/** What is shown around the recovery, as a share of how long it took. */
const [shareBefore, shareAfter] = [0.9, 0.5]

/** The recovery of a traced run as a picture; null if there is none in it. */
export async function recoveryDiagram(path: string, signal: AbortSignal): Promise<Diagram | null> {
  const { model } = await readFileToDraw(path, 1, signal)
  const recovery = model.recoveries.at(-1)
  if (!recovery || recovery.to === null) return null
  const length = recovery.to - recovery.from
  const from = Math.max(model.from, recovery.from - shareBefore * length)
  const to = Math.min(model.to, recovery.to + shareAfter * length)
  const svg = drawPicture(model, { title: 'One recovery', findings: [], view: { from, to, width: pictureWidthPx } })
  const caption =
    `A real run, as its trace tells: ${summaryOf(model)}. Drawn is the time around its recovery. ` +
    'Each line is a processor; paritas trace show recovery.jsonl draws all of it, and zooms.'
  return { svg, caption }
}
