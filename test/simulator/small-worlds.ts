import { type ExhaustiveWorld, exhaustiveWorlds } from '../../src/simulator/index.ts'

/** Small enough for every run of the tests; `paritas explore --exhaustive` explores the full worlds. */
export const oneMessage: ExhaustiveWorld = {
  ...exhaustiveWorlds.channel,
  scripts: [[{ type: 'send', to: 1 }], [{ type: 'receive', from: null }]],
}
