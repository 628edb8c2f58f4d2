/** SVG and HTML as text. */

/** Text between tags or in an attribute. Characters that XML does not allow are left out. */
export function escapeMarkup(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that XML does not allow
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/gu, '')
  )
}

type Attributes = Readonly<Record<string, string | number | null>>

/** An element; attributes that are null are left out, numbers are rounded to a tenth. `content` is markup. */
export function element(name: string, attributes: Attributes, content = ''): string {
  let text = `<${name}`
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null) continue
    text += ` ${key}="${typeof value === 'number' ? short(value) : escapeMarkup(value)}"`
  }
  return content === '' ? `${text}/>` : `${text}>${content}</${name}>`
}

/** A number with at most one decimal. */
export function short(value: number): string {
  return String(Math.round(value * 10) / 10)
}

/** What a pointer that rests on an element, or a screen reader, is told. */
export function titled(text: string): string {
  return `<title>${escapeMarkup(text)}</title>`
}

export function textAt(x: number, y: number, text: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escapeMarkup(text))
}
