/** What a run that ends early says of it. */
import { expect, it } from 'vitest'
import { type CheckpointStore, defaultSettings, UncoveredLossError } from '../../src/machine/index.ts'
import { endingFor } from '../../src/machine/launcher/conductor/endings.ts'

const store = { path: 'ck' } as CheckpointStore

it('where no checkpoint on disk can be read, names the newest of those, the folder and what is left to do', () => {
  const reason = 'pages-00000004-a-2.bin: it does not have its checksum'
  const ending = endingFor(
    { type: 'damaged', place: 'a2', onDisk: 15, reason },
    { machine: { ...defaultSettings, protection: null }, store },
    0,
  )
  expect(ending).toEqual(
    new UncoveredLossError(
      "nobody can go back to checkpoint 15 in ck, for application processor 2 (pages-00000004-a-2.bin: it does not have its checksum), and no other one there is whole; start anew: 'paritas run' with an empty --checkpoint-dir",
    ),
  )
})

it('where memory cannot be rebuilt, says of whom and why', () => {
  const effect = { type: 'damaged', place: 'a2', onDisk: null, reason: 'page groups 3' } as const
  for (const one of [store, null]) {
    const ending = endingFor(effect, { machine: defaultSettings, store: one }, 0)
    expect(ending).toEqual(
      new UncoveredLossError('the memory of application processor 2 cannot be rebuilt: page groups 3'),
    )
  }
})
