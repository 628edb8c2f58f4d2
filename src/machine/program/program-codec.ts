import { deserialize, serialize } from 'node:v8'
import type { Codec } from '../../program/index.ts'

/** How values of a program travel: the structured clone of V8, which knows typed arrays, maps, sets, dates and bigints. */
export const programCodec: Codec = { encode: serialize, decode: deserialize }
