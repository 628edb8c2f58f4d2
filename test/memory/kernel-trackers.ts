import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openMemory, probeTrackers, type TrackerName } from '../../src/memory/native/index.ts'
import { portableKernels } from '../../src/parity/index.ts'

/** Trackers that need the kernel's help. */
export const kernelTrackers = ['shadow', 'lean'] as const

/** Whether a tracker is there. Where it is not, a test says so by its name, and that comparing takes its place. */
export function isThere(tracker: TrackerName): boolean {
  const { available, reason } = probeTrackers()[tracker]
  if (!available) {
    it(`${tracker} cannot be tried on this machine: ${reason}`, () => {
      const options = { kernels: portableKernels, programBytes: 100, pageSizeBytes: 4096, maximumBytes: 2 ** 22 }
      expect(openMemory({ ...options, tracker }).tracker).toBe('compare')
    })
  }
  return available
}

/** Where the addon is that is tried here. Throws where there is none. */
export function addonPath(): string {
  const nodeGypBuild = createRequire(import.meta.url)('node-gyp-build') as { path(root: string): string }
  return process.env.PARITAS_ADDON ?? nodeGypBuild.path(fileURLToPath(new URL('../..', import.meta.url)))
}
