/** Gives `bytes` bytes for pages that are about to be made. They may hold anything: all of them are written over. */
export type Room = (bytes: number) => Uint8Array

/** New memory each time, for those who keep what they make. */
export const freshRoom: Room = (bytes) => new Uint8Array(bytes)
