// A reporter for vitest: writes how many tests passed, failed and were skipped to the file that PARITAS_TEST_COUNTS names.
import { writeFileSync } from 'node:fs'

export default class CountTests {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        counts[state === 'passed' || state === 'failed' ? state : 'skipped'] += 1
      }
      // A file that cannot even be loaded, or whose hooks fail.
      counts.failed += module.errors().length
    }
    writeFileSync(process.env.PARITAS_TEST_COUNTS, JSON.stringify(counts))
  }
}
