import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { alias: { paritas: fileURLToPath(new URL('./src/program/index.ts', import.meta.url)) } },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    // Kill tests start whole machines of up to eight processes each: two cores bear one such file beside the pure ones.
    maxWorkers: 2,
  },
})
