import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ReportData } from '../../evaluation/index.ts'
import { reportPage, tablesOf } from '../../report/index.ts'
import { interruptible } from '../interruption.ts'
import { prepareOutput, writeOutput } from '../run/output-file.ts'
import { paintFor, type Surroundings } from '../surroundings.ts'
import { recoveryDiagram } from './diagram.ts'
import { tableLines } from './table-lines.ts'

/** Prints the tables of `data` that have something to say. */
export function tellTables(data: ReportData, { stdout, env }: Pick<Surroundings, 'stdout' | 'env'>): void {
  const width = stdout.columns ?? Number.POSITIVE_INFINITY
  for (const table of Object.values(tablesOf(data))) {
    if (table) stdout.write(`${tableLines(table, paintFor(stdout, env), width).join('\n')}\n`)
  }
}

/** Writes the report of `data` into the folder `output`; with the diagram of the trace, if there is one. */
export async function writeReport(
  data: ReportData,
  output: string,
  trace: string,
  { signals }: Pick<Surroundings, 'signals'>,
): Promise<void> {
  mkdirSync(output, { recursive: true })
  await interruptible(
    signals,
    () => {},
    async (signal) => {
      const diagram = existsSync(trace) ? await recoveryDiagram(trace, signal) : null
      const files = { 'report.json': `${JSON.stringify(data)}\n`, 'report.html': reportPage(data, diagram) }
      for (const [name, text] of Object.entries(files)) {
        await writeOutput(await prepareOutput(join(output, name)), () => [text], signal)
      }
    },
  )
}
