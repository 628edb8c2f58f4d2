import type { SourceFile } from '../../src/program/index.ts'

/** A file of text, which comes in the given pieces. */
export function textFile(name: string, ...pieces: string[]): SourceFile {
  return {
    name,
    async *texts() {
      yield* pieces
    },
    bytes: async () => new TextEncoder().encode(pieces.join('')),
  }
}

/** A file of bytes, which are no text. */
export function binaryFile(name: string, bytes: Uint8Array): SourceFile {
  return {
    name,
    // biome-ignore lint/correctness/useYield: it throws before it has anything.
    async *texts() {
      throw new Error(`${name} is no text`)
    },
    bytes: async () => bytes,
  }
}
