// A store of values by key, shared out among the processes, under load. Each process is a server of its own keys and a client of
// all others: it asks for amounts to be added to random keys, and its server answers whoever asks, in the order in which
// requests come in. Only few keys are ever asked for: most of the memory never changes.
import { defineProgram, f64, integer, type Message, type Next, number, type Self, UsageError, u32 } from 'paritas'
import { checksumOf, printChecksum } from './numbers/checksum.ts'

const size = {
  mebibytes: integer({ default: 32, min: 1, max: 1024, help: 'values that each process keeps, 131,072 in a mebibyte' }),
  hot: number({ default: 1, min: 0.001, max: 100, help: 'share of the keys that are asked for, in percent' }),
  requests: integer({ default: 10_000, min: 0, max: 2 ** 31, help: 'requests that each process makes' }),
  window: integer({
    default: 8,
    min: 1,
    max: 1024,
    help: 'requests that a process makes before the first is answered',
  }),
  seed: integer({ default: 1, min: 0, max: 2 ** 32 - 1, help: 'seed of the requests' }),
}
type Size = Readonly<Record<keyof typeof size, number>>

const valuesPerMebibyte = 131_072

function memory({ processes, size }: { readonly processes: number; readonly size: Size }) {
  if (processes < 2) throw new UsageError('there must be at least 2 processes: each asks the others')
  return {
    values: f64(size.mebibytes * valuesPerMebibyte),
    /** As a client. */
    requested: u32(),
    answered: u32(),
    /** As a server: requests that were carried out, and clients that have no more. */
    served: u32(),
    clientsGone: u32(),
  }
}

type Process = Self<typeof size, ReturnType<typeof memory>>

interface Request {
  readonly key: number
  readonly amount: number
}

export default defineProgram({
  name: 'key-value',
  description: 'adds to random keys of a large store that is shared out; few keys change',
  size,
  memory,

  start(self) {
    fillStore(self.memory.values, self.rank)
    const first = Math.min(self.size.window, self.size.requests)
    for (let count = 0; count < first; count += 1) ask(self)
    if (first === 0) takeLeave(self)
    return self.receive({})
  },

  step(self, messages) {
    const message = messages[0]!
    switch (message.tag) {
      case 'add':
        serve(self, message)
        break
      case 'sum':
        takeAnswer(self)
        break
      default:
        self.memory.clientsGone += 1
    }
    return goOn(self)
  },

  verifiedAgainst: 'all requests done one after another on one store',
  verify({ size, processes, results }) {
    const stores = Array.from({ length: processes }, (_, rank) => {
      const values = new Float64Array(size.mebibytes * valuesPerMebibyte)
      fillStore(values, rank)
      return { values, served: 0 }
    })
    for (let client = 0; client < processes; client += 1) {
      for (let index = 0; index < size.requests; index += 1) {
        const { server, key, amount } = requestOf(size, processes, client, index)
        stores[server]!.values[key]! += amount
        stores[server]!.served += 1
      }
    }
    for (const [rank, { values, served }] of stores.entries()) {
      const found = results[rank] as ReturnType<typeof summary>
      const expected = { served, checksum: printChecksum(checksumOf(values)) }
      if (found.served !== served) return `process ${rank} served ${found.served} requests, not ${served}`
      if (found.checksum !== expected.checksum) return `the store of process ${rank} is not what was asked for`
    }
    return null
  },
})

/** Sends the next request. */
function ask(self: Process): void {
  const { server, key, amount } = requestOf(self.size, self.processes, self.rank, self.memory.requested)
  self.send(server, 'add', { key, amount } satisfies Request)
  self.memory.requested += 1
}

function serve(self: Process, { from, value }: Message): void {
  const { key, amount } = value as Request
  self.memory.values[key]! += amount
  self.memory.served += 1
  self.send(from, 'sum', self.memory.values[key])
}

function takeAnswer(self: Process): void {
  const { memory, size } = self
  memory.answered += 1
  self.progress(memory.answered, size.requests)
  if (memory.requested < size.requests) ask(self)
  else if (memory.answered === size.requests) takeLeave(self)
}

/** A client whose requests are all answered says so: no request of it comes after that. */
function takeLeave(self: Process): void {
  for (let rank = 0; rank < self.processes; rank += 1) if (rank !== self.rank) self.send(rank, 'leave')
}

function goOn(self: Process): Next {
  const { memory, size, processes } = self
  const isOver = memory.answered === size.requests && memory.clientsGone === processes - 1
  return isOver ? self.done(summary(self)) : self.receive({})
}

function summary({ memory }: Process) {
  return { served: memory.served, checksum: printChecksum(checksumOf(memory.values)) }
}

/** Request number `index` of a client: to one of the others, for one of the keys that are asked for at all. */
function requestOf({ mebibytes, hot, seed }: Size, processes: number, client: number, index: number) {
  const random = mix(seed, client, index)
  const hotKeys = Math.max(1, Math.round((mebibytes * valuesPerMebibyte * hot) / 100))
  const server = (client + 1 + (random % (processes - 1))) % processes
  const key = mix(random, 1, index) % hotKeys
  return { server, key, amount: 1 + (mix(random, 2, index) % 1000) }
}

/** Whole numbers, different in each process, so that no page is empty. */
function fillStore(values: Float64Array, rank: number): void {
  for (let key = 0; key < values.length; key += 1) values[key] = rank * values.length + key
}

/** 32 bits without any visible order, the same for the same three numbers. */
function mix(first: number, second: number, third: number): number {
  let mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second + 1, 0x85ebca6b) ^ Math.imul(third + 1, 0xc2b2ae35)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
