/** Gives memory for pages that are about to be made: `bytes` of it, with anything in it, which are all written over. */
export type Room = (bytes: number) => Uint8Array

/** Memory that nobody else uses, for those who keep what they make. */
export const freshRoom: Room = (bytes) => new Uint8Array(bytes)
