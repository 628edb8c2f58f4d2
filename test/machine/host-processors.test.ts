/** Real processors that are told which host they are on. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { defaultSettings, loadProgram } from '../../src/machine/index.ts'
import { Crew, type CrewListener, type ProcessorNews } from '../../src/machine/launcher/crew/crew.ts'
import type { ProcessorHandle } from '../../src/machine/launcher/crew/processor-handle.ts'
import type { HostConfiguration } from '../../src/machine/wire/control.ts'
import { root } from '../tidy/sources.ts'

/** All of 127.0.0.0/8 is this computer. */
const address = `127.${1 + (process.pid % 250)}.10.1`

let folder = ''
let crew: Crew | null = null
let server: Server | null = null

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paritas-test-'))
})
afterEach(async () => {
  await crew?.close(false)
  server?.close()
  rmSync(folder, { recursive: true })
})

/** Resolves with a processor when it is ready, or with what it says before. */
async function started(host: HostConfiguration | null): Promise<ProcessorHandle | ProcessorNews> {
  const { moduleUrl } = await loadProgram('merge-sort', {
    programsFolder: join(root, 'programs'),
    cacheFolder: folder,
  })
  return new Promise((resolve, reject) => {
    const ignored = () => {}
    const listener: CrewListener = {
      ...{ onSilent: ignored, standingOf: () => 0, onSlow: ignored, onStarting: ignored, onHeard: ignored },
      ...{ onConductor: ignored, onWarning: ignored, onHopeless: reject },
      ...{ onStarted: ignored, onEnded: ignored, onLinkNews: ignored },
      onReady: resolve,
      onNews: (_, news) => resolve(news),
      onLost: (_, why) => reject(new Error(why)),
    }
    const configuration = { moduleUrl, machine: defaultSettings, sizes: {}, storeFolder: null, traced: false, host }
    crew = new Crew({ folder, configuration, environment: process.env, shares: null, ahead: null, listener })
    crew.open().then(() => crew?.start(), reject)
  })
}

it('listens for others at an address of its host, and says where', async () => {
  const ready = (await started({ name: 'h1', address, ports: null })) as ProcessorHandle
  expect([ready.status, ready.host]).toEqual(['serving', 'h1'])
  expect(ready.address).toMatch(new RegExp(`^${address.replaceAll('.', '\\.')}:\\d+$`))
})

it('is on no host where there is one computer', async () => {
  const ready = (await started(null)) as ProcessorHandle
  expect([ready.status, ready.host, ready.address]).toEqual(['serving', null, null])
})

it('says in one line that no port of its host is free', async () => {
  const taken = createServer()
  server = taken
  await new Promise<void>((resolve) => void taken.listen(0, address, resolve))
  const { port } = taken.address() as { readonly port: number }
  expect(await started({ name: 'h1', address, ports: { first: port, last: port } })).toEqual({
    type: 'refused',
    reason: `no port from ${port} to ${port} is free at ${address}, and each processor on the host h1 needs one: give it a wider range`,
  })
})
