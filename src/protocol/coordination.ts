/**
 * How processors come to take the same checkpoint.
 *
 * independent: each captures when it suits, between two steps, and a message log keeps what crosses the checkpoint.
 * The others are the synchronous checkpoint of Plank and Li: all freeze, channels are drained, all capture, all go on;
 * nothing crosses it, so nothing is logged. They go on once it is committed, or already once all have captured.
 */
export const coordinations = ['independent', 'resume-after-commit', 'resume-after-capture'] as const

export type Coordination = (typeof coordinations)[number]
