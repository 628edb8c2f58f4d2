import { format } from 'node:util'
import { Deserializer, Serializer } from 'node:v8'
import { messageOf } from '../../base/index.ts'
import type { Codec } from '../../program/index.ts'
import { type BufferView, type Inspected, inspectCloneable, viewClasses } from './cloneable.ts'
import { type BufferCut, CutBuffers } from './cut-buffers.ts'

/**
 * How values of a program travel and are kept: as a structured clone of V8, with every view on a buffer of its own. What
 * would not come out as it went in is refused by its path, so that nothing changes when a process is restored.
 */
export const programCodec: Codec = {
  encode(value, name, buffers) {
    const encoder = new Encoder(inspectCloneable(value, name, buffers))
    encoder.writeHeader()
    try {
      encoder.writeValue(value)
    } catch (error) {
      throw new TypeError(`${name} cannot be copied: ${messageOf(error)}`)
    }
    return encoder.releaseBuffer()
  },
  decode(bytes) {
    const decoder = new Decoder(bytes)
    decoder.readHeader()
    return decoder.readValue()
  },
  format: (values) => format(...values),
}

/** Written where a view is on the whole of a buffer, which follows as a value; else the number of a cut, from 1 on. */
const wholeBuffer = 0

const viewNumbers = new Map<unknown, number>(viewClasses.map(({ prototype }, number) => [prototype, number]))

/** V8's side of it, which Node's types leave out. */
interface ViewSwitch {
  _setTreatArrayBufferViewsAsHostObjects(areHostObjects: boolean): void
}

class Encoder extends Serializer {
  readonly #cuts: CutBuffers
  readonly #numbers = new Map<BufferCut, number>()

  constructor(inspected: Inspected) {
    super()
    this.#cuts = new CutBuffers(inspected)
    ;(this as unknown as ViewSwitch)._setTreatArrayBufferViewsAsHostObjects(true)
  }

  /**
   * Called by V8 for each view, the first time that it comes. The buffer comes last: behind a buffer V8 looks for a view
   * of its own, and would take the bytes of some numbers for one.
   */
  _writeHostObject(view: BufferView): void {
    const number = viewNumbers.get(Object.getPrototypeOf(view))
    if (number === undefined) throw new TypeError('an object of Node is no value')
    this.writeUint32(number)
    const cut = this.#cuts.cutOf(view)
    this.writeDouble(view.byteOffset - (cut?.start ?? 0))
    this.writeDouble('length' in view ? view.length : view.byteLength)
    if (cut === null) {
      this.writeUint32(wholeBuffer)
      this.writeValue(view.buffer)
    } else {
      this.#writeCut(cut)
    }
  }

  #writeCut(cut: BufferCut): void {
    const known = this.#numbers.get(cut)
    this.writeUint32(known ?? this.#numbers.size + 1)
    if (known !== undefined) return
    this.#numbers.set(cut, this.#numbers.size + 1)
    this.writeDouble(cut.end - cut.start)
    this.writeRawBytes(new Uint8Array(cut.buffer, cut.start, cut.end - cut.start))
  }
}

interface ViewClass {
  new (buffer: ArrayBuffer, byteOffset: number, length: number): BufferView
  readonly prototype: BufferView
}

class Decoder extends Deserializer {
  readonly #buffers: ArrayBuffer[] = []

  _readHostObject(): BufferView {
    const View = viewClasses[this.readUint32()] as unknown as ViewClass
    const [byteOffset, length] = [this.readDouble(), this.readDouble()]
    const number = this.readUint32()
    const buffer = number === wholeBuffer ? (this.readValue() as ArrayBuffer) : this.#readCut(number - 1)
    return View.prototype === Buffer.prototype
      ? Buffer.from(buffer, byteOffset, length)
      : new View(buffer, byteOffset, length)
  }

  #readCut(index: number): ArrayBuffer {
    const known = this.#buffers[index]
    if (known !== undefined) return known
    const bytes = this.readRawBytes(this.readDouble())
    const buffer = new ArrayBuffer(bytes.byteLength)
    new Uint8Array(buffer).set(bytes)
    this.#buffers[index] = buffer
    return buffer
  }
}
