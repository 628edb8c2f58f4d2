import { writeSync } from 'node:fs'

/** Writes all of `text` before it returns. Throws what the operating system says. */
export function writeAtOnce(descriptor: number, text: string): void {
  // A disk that is nearly full takes a part.
  for (let rest = Buffer.from(text); rest.length > 0; ) rest = rest.subarray(writeSync(descriptor, rest))
}
