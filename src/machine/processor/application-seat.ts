import type { Epoch, Rank } from '../../base/index.ts'
import { nodeFolder } from '../../checkpoint-files/index.ts'
import type { ProtectedMemory } from '../../memory/index.ts'
import type { ErasureCode, PageBatch } from '../../parity/index.ts'
import { memoryLayout, type Program, type StepOutcome, type TypedArray } from '../../program/index.ts'
import {
  type ApplicationEffect,
  type ApplicationEvent,
  type ApplicationState,
  createApplication,
  type Frame,
  type Image,
  isProtected,
  isSynchronous,
  type Place,
  restOf,
  rulesFor,
  stepApplication,
} from '../../protocol/index.ts'
import { EventLoop } from '../event-loop.ts'
import type { ThreadFailure } from '../program/program-thread.ts'
import { monotonicMs } from '../wire/control.ts'
import { effectLine, eventLine } from '../wire/trace-line.ts'
import { BufferWatch } from './buffer-watch.ts'
import { CheckpointClock } from './checkpoint-clock.ts'
import { DiskShare } from './disk-share.ts'
import { LentPages } from './lent-pages.ts'
import type { ProgramHost } from './program-host.ts'
import { pageSizeBytes, type Seat, type Surroundings } from './seat.ts'
import { passImage, type Shipper, shipDelta, shipImage } from './shipping.ts'
import { loggedBytes, logSize, overlongPayload, rowBytes, stepEnded } from './step-outcome.ts'
import type { WarmMemory } from './warm-memory.ts'

export interface ApplicationSeatOptions {
  readonly rank: Rank
  readonly epoch: Epoch
  /** Null under the scheme `none`. */
  readonly code: ErasureCode | null
  readonly program: Program
  readonly memory: WarmMemory
  /** May have a thread warm. */
  readonly host: ProgramHost
  /** Resolves when the input is here; to null where there is none. */
  readonly input: Promise<TypedArray | null>
  readonly surroundings: Surroundings
}

/** An application processor: the state machine, the protected memory and the program's thread, brought together. */
export class ApplicationSeat implements Seat {
  readonly place: Place
  readonly #rank: Rank
  readonly #state: ApplicationState
  readonly #memory: ProtectedMemory
  readonly #host: ProgramHost
  readonly #surroundings: Surroundings
  readonly #loop: EventLoop<ApplicationEvent, ApplicationEffect>
  readonly #clock: CheckpointClock
  readonly #buffer: BufferWatch
  readonly #disk: DiskShare | null
  /** Kept until it can be needed no more: when a checkpoint holds what `start` made of it. */
  #input: Promise<TypedArray | null>
  /** What recoveries do to the memory, one after another, and only once the program's thread has ended. */
  #memoryWork: Promise<void> = Promise.resolve()
  /** How many of them are still to be done. */
  #memoryWorks = 0
  #timeout: NodeJS.Timeout | null = null
  #eventBeganMs = 0
  #pages: LentPages | null = null

