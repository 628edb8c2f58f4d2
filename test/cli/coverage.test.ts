/** What a run says first of what its code covers, and what it does not. */
import { expect, test } from 'vitest'
import { paritas } from './fake-machine.ts'

test.each([
  [['--tolerate', '2'], 'any 2 losses at a time', null],
  [['--tolerate', '2', '--group-size', '4'], 'any 2 losses at a time', null],
  [
    ['--processes', '8', '--tolerate', '2', '--group-size', '4'],
    'any 2 losses at a time in each of 2 groups',
    'groups: 3 losses in the same group, such as processes 0, 2 and 4, are not covered',
  ],
  [
    ['--processes', '12', '--group-size', '4'],
    'one loss at a time in each of 3 groups',
    'groups: 2 losses in the same group, such as processes 0 and 3, are not covered',
  ],
  [
    ['--tolerate', '2', '--group-size', '2'],
    'any 2 losses at a time in each of 2 groups',
    'groups: 3 losses in the same group are not covered',
  ],
])('%j', async (options, scheme, line) => {
  const { stdout } = await paritas(['run', 'ring', ...options])
  const told = stdout.replace(/\s+/g, ' ')
  expect(told).toContain(`scheme enhanced, ${scheme} `)
  if (line === null) expect(told).not.toContain('groups')
  else expect(told).toContain(line)
})

test('groups are asked of the machine', async () => {
  const { asked } = await paritas(['run', 'ring', '--processes', '16', '--tolerate', '2', '--group-size', '4'])
  expect(asked!.machine.protection).toEqual({ code: 'reed-solomon', tolerate: 2, groupSize: 4 })
})
