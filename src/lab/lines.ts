import type { Readable } from 'node:stream'

/** Gives each whole line of a stream to `take`, without its end. */
export function onLines(stream: Readable, take: (line: string) => void): void {
  let begun = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = `${begun}${text}`.split('\n')
    begun = lines.pop()!
    for (const line of lines) take(line)
  })
  // Of a socket or a pipe whose other end is killed: its end is told by `close`.
  stream.on('error', () => {})
}
