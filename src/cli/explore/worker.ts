/** A thread that runs seeds, a batch at a time. */
import { parentPort } from 'node:worker_threads'
import { type MixOptions, minimize, runSeed } from '../../simulator/index.ts'
import type { FromExplorer, ToExplorer } from './messages.ts'

parentPort?.on('message', (message: ToExplorer) => {
  const answer: FromExplorer =
    message.type === 'run'
      ? runBatch(message.from, message.count, message.mix)
      : { type: 'minimized', minimal: minimize(message.seed, message.mix) }
  parentPort?.postMessage(answer)
})

function runBatch(from: number, count: number, mix: MixOptions): FromExplorer {
  let [seeds, actions, events, commits, recoveries] = [0, 0, 0, 0, 0]
  for (let seed = from; seed < from + count; seed += 1) {
    const run = runSeed(seed, mix)
    seeds += 1
    actions += run.actions
    events += run.events
    commits += run.commits
    recoveries += run.recoveries
    if (!run.violation) continue
    const tally = { seeds, actions, events, commits, recoveries }
    return { type: 'ran', tally, failure: { seed, violation: run.violation } }
  }
  return { type: 'ran', tally: { seeds, actions, events, commits, recoveries }, failure: null }
}
