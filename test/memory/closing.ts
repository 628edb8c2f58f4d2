import { afterEach } from 'vitest'
import type { ProtectedMemory } from '../../src/memory/index.ts'

const opened: ProtectedMemory[] = []

afterEach(() => {
  for (const memory of opened.splice(0)) memory.close()
})

/** Closes a memory at the end of the test that it was made in. */
export function closing(memory: ProtectedMemory): ProtectedMemory {
  opened.push(memory)
  return memory
}
