import { unreachable } from '../base/index.ts'
import type { ApplicationEvent } from '../protocol/index.ts'
import type { MemoryWork, Restorable } from './ports.ts'

/** Does what a recovery asks. Returns the answer, or null where none is waited for. */
export function doMemoryWork(work: MemoryWork, memory: Restorable): ApplicationEvent | null {
  switch (work.type) {
    case 'clear':
      memory.clear()
      return null
    case 'absorb':
      memory.absorb(work.batch)
      return null
    case 'restore':
      memory.restore(work.checkpoint)
      break
    case 'adopt': {
      const groups = memory.adopt(work.checkpoint, work.checksums)
      if (groups.length > 0) return { type: 'damaged', epoch: work.epoch, groups }
      break
    }
    default:
      return unreachable(work)
  }
  const { epoch, checkpoint } = work
  return { type: 'restored', epoch, checkpoint, blobs: memory.blobs() }
}
