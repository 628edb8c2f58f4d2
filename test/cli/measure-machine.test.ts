// `paritas measure` with real processes: what it prints is true of a real machine, and nothing of that is left.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const entry = fileURLToPath(new URL('../../bin/paritas.js', import.meta.url))
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paritas-measure-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function start(...options: string[]): ChildProcess {
  return spawn(process.execPath, [entry, 'measure', ...options], { env: { ...process.env, TMPDIR: folder } })
}

const ended = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.once('exit', resolve))

/** Resolves when what the command prints has `text` in it. */
function saying(child: ChildProcess, text: string): Promise<void> {
  let said = ''
  return new Promise((resolve) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      said += chunk
      if (said.includes(text)) resolve()
    })
  })
}

/** Processes whose command line has the folder in it, or that were told of it. */
function processesOf(place: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(place)
    } catch {
      // It has ended meanwhile, or is not ours.
      return false
    }
  })
}

test('checkpoints and recoveries of a real machine', async () => {
  const path = join(folder, 'figures.json')
  const options = ['--only', 'checkpoints', '--processes', '2', '--memory', '2MiB', '--changed', '50%', '--rounds', '1']
  const child = start(...options, '--json', path)
  expect(await ended(child)).toBe(0)
  const { checkpoints } = JSON.parse(readFileSync(path, 'utf8'))
  expect(checkpoints).toHaveLength(1)
  const [{ changedBytes, heldUpMs, latencyMs, first, recovery }] = checkpoints
  // Half of it, give or take what follows from when a capture comes; never everything, as in the first.
  expect(changedBytes.median).toBeGreaterThan(0.2 * 2 ** 21)
  expect(changedBytes.median).toBeLessThan(0.9 * 2 ** 21)
  expect(heldUpMs.samples).toHaveLength(2)
  for (const { median } of [heldUpMs, latencyMs, first.heldUpMs, recovery.detectMs, recovery.rebuildMs]) {
    expect(median).toBeGreaterThan(0)
  }
  const { totalMs, detectMs, rebuildMs, resumeMs } = recovery
  expect(detectMs.median + rebuildMs.median + resumeMs.median).toBeCloseTo(totalMs.median, 1)
  expect(readdirSync(folder)).toEqual(['figures.json'])
  expect(processesOf(folder)).toEqual([])
})

test.each(['links', 'checkpoints'])('Ctrl-C while %s are measured ends every process', async (part) => {
  const child = start('--only', part, '--memory', '1MiB')
  const exit = ended(child)
  await saying(child, `measuring ${part}`)
  child.kill('SIGINT')
  expect(await exit).toBe(130)
  expect(processesOf(folder)).toEqual([])
  expect(readdirSync(folder)).toEqual([])
})
