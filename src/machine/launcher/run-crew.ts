import type { ProcessorHandle } from './crew/processor-handle.ts'
import type { Processors } from './foreman/roster.ts'

/** The processors of a run, wherever they are: a crew on this computer, or those of several hosts. */
export interface RunCrew extends Processors {
  /** From here on processors can be started. */
  open(): Promise<void>
  /** What it does cannot be trusted any more: it is ended. */
  lose(handle: ProcessorHandle, why: string): void
  /** The run is over: nobody is watched over any more. */
  stop(): void
  /** Ends every process, frozen ones too, and waits until they are gone. `flushes`: asks for the last of the trace first. */
  close(flushes: boolean): Promise<void>
}