  constructor({ rank, epoch, code, program, memory, host, input, surroundings }: ApplicationSeatOptions) {
    const { configuration } = surroundings
    const { sizes } = configuration
    const { processes, bufferBytes, coordination } = configuration.machine
    const { bytes: programBytes } = memoryLayout(program, { rank, processes, size: sizes })
    this.#rank = rank
    this.#surroundings = surroundings
    this.#state = createApplication(epoch, {
      rank,
      processes,
      code,
      logBytesMax: bufferBytes,
      rowBytes,
      rules: rulesFor(coordination),
      isStored: configuration.storeFolder !== null,
    })
    this.place = this.#state.place
    this.#memory = memory.take(programBytes, configuration)
    this.#input = input
    this.#disk = this.#diskShare()
    this.#clock = new CheckpointClock(surroundings.tell)
    this.#buffer = new BufferWatch({
      bufferBytes,
      unconsumedBytes: () => (isSynchronous(this.#state) ? 0 : this.#state.flow.unconsumedBytes),
      loggedBytes: () => (isSynchronous(this.#state) ? 0 : loggedBytes(this.#state.process)),
      // Where even a memory that is changed throughout fits the buffer, nothing has to be compared.
      changedBytes: () => (programBytes < bufferBytes ? 0 : this.#memory.changedPages() * pageSizeBytes),
    })
    this.#loop = new EventLoop(
      (event) => this.#stepMachine(event),
      (effect) => this.#carryOut(effect),
    )
    this.#host = host
    host.warm()
    host.listener = {
      ended: (outcome) => this.#noteStepEnded(outcome),
      failed: (failure) => this.#noteFailure(failure),
      attached: () => this.#noteComputing(),
      progressed: (done, total) => surroundings.tell({ type: 'progress', done, total }),
    }
  }

  get epoch(): Epoch {
    return this.#state.epoch
  }

  receive(epoch: Epoch, from: Place, frame: Frame): void {
    const pages = new LentPages(frame)
    this.#pages = pages
    this.#loop.dispatch({ type: 'frame', epoch, from, frame })
    pages.end()
    if (this.#state.mode === 'running' && !this.#host.begun) this.#beginProgram()
  }

  rest(): ReturnType<Seat['rest']> {
    return { rest: restOf(this.#state), stepMs: this.#host.stepMs }
  }

  fence(): void {
    this.#loop.dispatch({ type: 'fenced' })
  }

  #stepMachine(event: ApplicationEvent): readonly ApplicationEffect[] {
    this.#surroundings.trace?.(eventLine(this.place, this.epoch, event))
    this.#eventBeganMs = monotonicMs()
    return stepApplication(this.#state, event)
  }

  #carryOut(effect: ApplicationEffect): void {
    this.#surroundings.trace?.(effectLine(this.place, this.epoch, effect))
    switch (effect.type) {
      case 'send':
        this.#send(effect)
        return
      case 'capture':
        this.#capture(effect)
        return
      case 'shipDelta':
        this.#surroundings.run(shipDelta(this.#shipper(), this.#memory, effect))
        return
      case 'recycle':
        this.#memory.recycle(effect.checkpoint)
        this.#input = noInput
        this.#clock.committed(effect.checkpoint)
        this.#host.warmNext()
        return
      case 'armTimeout':
        this.#armTimeout()
        return
      case 'freeze':
        this.#clock.frozen()
        return
      case 'thaw':
        this.#clock.thawed(effect.checkpoint)
        return
      case 'runStep':
        this.#host.run((thread) => (effect.first ? thread.start() : thread.step(effect.deliveries)))
        return
      case 'stopProgram':
        this.#stopProgram()
        return
      case 'restore':
        this.#restore(effect.epoch, effect.checkpoint)
        return
      case 'shipImage':
        this.#shipImage(effect)
        return
      case 'passImage':
        passImage(this.#shipper(), this.#imageAt(effect.checkpoint), effect)
        this.#pages?.noteUsed(effect.batch)
        return
      case 'clear':
        this.#afterMemoryWork(() => this.#memory.clear())
        return
      case 'absorb':
        this.#absorb(effect.batch)
        return
      case 'adopt':
        this.#adopt(effect)
        return
      case 'store':
        if (this.#disk) this.#surroundings.run(this.#disk.store(effect))
        return
      case 'load':
        this.#afterMemoryWork(() => this.#disk?.load(effect))
        return
    }
  }

  #capture({ checkpoint, blobs }: Extract<ApplicationEffect, { type: 'capture' }>): void {
    this.#memory.capture(checkpoint, blobs)
    const taken = { beganMs: this.#eventBeganMs, atMs: monotonicMs() }
    const { messages, bytes } = isSynchronous(this.#state) ? nothingLogged : logSize(this.#state.process)
    const heldBytes = this.#memory.protectionBytes
    this.#clock.captured(checkpoint, taken, { loggedMessages: messages, loggedBytes: bytes, heldBytes })
  }

  #diskShare(): DiskShare | null {
    const { configuration, tell } = this.#surroundings
    const { storeFolder } = configuration
    if (storeFolder === null) return null
    const { path, run } = storeFolder
    const dispatch = (event: ApplicationEvent): void => this.#loop.dispatch(event)
    const own = { rank: this.#rank, memory: this.#memory, epoch: () => this.epoch }
    return new DiskShare({ ...own, folder: nodeFolder(path), run, tell, dispatch })
  }

  #send({ to, epoch, frame }: Extract<ApplicationEffect, { type: 'send' }>): void {
    const { tell, peers } = this.#surroundings
    if (frame.type === 'request') this.#clock.requested()
    if (to === 'conductor') tell({ type: 'frame', epoch, from: this.place, frame })
    else peers.send({ epoch, from: this.place, to, frame })
  }

  #shipImage(effect: Extract<ApplicationEffect, { type: 'shipImage' }>): void {
    const own = { rank: this.#rank, sums: this.#memory.checksums(effect.checkpoint) }
    const image = this.#imageAt(effect.checkpoint)
    this.#surroundings.run(shipImage(this.#shipper(), image, [...effect.checksums, own], effect))
  }

  #imageAt(checkpoint: number): Image {
    const memory = this.#memory
    return {
      pageEnd: memory.pageEnd,
      add: (coefficient, incoming, first, end, room) =>
        memory.addImage(checkpoint, coefficient, incoming, first, end, room),
    }
  }

  #shipper(): Shipper {
    return { place: this.place, surroundings: this.#surroundings, epoch: () => this.epoch }
  }

  #armTimeout(): void {
    if (this.#timeout) clearTimeout(this.#timeout)
    const { timeoutMs } = this.#surroundings.configuration.machine
    if (timeoutMs !== null) this.#timeout = setTimeout(() => this.#loop.dispatch({ type: 'timeoutPassed' }), timeoutMs)
  }

  #beginProgram(): void {
    const { machine, sizes } = this.#surroundings.configuration
    const { processes } = machine
    const { vars } = this.#state.process
    const attachment = this.#input.then((input) => ({
      rank: this.#rank,
      processes,
      size: sizes,
      buffer: this.#memory.buffer,
      programOffset: this.#memory.programOffset,
      vars,
      input,
    }))
    this.#surroundings.run(this.#host.begin(attachment))
  }

  #stopProgram(): void {
    const stopped = this.#host.stop()
    this.#memoryWorks += 1
    this.#memoryWork = this.#memoryWork
      .then(() => stopped)
      .then(() => {
        this.#memoryWorks -= 1
      })
    this.#clock.wentBack()
    if (this.#timeout) clearTimeout(this.#timeout)
    // The next thread imports the program while the memory goes back.
    if (this.#state.mode !== 'fenced') this.#host.warm()
  }

  #restore(epoch: Epoch, checkpoint: number): void {
    this.#afterMemoryWork(() => {
      this.#memory.undo(checkpoint)
      this.#loop.dispatch({ type: 'restored', epoch, checkpoint, blobs: this.#memory.blobs() })
    })
  }

  #adopt({ epoch, checkpoint, checksums }: Extract<ApplicationEffect, { type: 'adopt' }>): void {
    this.#afterMemoryWork(() => {
      const groups = this.#memory.adopt(checkpoint, checksums)
      if (groups.length > 0) this.#loop.dispatch({ type: 'damaged', epoch, groups })
      else this.#loop.dispatch({ type: 'restored', epoch, checkpoint, blobs: this.#memory.blobs() })
    })
  }

  /** At once if nothing is to be done to the memory before: the pages may be lent only as long as this call lasts. */
  #absorb(batch: PageBatch): void {
    if (this.#memoryWorks > 0) {
      this.#afterMemoryWork(() => this.#memory.absorb(batch))
      return
    }
    this.#memory.absorb(batch)
    this.#pages?.noteUsed(batch)
  }

  #afterMemoryWork(work: () => Promise<void> | void): void {
    this.#memoryWorks += 1
    this.#memoryWork = this.#memoryWork.then(work).then(() => {
      this.#memoryWorks -= 1
    })
    this.#surroundings.run(this.#memoryWork)
  }

  #noteComputing(): void {
    this.#surroundings.trace?.(eventLine(this.place, this.epoch, { type: 'computing' }))
    this.#surroundings.tell({ type: 'computing', epoch: this.epoch, atMs: monotonicMs() })
  }

  #noteStepEnded(outcome: StepOutcome): void {
    const overlong = overlongPayload(this.#rank, outcome)
    if (overlong) {
      this.#noteFailure({ site: overlong, error: overlong, reason: 'threw' })
      return
    }
    this.#loop.dispatch({ type: 'stepEnded', result: stepEnded(outcome) })
    // The next step is under way by now, so looking does not hold it up.
    if (isProtected(this.#state) && this.#buffer.isFull()) this.#loop.dispatch({ type: 'bufferFull' })
  }

  #noteFailure({ site, error }: ThreadFailure): void {
    this.#loop.dispatch({ type: 'stepFailed', site, error })
  }
}

const nothingLogged = { messages: 0, bytes: 0 }
const noInput = Promise.resolve(null)
