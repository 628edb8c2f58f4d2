import { connect } from 'node:net'

/** Nobody waits for an answer any more. */
const patienceMs = 5000

/**
 * Opens a connection to where somebody should listen, and ends it. Resolves with whether anybody does; where nothing comes
 * back, never.
 */
export function knock(host: string, port: number): Promise<'there' | 'refused'> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    socket.setTimeout(patienceMs, () => socket.destroy())
    socket.once('connect', () => {
      socket.destroy()
      resolve('there')
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') resolve('refused')
    })
  })
}
