import { Worker } from 'node:worker_threads'
import type { MinimalFailure, MixOptions } from '../../simulator/index.ts'
import { addTally, type FailedSeed, type FromExplorer, noTally, type Tally, type ToExplorer } from './messages.ts'

/** The compiled worker: it runs as plain JavaScript, wherever this module itself runs from. */
const workerUrl = new URL('../../../dist/cli/explore/worker.js', import.meta.url)

/** Small enough that progress is seen and an interruption felt, large enough that messages do not matter. */
export const batchSeeds = 50

export interface RandomExploration {
  readonly tally: Tally
  /** The lowest seed that failed, of those that were run. */
  readonly failure: FailedSeed | null
  /** All seeds below this one were run, up to the first failure of their batch. */
  readonly next: number
}

export interface ExplorationOptions {
  readonly from: number
  readonly seeds: number
  readonly mix: MixOptions
  readonly signal: AbortSignal
  onProgress(tally: Tally): void
}

/** Threads that run seeds. To be closed in the end. */
export class ExplorerPool {
  readonly #workers: readonly Explorer[]

  constructor(threads: number) {
    this.#workers = Array.from({ length: threads }, () => new Explorer())
  }

  /** Runs the seeds, on all threads, up to the first failure. */
  async explore({ from, seeds, mix, signal, onProgress }: ExplorationOptions): Promise<RandomExploration> {
    let next = from
    let tally = noTally
    const failures: FailedSeed[] = []
    const end = from + seeds
    const runBatches = async (worker: Explorer): Promise<void> => {
      while (next < end && failures.length === 0 && !signal.aborted) {
        const first = next
        next = Math.min(end, first + batchSeeds)
        const answer = await worker.ask({ type: 'run', from: first, count: next - first, mix })
        if (answer.type !== 'ran') throw new Error(`a worker answered ${answer.type}`)
        tally = addTally(tally, answer.tally)
        if (answer.failure) failures.push(answer.failure)
        onProgress(tally)
      }
    }
    await Promise.all(this.#workers.map(runBatches))
    // Batches that had begun before run to their end, so the lowest seed is the same every time.
    failures.sort((left, right) => left.seed - right.seed)
    return { tally, failure: failures[0] ?? null, next }
  }

  async minimize(seed: number, mix: MixOptions): Promise<MinimalFailure | null> {
    const answer = await this.#workers[0]!.ask({ type: 'minimize', seed, mix })
    if (answer.type !== 'minimized') throw new Error(`a worker answered ${answer.type}`)
    return answer.minimal
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()))
  }
}

/** One thread: answers one question after the other. */
class Explorer {
  readonly #worker = new Worker(workerUrl)

  ask(question: ToExplorer): Promise<FromExplorer> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        this.#worker.off('message', answered)
        this.#worker.off('error', failed)
        this.#worker.off('exit', ended)
      }
      const answered = (answer: FromExplorer): void => {
        done()
        resolve(answer)
      }
      const failed = (error: Error): void => {
        done()
        reject(error)
      }
      const ended = (code: number): void => failed(new Error(`a thread of the exploration ended with code ${code}`))
      this.#worker.on('message', answered)
      this.#worker.on('error', failed)
      this.#worker.on('exit', ended)
      this.#worker.postMessage(question)
    })
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}
