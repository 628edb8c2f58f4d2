/** Links between processors of several hosts: by Unix sockets within a host, by TCP between two. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ProcessorId, processorId } from '../../src/base/index.ts'
import { type Fabric, type SessionTiming, SlotPool, tcpFabric, unixFabric } from '../../src/fabric/index.ts'
import { Peers } from '../../src/machine/processor/peers.ts'
import type { HostConfiguration, Member, PortRange } from '../../src/machine/wire/control.ts'
import { sharedMemory } from '../../src/memory/native/index.ts'
import type { Envelope, Place } from '../../src/protocol/index.ts'
import { nextTurn, pattern } from '../fabric/harness.ts'
import { freePort } from './free-port.ts'

const timing: SessionTiming = { ackMs: 5, overdueMs: 200, retryMs: 2, downMs: 400 }

/** All of 127.0.0.0/8 is this computer. */
let addresses = 0
let folders: string[] = []
let opened: Peers[] = []

beforeEach(() => {
  folders = []
  opened = []
})
afterEach(() => {
  for (const peers of opened) peers.close()
  for (const folder of folders) rmSync(folder, { recursive: true })
})

interface HostUnderTest {
  readonly folder: string
  readonly configuration: HostConfiguration
}

function newHost(name: string, ports: PortRange | null = null): HostUnderTest {
  addresses += 1
  const folder = mkdtempSync(join(tmpdir(), 'paritas-host-'))
  folders.push(folder)
  return { folder, configuration: { name, address: `127.${1 + (process.pid % 250)}.9.${addresses}`, ports } }
}

/** What goes by a fabric, counted. */
function counted(fabric: Fabric): Fabric & { calls: number } {
  return {
    calls: 0,
    listen: (...options) => fabric.listen(...options),
    connect(...options) {
      this.calls += 1
      return fabric.connect(...options)
    },
  }
}

class Processor {
  readonly arrived: Envelope[] = []
  readonly down: ProcessorId[] = []
  readonly fabric: Fabric & { calls: number }
  readonly hostFabric: Fabric & { calls: number }
  readonly peers: Peers
  readonly slots: SlotPool
  readonly id: ProcessorId
  readonly host: HostUnderTest
  address: string | null = null

  constructor(id: number, host: HostUnderTest) {
    this.id = processorId(id)
    this.host = host
    this.slots = new SlotPool({ slotBytes: 64 * 1024, slots: 4, sharing: sharedMemory() })
    this.fabric = counted(unixFabric({ slots: this.slots }))
    this.hostFabric = counted(tcpFabric({ slots: this.slots }))
    this.peers = new Peers({
      ...{ fabric: this.fabric, hostFabric: this.hostFabric, slots: this.slots, timing },
      ...{ folder: host.folder, own: this.id },
      onEnvelope: (envelope) => this.arrived.push(structuredClone(envelope)),
      onUnreachable: (processor) => this.down.push(processor),
      onReachable: () => {},
      onRejected: (_, detail) => {
        throw new Error(detail)
      },
    })
    opened.push(this.peers)
  }

  async open(): Promise<this> {
    await this.peers.listen()
    this.address = await this.peers.listenOnHost(this.host.configuration)
    return this
  }

  memberAt(place: Place): Member {
    return { place, processor: this.id, host: this.host.configuration.name, address: this.address }
  }

  /** Sends so many messages to a place. */
  send(to: Place, count: number, from: Place = 'a0'): void {
    for (let index = 0; index < count; index += 1) this.peers.send(message(from, to, index))
  }

  async until(count: number): Promise<void> {
    while (this.arrived.length < count) await nextTurn()
  }
}

function message(from: Place, to: Place, index: number): Envelope {
  const payload = index % 5 === 4 ? pattern(20_000) : new Uint8Array(8)
  return { epoch: 1, from, to, frame: { type: 'message', sequence: index, interval: 0, tag: 'x', payload } }
}

const sequences = (envelopes: readonly Envelope[]): unknown[] =>
  envelopes.map(({ frame }) => (frame.type === 'message' ? frame.sequence : frame.type))
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** Processors 1 and 2 on one host, and 3 on another one. */
async function threeOnTwoHosts() {
  const [one, other] = [newHost('h1'), newHost('h2')]
  const processors = [new Processor(1, one), new Processor(2, one), new Processor(3, other)] as const
  for (const processor of processors) await processor.open()
  const members = processors.map((processor, rank) => processor.memberAt(`a${rank}`))
  for (const { peers } of processors) peers.update(members)
  return { processors, members }
}

