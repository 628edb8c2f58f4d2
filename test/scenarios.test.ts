import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runScenario } from '../src/simulator/index.ts'

const folder = new URL('../scenarios/', import.meta.url)
const files = readdirSync(folder).filter((name) => name.endsWith('.txt'))

/** PARITAS_REWRITE=1 writes what the scenarios say now into their files. Read the difference before it is kept. */
describe('scenarios', () => {
  it('are there', () => expect(files.length).toBeGreaterThan(10))

  it.each(files)('%s', (name) => {
    const file = new URL(name, folder)
    const text = readFileSync(file, 'utf8')
    const actual = runScenario(text)
    if (process.env.PARITAS_REWRITE === '1') writeFileSync(file, actual)
    else expect(actual).toBe(text)
  })
})
