import type { Epoch, Rank } from '../../base/index.ts'
import {
  type ApplicationCarrier,
  type ApplicationPorts,
  carryApplication,
  doMemoryWork,
  type MemoryWork,
  RealContent,
} from '../../carrier/index.ts'
import { nodeFolder } from '../../checkpoint-files/index.ts'
import type { ProtectedMemory } from '../../memory/index.ts'
import type { ErasureCode } from '../../parity/index.ts'
import { memoryLayout, type Program, type StepOutcome, type TypedArray } from '../../program/index.ts'
import {
  type ApplicationEvent,
  type ApplicationState,
  createApplication,
  type Frame,
  heldBytes,
  holdsTooMuch,
  isProtected,
  isSynchronous,
  type Place,
  restOf,
  rulesFor,
} from '../../protocol/index.ts'
import type { ProgramThread, ThreadFailure } from '../program/program-thread.ts'
import { monotonicMs } from '../wire/control.ts'
import { eventLine } from '../wire/trace-line.ts'
import { BufferWatch } from './buffer-watch.ts'
import { CheckpointClock, ownCpuMs } from './checkpoint-clock.ts'
import { CopiesAhead } from './copies-ahead.ts'
import { DiskShare } from './disk-share.ts'
import { HeldWatch } from './held-watch.ts'
import type { Keep } from './lent-pages.ts'
import { type PlaceDriver, type ProcessorContext, pageSizeBytes, slotsFor } from './place-driver.ts'
import type { ProgramHost } from './program-host.ts'
import { loggedBytes, logSize, overlongPayload, rowBytes, stepEnded } from './step-outcome.ts'
import type { WarmMemory } from './warm-memory.ts'
import { WorkingDriver } from './working-driver.ts'

/** What a driver needs of the host of its program. */
export type ProgramRunner = Pick<
  ProgramHost,
  'listener' | 'begun' | 'stepMs' | 'warm' | 'warmNext' | 'begin' | 'run' | 'stop'
>

export interface ApplicationSeatOptions {
  readonly rank: Rank
  readonly epoch: Epoch
  /** Null under the scheme `none`. */
  readonly code: ErasureCode | null
  readonly program: Program
  readonly memory: Pick<WarmMemory, 'take'>
  /** May have a warm thread. */
  readonly host: ProgramRunner
  /** Resolves when the input is here; to null where there is none. */
  readonly input: Promise<TypedArray | null>
  readonly surroundings: ProcessorContext
}

/** An application processor: the state machine, the protected memory and the program's thread, brought together. */
export class ApplicationDriver extends WorkingDriver {
  readonly state: ApplicationState
  readonly #rank: Rank
  readonly #memory: ProtectedMemory
  readonly #host: ProgramRunner
  readonly #clock: CheckpointClock
  readonly #buffer: BufferWatch
  readonly #disk: DiskShare | null
  readonly #copies: CopiesAhead
  readonly #held: HeldWatch
  readonly #carrier: ApplicationCarrier
  /** Kept until it can be needed no more: when a checkpoint holds what `start` made of it. */
  #input: Promise<TypedArray | null>
  /** What recoveries do to the memory, one after another, and only once the program's thread has ended. */
  #memoryWork: Promise<void> = Promise.resolve()
  /** How many of them are still to be done. */
  #memoryWorks = 0
  #timeout: NodeJS.Timeout | null = null
  #eventBeganMs = 0
  #isAlone = false
  /** Is taken when somebody is heard. */
  #heldStep: ((thread: ProgramThread) => void) | null = null
  /** The epoch that the program was begun in: another may have come before it computes. */
  #begunIn: Epoch

