/** A compiled WebAssembly module, as programs import it: its bytes, which become part of the program. */
declare module '*.wasm' {
  const bytes: Uint8Array
  export default bytes
}
