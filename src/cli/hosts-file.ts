import { readFile } from 'node:fs/promises'
import { BlockList, isIPv6 } from 'node:net'
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
import { quoted, UsageError } from '../base/index.ts'
import { fileError, isSystemError } from '../file-errors/index.ts'
import type { PlannedHost } from '../placement/index.ts'
import { unknownKey } from '../program/index.ts'

/** Far more than anybody has, and few enough to be counted with. */
const hostsMax = 10_000

/** Where a daemon listens, unless the file says something else. */
const usualPort = 7400

/** A host as the file has it. */
export interface ListedHost extends PlannedHost {
  /** Of its daemon; null where the file has none. */
  readonly address: { readonly host: string; readonly port: number } | null
}

/** Reads a file of hosts. Throws a `UsageError` that names the file, and line and column where there are some. */
export async function readHosts(path: string): Promise<ListedHost[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw isSystemError(error) ? fileError(path, error) : error
  }
  return parseHosts(path, text)
}

/** Reads the hosts of a virtual machine out of YAML. `file` names it. Throws a `UsageError` that names line and column. */
export function parseHosts(file: string, text: string): ListedHost[] {
  return new HostsReader(file, text).read()
}

/** One that stands for all addresses of a computer, in any way to write it. */
const isAnyAddress = (host: string): boolean => anyAddresses.check(host, isIPv6(host) ? 'ipv6' : 'ipv4')

const anyAddresses = new BlockList()
anyAddresses.addAddress('0.0.0.0', 'ipv4')
anyAddresses.addAddress('::', 'ipv6')

class HostsReader {
  readonly #file: string
  readonly #lines = new LineCounter()
  readonly #document: Document.Parsed

  constructor(file: string, text: string) {
    this.#file = file
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false })
  }

  read(): ListedHost[] {
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
    this.#requireApart(list, hosts)
    return hosts
  }

  /** Two daemons cannot listen in one place. */
  #requireApart(list: Node, hosts: readonly ListedHost[]): void {
    const taken = new Map<string, string>()
    for (const { name, address } of hosts) {
      if (address === null) continue
      const where = `${address.host}:${address.port}`
      const other = taken.get(where)
      if (other !== undefined) {
        throw this.#wrong(list, `the hosts ${quoted(other)} and ${quoted(name)} have the same address, ${where}`)
      }
      taken.set(where, name)
    }
  }

  /** One host, or with a range as its name several that are alike. */
  #readEntry(item: Node): ListedHost[] {
    if (isScalar(item)) return this.#hostsNamed(item, null, null, null)
    if (!isMap(item)) throw this.#wrong(item, `a host is a name, or has 'name', 'address', 'rack' and 'processors'`)
    const entry = this.#fieldsOf(item, ['name', 'address', 'rack', 'processors'])
    const [name, address, rack, processors] = ['name', 'address', 'rack', 'processors'].map((key) => entry.get(key))
    if (!name) throw this.#wrong(item, `a host must have a 'name'`)
    return this.#hostsNamed(
      name,
      address ?? null,
      rack ? this.#text(rack, 'rack') : null,
      processors ? this.#count(processors) : null,
    )
  }

  #hostsNamed(node: Node, where: Node | null, rack: string | null, processorsMax: number | null): ListedHost[] {
    const name = this.#text(node, 'name')
    const [, prefix, first, again, last] = /^(.*?)(\d+)\.\.(.*?)(\d+)$/.exec(name) ?? []
    if (prefix === undefined) return [{ name, rack, processorsMax, address: where ? this.#address(where) : null }]
    if (where) throw this.#wrong(where, 'hosts with a range as their name cannot have one address: list each')
    const [from, to] = [Number(first), Number(last)]
    if (again !== prefix || to < from || to - from >= hostsMax) {
      throw this.#wrong(node, `${quoted(name)} is no range of names such as n1..n8`)
    }
    const digits = first!.startsWith('0') ? first!.length : 0
    return Array.from({ length: to - from + 1 }, (_, index) => {
      const number = String(from + index).padStart(digits, '0')
      return { name: `${prefix}${number}`, rack, processorsMax, address: null }
    })
  }

  #text(node: Node, what: string): string {
    const value = isScalar(node) ? node.value : null
    if (typeof value === 'number' && isScalar(node)) return node.source ?? String(value)
    if (typeof value === 'string' && value !== '') return value
    throw this.#wrong(node, `'${what}' must be a text`)
  }

  /** `host` or `host:port`; an address with colons of its own stands in brackets. */
  #address(node: Node): { host: string; port: number } {
    const written = this.#text(node, 'address')
    const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(written) ?? []
    const host = bracketed ?? plain
    const port = digits === undefined ? usualPort : Number(digits)
    if (host === undefined || port < 1 || port > 65_535) {
      throw this.#wrong(
        node,
        `${quoted(written)} is no address such as 10.0.0.1:7400, n1.example:7400 or [fd00::1]:7400`,
      )
    }
    if (isAnyAddress(host)) {
      throw this.#wrong(node, `${quoted(host)} is no address that others can connect to: give this host's own`)
    }
    return { host, port }
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