describe('processors on two hosts', () => {
  it('are reached by Unix sockets on the own host, and by TCP at their addresses on another', async () => {
    const { processors } = await threeOnTwoHosts()
    const [first, second, third] = processors
    first.send('a1', 20)
    first.send('a2', 20)
    third.send('a0', 20)
    await Promise.all([first.until(20), second.until(20), third.until(20)])
    for (const { arrived } of processors) expect(sequences(arrived)).toEqual(upTo(20))
    expect(processors.map(({ fabric }) => fabric.calls)).toEqual([1, 0, 0])
    expect(processors.map(({ hostFabric }) => hostFabric.calls)).toEqual([1, 0, 1])
    expect(third.address).toMatch(new RegExp(`^${third.host.configuration.address}:\\d+$`))
  })

  it('pages go between hosts whole, from slots that come back when they are acknowledged', async () => {
    const { processors } = await threeOnTwoHosts()
    const [first, , third] = processors
    first.send('a2', 1)
    await third.until(1)
    for (let index = 1; index <= 40; index += 1) {
      await first.peers.whenReadyFor('a2')
      first.peers.sendPages('a2', (room) => {
        const payload = room(50_000)
        payload.set(pattern(50_000))
        payload[0] = index
        return { ...message('a0', 'a2', index), frame: { ...frameOf(message('a0', 'a2', index)), payload } }
      })
      await nextTurn()
    }
    await third.until(41)
    expect(sequences(third.arrived)).toEqual(upTo(41))
    for (const envelope of third.arrived.slice(1)) {
      const { payload, sequence } = frameOf(envelope)
      expect([payload[0], payload.length]).toEqual([sequence, 50_000])
      expect(Buffer.compare(payload.subarray(1), pattern(50_000).subarray(1))).toBe(0)
    }
    expect(first.slots.bytes).toBeGreaterThan(0)
    // Each waits for as long as what is in it is not acknowledged.
    while (!isAllFree(first.slots)) await nextTurn()
  })

  it('what is not acknowledged goes on at the new address of a member, once and in order', async () => {
    const [one, other] = [newHost('h1'), newHost('h2')]
    const [first, third] = [new Processor(1, one), new Processor(3, other)]
    for (const processor of [first, third]) await processor.open()
    const [own, right] = [first.memberAt('a0'), third.memberAt('a2')]
    const wrong = newHost('nobody').configuration.address
    first.peers.update([own, { ...right, address: `${wrong}:4711` }])
    first.send('a2', 10)
    while (first.down.length === 0) await nextTurn()
    first.peers.update([own, right])
    await third.until(10)
    expect(sequences(third.arrived)).toEqual(upTo(10))
    // The address that it had is its own again, and so are the numbers.
    third.arrived.length = 0
    first.peers.update([own, { ...right, address: `${wrong}:4711` }])
    first.send('a2', 10)
    first.peers.update([own, right])
    await third.until(10)
    expect(sequences(third.arrived)).toEqual(upTo(10))
  })

  it('only those on other hosts say by an answer that the own host is not cut off', async () => {
    const { processors, members } = await threeOnTwoHosts()
    const [first, second, third] = processors
    first.peers.ask()
    while (!first.peers.hears()) await nextTurn()
    expect([first.fabric.calls, first.hostFabric.calls]).toEqual([0, 1])
    third.peers.close()
    first.send('a1', 1)
    second.send('a0', 1, 'a1')
    await Promise.all([first.until(1), second.until(1)])
    // What was on its way from the other host has come by now, and nothing more comes.
    first.peers.hears()
    first.send('a1', 1)
    second.send('a0', 1, 'a1')
    await Promise.all([first.until(2), second.until(2)])
    first.peers.ask()
    expect(first.peers.hears()).toBe(false)
    // Where nobody is on another host, those on this one are all that there are.
    first.peers.update(members.slice(0, 2))
    first.send('a1', 1)
    await second.until(3)
    while (!first.peers.hears()) await nextTurn()
  })
})

describe('the ports of a host', () => {
  it('are taken one after another, and when none is free that is said in one line', async () => {
    // The next one is free too, as far as anybody can tell.
    const first = await freePort()
    const host = newHost('h1', { first, last: first + 1 })
    const [one, two, three] = [new Processor(1, host), new Processor(2, host), new Processor(3, host)]
    await Promise.all([one.open(), two.open()])
    const { address } = host.configuration
    expect([one.address, two.address].sort()).toEqual([`${address}:${first}`, `${address}:${first + 1}`])
    await expect(three.open()).rejects.toThrow(
      `no port from ${first} to ${first + 1} is free at ${address}, and each processor on the host h1 needs one: give it a wider range`,
    )
  })

  it('are at an address that the host has, or that is said', async () => {
    const { folder, configuration } = newHost('h1')
    const elsewhere = { folder, configuration: { ...configuration, address: '192.0.2.1' } }
    await expect(new Processor(1, elsewhere).open()).rejects.toThrow(
      'cannot listen on 192.0.2.1:0: this computer has no such address',
    )
  })
})

function frameOf({ frame }: Envelope) {
  if (frame.type !== 'message') throw new Error(`a message was sent, not ${frame.type}`)
  return frame
}

function isAllFree(slots: SlotPool): boolean {
  return slots.using(() => Array.from({ length: 4 }, () => slots.slotOf(slots.room(1))).every((slot) => slot !== null))
}
