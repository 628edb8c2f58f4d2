import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { patient } from './test/load.ts'

/** By itself vitest begins with the largest files, and this short one takes longest: at the end the other worker waits. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLongest = ({ moduleId }: TestSpecification): boolean => moduleId.endsWith('test/programs/kills.test.ts')
    const sorted = await super.sort(files)
    return [...sorted.filter(isLongest), ...sorted.filter((one) => !isLongest(one))]
  }
}

export default defineConfig({
  resolve: { alias: { paritas: fileURLToPath(new URL('./src/program/paritas.ts', import.meta.url)) } },
  test: {
    include: ['test/**/*.test.ts'],
    // For the slowest of machines, and longer on busy ones; on an idle one no test takes 10 s.
    testTimeout: patient(90_000),
    // Kill tests start whole machines of up to eight processes each: two cores bear one such file beside the pure ones.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
})
