import { foldAll } from '../folding.ts'
import { jsonSafe } from '../json-safe.ts'
import { type Paint, paintFor, type Surroundings } from '../surroundings.ts'
import { inColumns } from '../wording.ts'
import type { MachineFacts, SystemFacts } from './facts.ts'
import type { Finding } from './finding.ts'
import { gatherFacts } from './gather.ts'
import { type Diagnosis, judge } from './judge.ts'
import { shortRelease } from './judge-tracking.ts'

/** Says what this machine offers to Paritas, and what would make it offer more. */
export function tellDoctor(isJson: boolean, { stdout, stderr, env, version }: Surroundings): void {
  const facts = gatherFacts(env)
  const diagnosis = judge(facts)
  const out = isJson ? stderr : stdout
  const lines = foldAll(doctorLines(facts, diagnosis, version, paintFor(out, env)), out.columns)
  out.write(`${lines.join('\n')}\n`)
  if (isJson) stdout.write(`${JSON.stringify(jsonSafe({ version, ...diagnosis, facts }))}\n`)
}

/** The diagnosis for people, as lines without their ends. */
export function doctorLines(
  { system }: Pick<MachineFacts, 'system'>,
  { uses, findings }: Diagnosis,
  version: string,
  paint: Paint,
): string[] {
  const rows = inColumns(findings.map(({ topic, value, remark }) => [topic, value, remark]))
  const lines = rows.map((row, index) => `  ${markOf(findings[index]!, paint)} ${row}`)
  const title = paint.bold(`Paritas ${version} on ${systemName(system)}`)
  const used = `Runs find what has changed by ${ways[uses.tracker]}, and compute parity with ${uses.kernels}.`
  return ['', title, '', ...lines, '', used, ...verdict(findings, paint), '']
}

const ways = { shadow: 'page tracking', lean: 'write protection', compare: 'comparing' } as const

const systemNames: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' }

function systemName({ platform, release, architecture, nodeVersion }: SystemFacts): string {
  // Releases of Darwin are not those that users of macOS know.
  const named = platform === 'linux' ? `Linux ${shortRelease(release)}` : (systemNames[platform] ?? platform)
  return `${named}, ${architecture}, Node ${nodeVersion.slice(1)}`
}

function markOf({ state }: Finding, paint: Paint): string {
  switch (state) {
    case 'good':
      return paint.green('✔')
    case 'slower':
      return paint.yellow('–')
    case 'short':
      return paint.yellow('!')
  }
}

function verdict(findings: readonly Finding[], paint: Paint): string[] {
  if (findings.every(({ state }) => state === 'good')) return ['', paint.green('✔ Nothing is missing.')]
  const advice = findings.flatMap(({ topic, advice }) => (advice === null ? [] : [[topic, advice]]))
  if (advice.length === 0) return ['There is nothing to do for more.']
  return ['', 'For more:', ...inColumns(advice).map((line) => `  ${line}`)]
}
