const shownLengthMax = 200

/** A text of a program or of the system, in one line, whatever it is: cut after `lengthMax` characters. */
export function oneLine(text: string, lengthMax = shownLengthMax): string {
  const cut = text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text
  return cut.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, escaped)
}

const escaped = (one: string): string =>
  one === '\n' ? '\\n' : `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A name that a program has given, such as a tag, in one line: its end can be seen. */
export const quoted = (name: string): string => `'${oneLine(name.replaceAll(/[\\']/g, '\\$&'))}'`
