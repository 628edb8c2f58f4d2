import { expect, it } from 'vitest'
import { paperRatios } from '../../src/evaluation/index.ts'
import { paperRows } from '../../src/evaluation/paper.ts'

it('every row but one follows from its own inputs, and one table is printed twice', () => {
  const rows = paperRows()
  expect(rows.map(({ table, scheme, derivedRatio }) => [table, scheme, derivedRatio.toFixed(6)])).toEqual([
    [10, 'n+1-parity', '0.074822'],
    [10, 'enhanced', '0.052899'],
    [11, 'n+1-parity', '0.072860'],
    [11, 'enhanced', '0.049993'],
    [12, 'n+1-parity', '0.072860'],
    [12, 'enhanced', '0.049993'],
  ])
  expect(rows.filter(({ agrees }) => !agrees).map(({ table, scheme }) => [table, scheme])).toEqual([[10, 'enhanced']])
  expect(rows.map(({ sameAsTable }) => sameAsTable)).toEqual([null, null, 12, 12, 11, 11])
})

it('the ratios are 0.705 and 0.686 of r, 0.50 and 0.47 of O', () => {
  const [sort, matrix] = ['merge-sort', 'matrix-multiplication'].map((name) => paperRatios(name)!)
  expect([sort!.ratio.toFixed(3), matrix!.ratio.toFixed(3)]).toEqual(['0.705', '0.686'])
  expect([sort!.overhead.toFixed(2), matrix!.overhead.toFixed(2)]).toEqual(['0.50', '0.47'])
})
