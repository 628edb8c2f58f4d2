/**
 * How a program comes to a host that has not got it: the host asks for one part after another, and whoever has the program
 * answers each question by itself. So no more than one part is under way to a host, and after a link has broken the same
 * question is asked once more.
 */
import { bytes, count, orNull, type VariantChecks, when } from '../../base/index.ts'
import { partBytesMax } from '../bundle/intake.ts'
import { digestCheck } from '../bundle/manifest.ts'

/** `file`: which one of the manifest, from 0 on; null: the manifest. As many bytes as there are from `offset` on, but no more than `bytesMax`. */
export interface BundleWanted {
  readonly type: 'bundleWanted'
  readonly digest: string
  readonly file: number | null
  readonly offset: number
  readonly bytesMax: number
}

export type BundleAnswer =
  | {
      readonly type: 'bundlePart'
      readonly digest: string
      readonly file: number | null
      readonly offset: number
      readonly bytes: Uint8Array
    }
  /** There is no such bundle, or no such part of it. */
  | { readonly type: 'bundleMissing'; readonly digest: string }

const partBytes = when('bytes of a part', (value) => bytes(value) === null && fits((value as Uint8Array).length))
const partLength = when('a length of a part', (value) => count(value) === null && fits(value as number))
const fits = (length: number): boolean => length > 0 && length <= partBytesMax

/** For the unions that these messages are part of. */
export const bundleQuestions: VariantChecks<BundleWanted> = {
  bundleWanted: { digest: digestCheck, file: orNull(count), offset: count, bytesMax: partLength },
}
export const bundleAnswers: VariantChecks<BundleAnswer> = {
  bundlePart: { digest: digestCheck, file: orNull(count), offset: count, bytes: partBytes },
  bundleMissing: { digest: digestCheck },
}
