/**
 * Exhaustive exploration: every interleaving of deliveries, steps, captures, timeouts, crashes and power cuts in small
 * worlds, on the production state machines, breadth first, with the shortest counter-example; and every schedule with few delays in
 * worlds that have too many.
 */
export { describeMoves } from './describe-moves.ts'
export {
  type CounterExample,
  type ExhaustiveExploration,
  type ExhaustiveOptions,
  type ExhaustiveProgress,
  exploreExhaustively,
} from './explore.ts'
export { type ExhaustiveWorld, exhaustiveWorlds } from './worlds.ts'
export { writeCounterExample } from './write-scenario.ts'
