import { createServer, type Server, type Socket } from 'node:net'
import { messageOf, UsageError, unreachable } from '../base/index.ts'
import type { HostDoor } from './enter.ts'
import { onLines } from './lines.ts'
import { type LabAnswer, type LabRequest, requestCheck } from './requests.ts'
import type { LabState } from './state.ts'

/** What commands can do to a laboratory. What it refuses is thrown. */
export interface ControlledLab {
  state(): LabState
  host(name: string): { readonly door: HostDoor }
  powerOff(name: string): Promise<void>
  powerOn(name: string): Promise<void>
  cut(a: string, b: string, how: { readonly isOneWay: boolean }): Promise<void>
  lose(a: string, b: string, percent: number): Promise<void>
  slow(name: string, rateBits: number): Promise<void>
  heal(): Promise<void>
}

/** Takes what commands ask of a laboratory, at a socket in its folder. */
export class ControlServer {
  readonly #lab: ControlledLab
  readonly #path: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(lab: ControlledLab, path: string) {
    this.#lab = lab
    this.#path = path
    this.#server = createServer((socket) => this.#serve(socket))
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#path, resolve)
    })
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    onLines(socket, (line) => {
      void answer(this.#lab, line).then((said) => socket.write(`${JSON.stringify(said)}\n`))
    })
  }
}

async function answer(lab: ControlledLab, line: string): Promise<LabAnswer> {
  try {
    const request: unknown = JSON.parse(line)
    const problem = requestCheck(request)
    if (problem !== null) throw new UsageError(`a request${problem}`)
    return await perform(lab, request as LabRequest)
  } catch (error) {
    return { type: 'refused', error: messageOf(error) }
  }
}

async function perform(lab: ControlledLab, request: LabRequest): Promise<LabAnswer> {
  switch (request.type) {
    case 'list':
      return { type: 'state', state: lab.state() }
    case 'door':
      return { type: 'door', door: lab.host(request.host).door }
    case 'power-off':
      await lab.powerOff(request.host)
      break
    case 'power-on':
      await lab.powerOn(request.host)
      break
    case 'cut':
      await lab.cut(request.a, request.b, { isOneWay: request.isOneWay })
      break
    case 'lose':
      await lab.lose(request.a, request.b, request.percent)
      break
    case 'slow':
      await lab.slow(request.host, request.rateBits)
      break
    case 'heal':
      await lab.heal()
      break
    default:
      return unreachable(request)
  }
  return { type: 'done' }
}
