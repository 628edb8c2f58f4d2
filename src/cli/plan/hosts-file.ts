import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml'
import { quoted, UsageError } from '../../base/index.ts'
import type { PlannedHost } from '../../placement/index.ts'
import { unknownKey } from '../../program/index.ts'

/** Far more than anybody has, and few enough to be counted with. */
const hostsMax = 10_000

/** Reads the hosts of a virtual machine out of YAML. `file` names it. Throws a `UsageError` that names line and column. */
export function parseHosts(file: string, text: string): PlannedHost[] {
  return new HostsReader(file, text).read()
}

class HostsReader {
  readonly #file: string
  readonly #lines = new LineCounter()
  readonly #document: Document.Parsed

  constructor(file: string, text: string) {
    this.#file = file
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false })
  }

  read(): PlannedHost[] {
    const { errors, contents: top } = this.#document
    const [problem] = errors
    if (problem) throw new UsageError(`${this.#at(problem.pos[0])}: ${problem.message.split('\n')[0]}`)
    if (!isMap(top)) throw this.#wrong(top, `there must be a list of hosts: 'hosts:', and below it '- name: n1'`)
    const list = this.#fieldsOf(top, ['hosts']).get('hosts')
    if (!isSeq(list) || list.items.length === 0) {
      throw this.#wrong(list ?? top, `'hosts' must be a list, such as '- name: n1'`)
    }
    const hosts = list.items.flatMap((item) => this.#readEntry(this.#resolved(item as Node)))
    if (hosts.length > hostsMax) {
      throw this.#wrong(list, `there are ${hosts.length} hosts, and at most ${hostsMax} are planned with`)
    }
    const taken = new Set<string>()
    for (const { name } of hosts) {
      if (taken.has(name)) throw this.#wrong(list, `there are two hosts with the name ${quoted(name)}`)
      taken.add(name)
    }
    return hosts
  }

  /** One host, or with a range as its name several that are alike. */
  #readEntry(item: Node): PlannedHost[] {
    if (isScalar(item)) return this.#hostsNamed(item, null, null)
    if (!isMap(item)) throw this.#wrong(item, `a host is a name, or has 'name', 'rack' and 'processors'`)
    const entry = this.#fieldsOf(item, ['name', 'rack', 'processors'])
    const [name, rack, processors] = [entry.get('name'), entry.get('rack'), entry.get('processors')]
    if (!name) throw this.#wrong(item, `a host must have a 'name'`)
    return this.#hostsNamed(name, rack ? this.#text(rack, 'rack') : null, processors ? this.#count(processors) : null)
  }

  #hostsNamed(node: Node, rack: string | null, processorsMax: number | null): PlannedHost[] {
    const name = this.#text(node, 'name')
    const [, prefix, first, again, last] = /^(.*?)(\d+)\.\.(.*?)(\d+)$/.exec(name) ?? []
    if (prefix === undefined) return [{ name, rack, processorsMax }]
    const [from, to] = [Number(first), Number(last)]
    if (again !== prefix || to < from || to - from >= hostsMax) {
      throw this.#wrong(node, `${quoted(name)} is no range of names such as n1..n8`)
    }
    const digits = first!.startsWith('0') ? first!.length : 0
    return Array.from({ length: to - from + 1 }, (_, index) => {
      const number = String(from + index).padStart(digits, '0')
      return { name: `${prefix}${number}`, rack, processorsMax }
    })
  }

  #text(node: Node, what: string): string {
    const value = isScalar(node) ? node.value : null
    if (typeof value === 'number' && isScalar(node)) return node.source ?? String(value)
    if (typeof value === 'string' && value !== '') return value
    throw this.#wrong(node, `'${what}' must be a text`)
  }

  #count(node: Node): number {
    const value = isScalar(node) ? node.value : null
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
    throw this.#wrong(node, `'processors' must be a whole number from 0 on`)
  }

  /** What is left empty counts as left out. */
  #fieldsOf(map: YAMLMap, known: readonly string[]): Map<string, Node> {
    const fields = new Map<string, Node>()
    for (const { key, value } of map.items as Pair<Node, Node | null>[]) {
      const name = isScalar(key) ? String(key.value) : ''
      const strange = unknownKey({ [name]: value }, known)
      if (strange !== null) throw this.#wrong(key, strange)
      const isEmpty = value === null || (isScalar(value) && value.value === null)
      if (!isEmpty) fields.set(name, this.#resolved(value))
    }
    return fields
  }

  #resolved(node: Node): Node {
    return isAlias(node) ? (node.resolve(this.#document) ?? node) : node
  }

  #wrong(node: unknown, what: string): UsageError {
    return new UsageError(`${this.#at((node as Node | null)?.range?.[0] ?? 0)}: ${what}`)
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset)
    return `${this.#file}:${Math.max(1, line)}:${Math.max(1, col)}`
  }
}
