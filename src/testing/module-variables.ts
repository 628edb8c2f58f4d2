const assignment = String.raw`\s*(?:[-+*/%&|^]|\*\*|<<|>>>?|&&|\|\||\?\?)?=(?![=>])`
const methods = 'set|add|delete|clear|push|pop|shift|unshift|splice|fill|sort|reverse'

/**
 * Variables of a module that its code seems to change: a process that is restored has them as they were at first. Only
 * looked for in the text, so no more than a hint. `code` is a bundle: what stands at the beginning of a line is the module's.
 */
export function changedVariables(code: string): string[] {
  const names = [...code.matchAll(/^(?:var|let|const) ([\w$]+)/gm)].map(([, name]) => name!)
  return [...new Set(names)].filter((name) => isChanged(code, name.replaceAll('$', '\\$')))
}

function isChanged(code: string, name: string): boolean {
  const word = String.raw`(?<![\w.$])(?<!^(?:var|let|const) )${name}`
  const part = String.raw`(?:\.[\w$]+|\[[^\]\n]*\])`
  const forms = [
    String.raw`${word}${part}*(?:${assignment}|\+\+|--)`,
    String.raw`(?:\+\+|--)${name}(?![\w$])`,
    String.raw`${word}\.(?:${methods})\(`,
  ]
  return new RegExp(forms.join('|'), 'm').test(code)
}
