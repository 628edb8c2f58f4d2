import { availableParallelism } from 'node:os'
import { UsageError } from '../../base/index.ts'
import { type EvaluationSetting, processorsAtMost } from '../../evaluation/index.ts'
import { lookForShares, obstacleText, ProcessorShares, readLimits } from '../../machine/index.ts'

/** The cores that this process may use; those of a control group need not be whole. */
const coresHere = (): number => Math.min(availableParallelism(), readLimits().groupCores ?? Number.POSITIVE_INFINITY)

/** Throws a `UsageError` where processors cannot have the shares of processor time that are asked for. */
export function requireShares(setting: EvaluationSetting, cores = coresHere()): void {
  const { coresEach } = setting
  if (coresEach === null) return
  const wish = `--cores-each ${coresEach}`
  const processors = processorsAtMost(setting)
  const needed = Number((processors * coresEach).toFixed(2))
  if (needed > cores) {
    const most = Math.floor((100 * cores) / processors) / 100
    throw new UsageError(
      `${wish}: ${processors} processors would take ${needed} cores, and there are ${cores}; use at most ${most}, or fewer processors (--processes, --tolerate)`,
    )
  }
  const tree = lookForShares()
  if ('why' in tree) throw new UsageError(obstacleText(wish, tree))
}

/** Runs `action` with the shares of processors, null where nothing is limited; behind it nothing of them is left. */
export async function withShares<Value>(
  { coresEach }: Pick<EvaluationSetting, 'coresEach'>,
  action: (shares: ProcessorShares | null) => Promise<Value>,
): Promise<Value> {
  const shares = coresEach === null ? null : ProcessorShares.open(`--cores-each ${coresEach}`, coresEach)
  try {
    return await action(shares)
  } finally {
    shares?.close()
  }
}
