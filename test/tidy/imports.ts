import { posix } from 'node:path'
import ts from 'typescript'
import { type Finding, lineOf, parse, type SourceFile, walk } from './sources.ts'

interface Import {
  readonly specifier: string
  readonly line: number
  /** `import type` or `export type`: nothing of it is there when the code runs. */
  readonly isTypeOnly: boolean
}

interface Allowed {
  readonly folders: readonly string[]
  /** Folders of which only types may be imported. */
  readonly types?: readonly string[]
  /** Packages; `node` stands for all of Node's own modules, `any` for every package. */
  readonly packages?: readonly string[]
}

const pureFolders = [
  'base',
  'parity',
  'memory',
  'log',
  'session',
  'protocol',
  'store',
  'carrier',
  'placement',
  'program',
  'metrics',
  'simulator',
  'trace',
  'drawing',
]
const machineFolders = [
  'base',
  'parity',
  'memory',
  'memory/native',
  'log',
  'protocol',
  'store',
  'carrier',
  'placement',
  'program',
  'metrics',
  'fabric',
  'checkpoint-files',
  'files',
  'file-errors',
]
const anything = ['any']

/** Who may import whom. */
export const importTable: Readonly<Record<string, Allowed>> = {
  base: { folders: [], packages: ['pure-rand'] },
  parity: { folders: ['base'] },
  memory: { folders: ['base', 'parity'] },
  'memory/native': { folders: ['base', 'parity', 'memory'], packages: ['node', 'node-gyp-build'] },
  log: { folders: ['base'] },
  session: { folders: ['base'] },
  protocol: { folders: ['base', 'log'], types: ['memory', 'parity'] },
  store: { folders: ['base', 'protocol'] },
  carrier: { folders: ['base', 'protocol'], types: ['memory', 'parity'] },
  placement: { folders: ['base', 'protocol'], types: ['parity'] },
  program: { folders: ['base'] },
  metrics: { folders: ['base'] },
  simulator: { folders: pureFolders },
  trace: { folders: ['base', 'protocol'] },
  drawing: { folders: ['base', 'trace'] },
  viewer: { folders: ['drawing'], types: ['trace'] },
  fabric: { folders: ['base', 'session'], types: ['protocol'], packages: anything },
  'checkpoint-files': { folders: ['base'], types: ['parity'], packages: ['node'] },
  'file-errors': { folders: ['base'], packages: ['node'] },
  files: { folders: [], packages: ['node'] },
  ownership: { folders: ['base'], packages: ['node'] },
  machine: { folders: [...machineFolders, 'ownership'], packages: anything },
  lab: { folders: ['base', 'file-errors', 'ownership', 'machine'], packages: ['node'] },
  evaluation: { folders: [...machineFolders, 'machine'], packages: anything },
  testing: { folders: [...machineFolders, 'machine'], packages: anything },
  report: { folders: ['drawing', 'evaluation'], packages: anything },
  measure: { folders: [...machineFolders, 'machine'], packages: anything },
  cli: {
    folders: [
      ...machineFolders,
      'simulator',
      'machine',
      'lab',
      'measure',
      'evaluation',
      'report',
      'testing',
      'trace',
      'drawing',
      'ownership',
    ],
    packages: anything,
  },
  programs: { folders: [], packages: ['paritas'] },
}

export const isPure = ({ path }: SourceFile): boolean => pureFolders.includes(folderOf(path))

/** Imports that the table does not allow, and those that go past a folder's index.ts. */
export function forbiddenImports(file: SourceFile): Finding[] {
  const folder = folderOf(file.path)
  const allowed = importTable[folder]
  if (allowed === undefined) return [`${file.path}: the import table does not know the folder ${folder}`]
  const findings: Finding[] = []
  for (const one of importsOf(file)) {
    const problem = problemWith(file.path, folder, allowed, one)
    if (problem !== null) findings.push(`${file.path}:${one.line}: ${problem}`)
  }
  return findings
}

/** Import cycles between files, each as the list of its files. */
export function importCycles(files: readonly SourceFile[]): string[][] {
  const targets = new Map(files.map((file) => [file.path, relativeTargets(file)]))
  const state = new Map<string, 'open' | 'done'>()
  const cycles: string[][] = []
  const trail: string[] = []
  const visit = (path: string): void => {
    if (state.get(path) === 'done') return
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path])
      return
    }
    state.set(path, 'open')
    trail.push(path)
    for (const target of targets.get(path) ?? []) visit(target)
    trail.pop()
    state.set(path, 'done')
  }
  for (const { path } of files) visit(path)
  return cycles
}

/** The concept a file belongs to: the folder below src, or `programs`. What of memory needs Node is a folder of its own. */
function folderOf(path: string): string {
  const [top, folder, part] = path.split('/')
  if (top !== 'src') return top!
  return folder === 'memory' && part === 'native' ? 'memory/native' : folder!
}

/** What programs get as `paritas`, and what every command begins with, which is to load nothing else. */
const otherDoors = ['src/program/paritas.ts', 'src/machine/limits/before-start.ts', 'src/files/write-at-once.ts']

function problemWith(path: string, folder: string, allowed: Allowed, one: Import): string | null {
  const { specifier, isTypeOnly } = one
  if (!specifier.startsWith('.')) {
    const name = specifier.startsWith('node:') ? 'node' : packageOf(specifier)
    const { packages = [] } = allowed
    return packages.includes('any') || packages.includes(name) ? null : `${folder} must not import '${specifier}'`
  }
  const target = posix.join(posix.dirname(path), specifier)
  const other = folderOf(target)
  if (other === folder) return null
  if (!allowed.folders.includes(other) && !allowed.types?.includes(other)) return `${folder} must not import ${other}`
  if (!allowed.folders.includes(other) && !isTypeOnly) return `${folder} may only \`import type\` from ${other}`
  return target === `src/${other}/index.ts` || otherDoors.includes(target)
    ? null
    : `import ${other} through its index.ts, not '${specifier}'`
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

function relativeTargets(file: SourceFile): string[] {
  const specifiers = importsOf(file).map(({ specifier }) => specifier)
  return specifiers.filter((one) => one.startsWith('.')).map((one) => posix.join(posix.dirname(file.path), one))
}

/** Everything that a file imports: `import`, `export … from`, `import()` and `import('…')` types. */
function importsOf(source: SourceFile): Import[] {
  const file = parse(source)
  const imports: Import[] = []
  const add = (node: ts.Node, specifier: ts.Node | undefined, isTypeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return
    imports.push({ specifier: specifier.text, line: lineOf(file, node), isTypeOnly })
  }
  walk(file, (node) => {
    if (ts.isImportDeclaration(node)) {
      add(node, node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
    } else if (ts.isExportDeclaration(node)) {
      add(node, node.moduleSpecifier, node.isTypeOnly)
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], false)
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node, node.argument.literal, true)
    }
  })
  return imports
}
