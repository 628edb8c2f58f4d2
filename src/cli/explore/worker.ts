/** A thread that runs seeds, a batch at a time. */
import { parentPort } from 'node:worker_threads'
import { type MixOptions, minimize, runSeed } from '../../simulator/index.ts'
import { addTally, type FromExplorer, noTally, type ToExplorer } from './messages.ts'

parentPort?.on('message', (message: ToExplorer) => {
  const answer: FromExplorer =
    message.type === 'run'
      ? runBatch(message.from, message.count, message.mix)
      : { type: 'minimized', minimal: minimize(message.seed, message.mix) }
  parentPort?.postMessage(answer)
})

function runBatch(from: number, count: number, mix: MixOptions): FromExplorer {
  let tally = noTally
  for (let seed = from; seed < from + count; seed += 1) {
    const run = runSeed(seed, mix)
    const { actions, events, commits, recoveries, takeOvers, stored, fromDisk } = run
    tally = addTally(tally, { seeds: 1, actions, events, commits, recoveries, takeOvers, stored, fromDisk })
    if (!run.violation) continue
    return { type: 'ran', tally, failure: { seed, violation: run.violation } }
  }
  return { type: 'ran', tally, failure: null }
}
