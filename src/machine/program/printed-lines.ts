/** Lets each line that the program prints in this thread, by `console` or not, begin with its process. */
export function markPrinted(rank: number): void {
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean
    let isLineBegin = true
    const mark = (text: string): string => {
      const marked = text.replace(/(?<=\n)(?!$)|^/g, (_, offset: number) =>
        offset > 0 || isLineBegin ? `process ${rank}: ` : '',
      )
      isLineBegin = text.endsWith('\n')
      return marked
    }
    const marking = (chunk: unknown, ...rest: unknown[]): boolean =>
      write(typeof chunk === 'string' && chunk !== '' ? mark(chunk) : chunk, ...rest)
    stream.write = marking as typeof stream.write
  }
}
