import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { paritas: fileURLToPath(new URL('./src/program/index.ts', import.meta.url)) } },
  test: {
    include: ['test/**/*.test.ts'],
    // For the slowest and busiest of machines; on an idle one no test takes 10 s.
    testTimeout: 90_000,
    // Kill tests start whole machines of up to eight processes each: two cores bear one such file beside the pure ones.
    maxWorkers: 2,
  },
})
