// What Paritas gives to a process that is a WebAssembly module. Copy this file beside your own AssemblyScript.
// A call in `start` or `step` works on the step that runs; a step that calls neither `receive` nor `done` goes on at once.

/** Any sender, or any tag. */
export const any: i32 = -1

/** Which process this is, from 0 on. */
@external('paritas', 'rank') export declare function rank(): i32
/** How many there are. */
@external('paritas', 'processes') export declare function processes(): i32

/** Sends a copy of `length` bytes. Tags are numbers from 0 on. */
@external('paritas', 'send') export declare function send(to: i32, tag: i32, address: usize, length: i32): void
/** `step` runs when a message has come for each call of this; messages have the order of the calls. */
@external('paritas', 'receive') export declare function receive(from: i32, tag: i32): void

/** About the messages of this step, counted from 0 on. */
@external('paritas', 'sender') export declare function sender(message: i32): i32
@external('paritas', 'tag') export declare function tag(message: i32): i32
@external('paritas', 'length') export declare function length(message: i32): i32
/** Copies a message to `address`. */
@external('paritas', 'read') export declare function read(message: i32, address: usize): void

/** What --input held, in bytes: in `start` of process 0, otherwise nothing. */
@external('paritas', 'inputLength') export declare function inputLength(): i32
@external('paritas', 'readInput') export declare function readInput(address: usize): void

/** Hands out a copy of `length` bytes. */
@external('paritas', 'emit') export declare function emit(address: usize, length: i32): void
@external('paritas', 'progress') export declare function progress(done: f64, total: f64): void
/** This process has finished. */
@external('paritas', 'done') export declare function done(result: f64): void
