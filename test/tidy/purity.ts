import ts from 'typescript'
import { type Finding, lineOf, parse, type SourceFile, walk } from './sources.ts'

const impure = new Set([
  ...['Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ...['process', 'Buffer', 'crypto', 'globalThis', 'console', 'fetch'],
])

/** Clocks, timers, randomness and the outside world, named in a file. A name that the file declares itself is its own. */
export function impureNames(source: SourceFile): Finding[] {
  const file = parse(source)
  const declared = declaredNames(file)
  const findings: Finding[] = []
  walk(file, (node) => {
    const name = ts.isPropertyAccessExpression(node) ? node.getText(file) : ts.isIdentifier(node) ? node.text : ''
    const isGlobal = impure.has(name) && !declared.has(name) && ts.isIdentifier(node) && isUse(node)
    if (isGlobal || name === 'Math.random')
      findings.push(`${source.path}:${lineOf(file, node)}: ${name} in a pure folder`)
  })
  return findings
}

function declaredNames(file: ts.SourceFile): Set<string> {
  const names = new Set<string>()
  walk(file, (node) => {
    const declares =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isImportSpecifier(node)
    if (declares && node.name && ts.isIdentifier(node.name)) names.add(node.name.text)
  })
  return names
}

/** Whether an identifier stands for a value, and is not the name of a member. */
function isUse(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isShorthandPropertyAssignment(parent)) return true
  const isMemberName = 'name' in parent && parent.name === node
  return !isMemberName && !(ts.isBindingElement(parent) && parent.propertyName === node)
}
