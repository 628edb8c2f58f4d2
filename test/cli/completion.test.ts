import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandEntries } from '../../src/cli/commands.ts'
import { paritas } from './fake-machine.ts'

const folder = mkdtempSync(join(tmpdir(), 'paritas-completion-'))
afterAll(() => rmSync(folder, { recursive: true }))

beforeAll(async () => {
  writeFileSync(join(folder, 'script'), (await paritas(['completion', 'bash'])).stdout)
  writeFileSync(join(folder, 'my program.ts'), '')
  mkdirSync(join(folder, 'old-checkpoints'))
})

/** What bash offers when the last of `words` is to be completed. */
function offered(...words: string[]): string[] {
  const quoted = ['paritas', ...words].map((word) => `'${word}'`).join(' ')
  const line = `source ./script; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _paritas; printf '%s\\n' "\${COMPREPLY[@]}"`
  const text = execFileSync('bash', ['--norc', '-euc', line], { cwd: folder, encoding: 'utf8' })
  return text.split('\n').filter((one) => one !== '')
}

describe('in bash', () => {
  test('commands', () => {
    expect(offered('')).toEqual([...commandEntries.map(({ name }) => name), 'help'])
    expect(offered('re')).toEqual(['resume'])
    expect(offered('help', 'in')).toEqual(['interval'])
    expect(offered('trace', '')).toEqual(['show'])
    expect(offered('lab', 'power')).toEqual(['power-off', 'power-on'])
    expect(offered('--no-color', 'me')).toEqual(['measure'])
  })

  test('programs that ship, and those of one’s own', () => {
    expect(offered('run', 'm')).toEqual(['my program.ts', 'matrix-multiplication', 'merge-sort'])
    expect(offered('run', '--processes', '8', 'mer')).toEqual(['merge-sort'])
  })

  test.each([
    [['run', 'ring', '--che'], ['--checkpoint-dir']],
    [['run', 'ring', '--q'], ['--quiet']],
    [['trace', 'show', 'x', '--st'], ['--story']],
    [
      ['lab', '--hosts', '3', '--co'],
      ['--cores', '--color'],
    ],
    [['lab', 'cut', 'h1', 'h2', '--on'], ['--one-way']],
    [
      ['programs', '--'],
      ['--json', '--help', '--color', '--no-color'],
    ],
    [['--v'], ['--version']],
  ])('options: %j', (words, options) => {
    expect(offered(...words)).toEqual(options)
  })

  test.each([
    [
      ['run', 'ring', '--scheme', 'n'],
      ['none', 'n+1-parity'],
    ],
    [
      ['run', 'ring', '--memory', ''],
      ['auto', 'shadow', 'lean', 'compare'],
    ],
    [['run', 'ring', '--processes', ''], []],
    [['run', 'merge-sort', '--input', 'my'], ['my program.ts']],
    [['run', 'merge-sort', '--input', 'a', 'my'], ['my program.ts']],
    [['run', 'merge-sort', '--input', 'a', '--output', 'my'], ['my program.ts']],
    [['run', 'ring', '--checkpoint-dir', ''], ['old-checkpoints']],
    [['resume', 'o'], ['old-checkpoints']],
    [['doctor', ''], []],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
  ])('values: %j', (words, values) => {
    expect(offered(...words)).toEqual(values)
  })
})

test('every option of every command is in the scripts of all shells', async () => {
  const scripts = await Promise.all(['bash', 'zsh', 'fish'].map((shell) => paritas(['completion', shell])))
  for (const { name } of commandEntries) {
    const help = (await paritas(['help', ...(name === 'trace' ? ['trace', 'show'] : [name])])).stdout
    for (const [, option] of help.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)) {
      for (const { stdout } of scripts) expect(stdout).toMatch(new RegExp(`(--|-l )${option}\\b`))
    }
  }
})

test('another shell: exit 1, and which there are', async () => {
  const { exitCode, stdout, stderr } = await paritas(['completion', 'powershell'])
  expect([exitCode, stdout]).toEqual([1, ''])
  expect(stderr).toBe("paritas: completion is for bash, zsh or fish, but not for 'powershell'\n")
})
