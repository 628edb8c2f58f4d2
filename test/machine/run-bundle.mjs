// Runs the first step of a bundle's program with an installation: node run-bundle.mjs INSTALLATION MODULE-URL. Prints what
// came of it as JSON.
import { join } from 'node:path'

const [, , installation, moduleUrl] = process.argv
const load = (file) => import(join(installation, 'dist', file))
const { ProgramThread } = await load('machine/program/program-thread.js')
const { programCodec } = await load('machine/program/program-codec.js')
const { sharePackage } = await load('machine/bundle/shared-package.js')
const { defaultSizes, memoryLayout } = await load('program/index.js')

const tell = (what) => {
  process.stdout.write(JSON.stringify({ installation, ...what }))
  process.exit()
}
const thread = new ProgramThread({
  moduleUrl,
  onAttached: () => thread.start(),
  onEnded: ({ next }) =>
    tell(next.kind === 'done' ? { result: programCodec.decode(next.result) } : { next: next.kind }),
  onFailed: (failure) => tell({ failure }),
  onProgress: () => {},
})
sharePackage()
const { default: program } = await import(moduleUrl).catch(() => ({ default: null }))
if (program !== null) {
  const size = defaultSizes(program.size ?? {})
  const { bytes } = memoryLayout(program, { rank: 0, processes: 2, size })
  const pages = Math.ceil((bytes + 64) / 65_536) + 1
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  thread.attach({ rank: 0, processes: 2, size, buffer, programOffset: 64, vars: null, input: null })
}
