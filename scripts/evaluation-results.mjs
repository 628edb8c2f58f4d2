// `npm run evaluate:results -- FOLDER`: puts the tables of an evaluation into docs/evaluation.md, between its two marks; those
// of one with --cores-each have marks of their own.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

const folder = process.argv[2]
if (folder === undefined) {
  process.stderr.write('paritas: name the folder of an evaluation: npm run evaluate:results -- FOLDER\n')
  process.exit(1)
}
const data = readReport(folder)
setup()
const { tablesOf } = await import('../dist/report/index.js')
const { machine, setting, runs, load } = data
const minute = (time) => time.slice(0, 16).replace('T', ' ')
const about = [
  `Measured ${minute(runs[0].beganAt)} to ${minute(runs.at(-1).beganAt)} UTC, version ${data.paritas}, on ${machine.processor},`,
  `${machine.cores} cores, ${machine.system.replace(/^(\w+ \d+\.\d+)\S*/, '$1')}, Node ${machine.node}, load ${load.before.toFixed(1)} before. ${runs.length} runs,`,
  `${setting.rounds} rounds, ${setting.processes} processes, a checkpoint every ${setting.intervalMs} ms,`,
  `sizes: ${setting.size}${shareText(setting)}.`,
].join('\n')

const row = (cells) => `| ${cells.join(' | ')} |`
// With shares only what they change: the rest is said already.
const ofShares = ['headline', 'costs', 'parts', 'processor', 'recovery']
const heading = setting.coresEach ? '####' : '###'
const tables = Object.entries(tablesOf(data)).flatMap(([name, table]) =>
  table === null || (setting.coresEach && !ofShares.includes(name))
    ? []
    : [
        [
          `${heading} ${table.title}`,
          '',
          row(table.columns),
          row(table.columns.map(() => '---')),
          ...table.rows.map(row),
          '',
          ...table.notes.map((note) => `${note.replaceAll('*', '\\*')}\n`),
        ].join('\n'),
      ],
)
const path = join(root, 'docs', 'evaluation.md')
const which = setting.coresEach ? 'results with shares' : 'results'
const [begin, end] = [`<!-- ${which} -->`, `<!-- end of ${which} -->`]
const text = readFileSync(path, 'utf8')
const results = `${begin}\n${about}\n\n${tables.join('\n')}\n${end}`
writeFileSync(path, text.slice(0, text.indexOf(begin)) + results + text.slice(text.indexOf(end) + end.length))

function shareText({ coresEach, tolerate }) {
  return coresEach ? `, ${coresEach} of a core for each processor, ${tolerate} losses at a time` : ''
}

function readReport(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'))
  } catch (error) {
    const isMissing = error.code === 'ENOENT' || error.code === 'ENOTDIR'
    const why = isMissing ? 'there is no report.json in it' : error.message
    process.stderr.write(`paritas: ${folder}: ${why}; name the folder of an evaluation that is finished\n`)
    process.exit(1)
  }
}