  constructor({ rank, epoch, code, program, memory, host, input, surroundings }: ApplicationSeatOptions) {
    super(surroundings)
    const { configuration } = surroundings
    const { sizes } = configuration
    const { processes, bufferBytes, coordination } = configuration.machine
    const { bytes: programBytes } = memoryLayout(program, { rank, processes, size: sizes })
    const [rules, isStored] = [rulesFor(coordination), configuration.storeFolder !== null]
    const options = { rank, processes, code, logBytesMax: bufferBytes, rowBytes, rules, isStored }
    this.state = createApplication(epoch, options)
    this.#rank = rank
    this.#begunIn = epoch
    this.#memory = memory.take(programBytes, configuration)
    this.#input = input
    this.#disk = this.#diskShare()
    this.#copies = this.#copiesAhead()
    this.#clock = new CheckpointClock(surroundings.tell)
    this.#held = new HeldWatch({
      heldBytes: () => heldBytes(this.state),
      tell: (bytes) => surroundings.tell({ type: 'held', bytes }),
    })
    this.#buffer = new BufferWatch({
      bufferBytes,
      nowMs: monotonicMs,
      unconsumedBytes: () => (isSynchronous(this.state) ? 0 : this.state.flow.unconsumedBytes),
      loggedBytes: () => (isSynchronous(this.state) ? 0 : loggedBytes(this.state.process)),
      // Where even a memory that is changed throughout fits the buffer, nobody has to look.
      writtenBytes: () => (programBytes < bufferBytes ? 0 : this.#memory.writtenPages() * pageSizeBytes),
      changedBytes: () => this.#memory.changedPages() * pageSizeBytes,
    })
    this.#host = host
    this.#carrier = carryApplication(this.#makePorts(), this)
    host.warm()
    host.listener = {
      ended: (outcome) => this.#noteStepEnded(outcome),
      failed: (failure) => this.#noteFailure(failure),
      attached: () => this.#noteComputing(),
      progressed: (done, total) => surroundings.tell({ type: 'progress', done, total }),
    }
  }

  override receive(epoch: Epoch, from: Place, frame: Frame, keep: Keep): void {
    super.receive(epoch, from, frame, keep)
    if (this.state.mode === 'running' && !this.#host.begun) this.#beginProgram()
  }

  override rest(): ReturnType<PlaceDriver['rest']> {
    return { rest: restOf(this.state), stepMs: this.#host.stepMs }
  }

  override standStill(): void {
    this.#isAlone = true
  }

  override goOn(silentMs: number): void {
    if (!this.#isAlone) return
    this.#isAlone = false
    this.surroundings.tell({ type: 'alone', silentMs })
    const step = this.#heldStep
    this.#heldStep = null
    if (step) this.#run(step)
  }

  override send(to: Place, epoch: Epoch, frame: Frame): void {
    if (frame.type === 'request') this.#clock.requested()
    super.send(to, epoch, frame)
  }

  protected override handle(event: ApplicationEvent): void {
    this.#carrier.dispatch(event)
    this.#held.note(!this.state.stepping && holdsTooMuch(this.state))
  }

  override comes(event: ApplicationEvent): void {
    super.comes(event)
    this.#eventBeganMs = monotonicMs()
  }

  #makePorts(): ApplicationPorts {
    return {
      state: this.state,
      transport: this,
      timer: { arm: () => this.#armTimeout(), disarm: () => clearTimeout(this.#timeout ?? undefined) },
      memory: {
        content: new RealContent(this.#memory),
        capture: (checkpoint, blobs) => this.#capture(checkpoint, blobs),
        recycle: (checkpoint) => this.#recycle(checkpoint),
        put: (work) => this.#put(work),
      },
      program: {
        run: (first, deliveries) => this.#run((thread) => (first ? thread.start() : thread.step(deliveries))),
        stop: () => this.#stopProgram(),
        freeze: () => this.#clock.frozen(),
        thaw: (checkpoint) => this.#clock.thawed(checkpoint),
      },
      store: {
        store: (order) => this.#disk && this.surroundings.run(this.#disk.store(order)),
        load: (order) => this.#afterMemoryWork(() => this.#disk?.load(order)),
      },
    }
  }

  #run(step: (thread: ProgramThread) => void): void {
    if (this.#isAlone) this.#heldStep = step
    else this.#host.run(step)
  }

  #capture(checkpoint: number, blobs: ReadonlyMap<string, Uint8Array>): void {
    const beganCpuMs = ownCpuMs()
    this.#memory.capture(checkpoint, blobs)
    const taken = { beganMs: this.#eventBeganMs, atMs: monotonicMs() }
    const cpuMs = ownCpuMs() - beganCpuMs
    const { messages, bytes } = isSynchronous(this.state) ? nothingLogged : logSize(this.state.process)
    this.#clock.captured(checkpoint, taken, {
      ...{ cpuMs, loggedMessages: messages, loggedBytes: bytes },
      heldBytes: this.#memory.protectionBytes + this.surroundings.peers.slotBytes,
    })
  }

  #recycle(checkpoint: number): void {
    this.#memory.recycle(checkpoint)
    this.#input = noInput
    this.#clock.committed(checkpoint)
    this.surroundings.rehearse()
    // Who has finished at a checkpoint never runs again.
    if (this.state.process.waiting.kind !== 'finished') this.#host.warmNext()
  }

  #diskShare(): DiskShare | null {
    const { configuration, tell } = this.surroundings
    const { storeFolder } = configuration
    if (storeFolder === null) return null
    const { path, run } = storeFolder
    const dispatch = (event: ApplicationEvent): void => this.dispatch(event)
    const own = { rank: this.#rank, memory: this.#memory, epoch: () => this.epoch }
    return new DiskShare({ ...own, folder: nodeFolder(path), run, tell, dispatch })
  }

  #copiesAhead(): CopiesAhead {
    const { touching, peers, tell } = this.surroundings
    return new CopiesAhead({
      memory: this.#memory,
      touching,
      tell(count, pages) {
        tell({ type: 'inUse', pages })
        peers.prepareSlots(slotsFor(count))
      },
    })
  }

  #armTimeout(): void {
    if (this.#timeout) clearTimeout(this.#timeout)
    const { timeoutMs } = this.surroundings.configuration.machine
    if (timeoutMs !== null) this.#timeout = setTimeout(() => this.dispatch({ type: 'timeoutPassed' }), timeoutMs)
  }

  #beginProgram(): void {
    const { machine, sizes } = this.surroundings.configuration
    const { processes } = machine
    const { vars } = this.state.process
    this.#begunIn = this.epoch
    const attachment = this.#input.then((input) => ({
      rank: this.#rank,
      processes,
      size: sizes,
      buffer: this.#memory.buffer,
      programOffset: this.#memory.programOffset,
      vars,
      input,
    }))
    this.surroundings.run(this.#host.begin(attachment))
    if (isProtected(this.state)) this.#copies.start()
  }

  #stopProgram(): void {
    this.#heldStep = null
    const stopped = this.#host.stop()
    this.#memoryWorks += 1
    this.#memoryWork = this.#memoryWork
      .then(() => stopped)
      .then(() => {
        this.#memoryWorks -= 1
      })
    this.#clock.wentBack()
    // The next thread imports the program while the memory goes back.
    if (this.state.mode !== 'fenced') this.#host.warm()
  }

  /** Pages are absorbed at once if nothing is to be done to the memory before. */
  #put(work: MemoryWork): void {
    if (work.type === 'absorb' && this.#memoryWorks === 0) {
      this.#memory.absorb(work.batch)
      return
    }
    const pagesAreRead = this.claimPages()
    this.#afterMemoryWork(() => {
      const answer = doMemoryWork(work, this.#memory)
      pagesAreRead()
      if (answer) this.dispatch(answer)
    })
  }

  #afterMemoryWork(work: () => Promise<void> | void): void {
    this.#memoryWorks += 1
    this.#memoryWork = this.#memoryWork.then(work).then(() => {
      this.#memoryWorks -= 1
    })
    this.surroundings.run(this.#memoryWork)
  }

  #noteComputing(): void {
    this.surroundings.trace?.(eventLine(this.place, this.epoch, { type: 'computing' }))
    this.surroundings.tell({ type: 'computing', epoch: this.#begunIn, atMs: monotonicMs() })
  }

  #noteStepEnded(outcome: StepOutcome): void {
    const overlong = overlongPayload(this.#rank, outcome)
    if (overlong) {
      this.#noteFailure({ site: overlong, error: overlong, reason: 'threw' })
      return
    }
    this.dispatch({ type: 'stepEnded', result: stepEnded(outcome) })
    // The next step is under way by now, so looking does not hold it up.
    if (isProtected(this.state) && this.#buffer.isFull()) this.dispatch({ type: 'bufferFull' })
  }

  #noteFailure({ site, error }: ThreadFailure): void {
    this.dispatch({ type: 'stepFailed', site, error })
  }
}

const nothingLogged = { messages: 0, bytes: 0 }
const noInput = Promise.resolve(null)
