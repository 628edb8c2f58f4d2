/** Folders that a killed run has left are removed by a later one; those of living runs and of others stay. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { keptName, markOwner, partialName, removeLeftovers, removePartials } from '../../src/ownership/leftovers.ts'

const parent = mkdtempSync(join(tmpdir(), 'leftovers-'))
afterAll(() => rmSync(parent, { recursive: true }))

const { pid: endedPid } = spawnSync(process.execPath, ['--version'])

function folder(name: string, change: (owner: string) => string = (owner) => owner): string {
  const path = join(parent, name)
  mkdirSync(path)
  markOwner(path)
  writeFileSync(join(path, 'owner'), change(readFileSync(join(path, 'owner'), 'utf8')))
  return path
}

test('only folders of runs that have ended are removed', () => {
  const ended = (owner: string): string => JSON.stringify({ ...JSON.parse(owner), pid: endedPid })
  const left = folder('paritas-aaaaaa', ended)
  const kept = [
    folder('paritas-bbbbbb'),
    folder('paritas-cccccc', (owner) => ended(owner).replace('pid:[', 'pid:[7')),
    folder('paritas-dddddd', () => 'nonsense'),
    folder('paritas-my-own', ended),
  ]
  mkdirSync(join(parent, 'paritas-eeeeee'))
  removeLeftovers(parent)
  expect(existsSync(left)).toBe(false)
  for (const path of [...kept, join(parent, 'paritas-eeeeee')]) expect(existsSync(path), path).toBe(true)
})

test('a folder that cannot be read is no problem', () => {
  expect(() => removeLeftovers(join(parent, 'nowhere'))).not.toThrow()
})

test('only incomplete outputs of runs that have ended are removed', () => {
  const outputs = join(parent, 'outputs')
  mkdirSync(outputs)
  const own = partialName()
  const ended = own.replace(`-${process.pid}-`, `-${endedPid}-`)
  const [, , , space = '', boot = '', machine = ''] = own.split('-')
  const earlier = own.replace(boot, 'aaaaaaaa')
  const others = [space, machine].map((part) => ended.replace(part, 'bbbbbbbb'))
  const kept = [own, ...others, `${ended}.txt`, `my${ended}`, '.paritas-7-7.partial', keptName('sorted.txt')]
  for (const name of [ended, earlier, ...kept]) writeFileSync(join(outputs, name), '')
  removePartials(outputs)
  expect(readdirSync(outputs).sort()).toEqual(kept.sort())
})
