import { writeFileSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../base/index.ts'
import { ownerOf, ownerTag, thisProcess } from '../ownership/index.ts'
import { type ControlledLab, ControlServer } from './control-server.ts'
import { type Cut, cutRule, type Loss, lossRules, noFaults, rulesCommand, speedCommand, tryDelay } from './faults.ts'
import { Guarding } from './guarding.ts'
import { HostGroups } from './host-groups.ts'
import { LabHost } from './lab-host.ts'
import { Operator } from './operator.ts'
import { signal } from './processes.ts'
import { labFiles, makeLabFolder, writeRecord } from './record.ts'
import { removeEndedLabs, wakeEntering } from './removal.ts'
import { checkSettings, type LabSettings, placesOf } from './settings.ts'
import { shellCommand } from './shell.ts'
import type { LabState } from './state.ts'
import { needsUserNamespace, requireTools } from './tools.ts'

/**
 * Makes a laboratory, with all of its hosts on. Throws a `UsageError` that says what is wrong, or missing on this computer;
 * nothing is left then.
 */
export async function openLab(settings: LabSettings): Promise<Lab> {
  checkSettings(settings)
  requireTools(process.env)
  const isInUserNamespace = needsUserNamespace(process.env)
  await removeEndedLabs()
  const { name = `lab${process.pid}` } = settings
  const { cores = null, memoryBytes = null } = settings
  const groups = new HostGroups({ cores, memoryBytes }, `paritas-lab-${name}-${ownerTag(thisProcess())}`)
  const folder = makeLabFolder(name)
  if (folder === null) throw new UsageError(`there is a laboratory ${name} already: choose another --name`)
  writeRecord(folder, { owner: thisProcess(), operator: null, groups: groups.groups })
  const guarding = new Guarding(name)
  try {
    return await Lab.open({ name, settings, folder, groups, guarding, isInUserNamespace })
  } catch (error) {
    await guarding.remove()
    throw error instanceof UsageError ? error : new UsageError(`no laboratory can be made: ${(error as Error).message}`)
  }
}

/** What is there before any host is. */
interface Ground {
  readonly name: string
  readonly settings: LabSettings
  readonly folder: string
  readonly groups: HostGroups
  readonly guarding: Guarding
  readonly isInUserNamespace: boolean
}

/** Hosts on one computer, a switch that joins them, and what can happen to them. */
export class Lab implements ControlledLab {
  readonly name: string
  readonly hosts: readonly LabHost[]
  /** Resolves when all in it has ended: when it was closed, or when somebody has killed it. */
  readonly ended: Promise<void>
  readonly #ground: Ground
  readonly #operator: Operator
  readonly #server: ControlServer
  readonly #shown: readonly string[]
  #cuts: Cut[] = []
  #losses: Loss[] = []
  #closed: Promise<void> | null = null

  private constructor(ground: Ground, hosts: readonly LabHost[], operator: Operator) {
    this.name = ground.name
    this.hosts = hosts
    this.#ground = ground
    this.#operator = operator
    this.#shown = shownFolders(ground)
    this.#server = new ControlServer(this, labFiles(ground.folder).control)
    this.ended = operator.ended.then(() => {
      for (const host of hosts) host.hasEnded('the laboratory has ended')
    })
  }

  /** Of `openLab` only. */
  static async open(ground: Ground): Promise<Lab> {
    const { name, settings, folder, groups, isInUserNamespace } = ground
    const { bandwidthBits: rateBits = null, delayMs = null } = settings
    const places = placesOf(settings.hosts)
    writeFileSync(labFiles(folder).hosts, hostsFile(places))
    groups.make(places.map((place) => place.name))
    const hosts = places.map((place) => {
      const own = { groups: groups.foldersOf(place.name), isInUserNamespace, speed: { rateBits, delayMs } }
      return new LabHost(place, name, own)
    })
    const named = new Map(hosts.map((host) => [host.name, host]))
    const operator = await Operator.start(folder, isInUserNamespace, {
      ready: (host, pid) => named.get(host)!.hasStarted(pid),
      gone: (host, text) => named.get(host)!.hasEnded(text),
    })
    writeRecord(folder, { owner: thisProcess(), operator: ownerOf(operator.pid), groups: groups.groups })
    const lab = new Lab(ground, hosts, operator)
    if (delayMs !== null) await operator.do(tryDelay).catch(refuseDelay)
    await Promise.all(hosts.map((host) => lab.#start(host)))
    await lab.#server.listen()
    return lab
  }

  /** Throws a `UsageError` if there is none of this name. */
  host(name: string): LabHost {
    const host = this.hosts.find((one) => one.name === name)
    if (host !== undefined) return host
    const names = this.hosts.map((one) => one.name)
    const known = names.length === 1 ? `there is only ${names[0]}` : `they are ${names[0]} to ${names.at(-1)}`
    throw new UsageError(`${this.name} has no host ${name}: ${known}`)
  }

  /**
   * The power of a host goes off: when this returns, no packet leaves it any more, and everything in it is killed. Resolves
   * when all of that has ended. Nobody hears of it: neither FIN nor RST is sent.
   */
  async powerOff(name: string): Promise<void> {
    const host = this.host(name)
    const { pid } = host
    if (pid === null) throw new UsageError(`${name} is off already`)
    const { pid: operator } = this.#operator
    // Flags of a device, in the kernel's own numbers: what a bridge's device has, without "up".
    writeFileSync(`/proc/${operator}/root${labFiles(this.#ground.folder).switch}/class/net/${name}/flags`, '0x1002')
    signal(pid, 'SIGKILL')
    host.ending()
    wakeEntering(this.name, name)
    await host.gone()
  }

  /** Resolves when the host is on again, with the same address and nothing in its temporary folder. */
  async powerOn(name: string): Promise<void> {
    const host = this.host(name)
    if (host.isWanted) throw new UsageError(`${name} is on already`)
    await this.#start(host)
  }

  /** Nothing that `a` sends reaches `b` any more, and nothing that `b` sends reaches `a`, unless it `isOneWay`. */
  async cut(a: string, b: string, { isOneWay = false } = {}): Promise<void> {
    this.#pair('cut', a, b)
    const cut: Cut = { from: a, to: b, isOneWay }
    await this.#operator.do(rulesCommand(cutRule(cut)))
    this.#cuts.push(cut)
  }

  /** So many in a hundred packets between the two are lost, in each direction; 0: none any more. */
  async lose(a: string, b: string, percent: number): Promise<void> {
    this.#pair('lose', a, b)
    if (!(percent >= 0 && percent <= 100)) {
      throw new UsageError(`packets are lost in percent, from 0 to 100, but not ${percent}`)
    }
    const others = this.#losses.filter(({ between }) => !(between.includes(a) && between.includes(b)))
    // At once, for another command may come before this one is done; the operator does one after the other.
    this.#losses = percent === 0 ? others : [...others, { between: [a, b] as const, percent }]
    await this.#operator.do(rulesCommand(lossRules(this.#losses)))
  }

  /** The host's link takes so many bits per second in each direction. */
  async slow(name: string, rateBits: number): Promise<void> {
    const host = this.host(name)
    checkSettings({ hosts: 1, bandwidthBits: rateBits })
    await this.#setRate(host, rateBits)
  }

  /** There is no cut, no loss and no slow link any more. Who is off stays off. */
  async heal(): Promise<void> {
    await this.#operator.do(rulesCommand(noFaults))
    this.#cuts = []
    this.#losses = []
    const { bandwidthBits: rateBits = null } = this.#ground.settings
    const slowed = this.hosts.filter(({ speed }) => speed.rateBits !== rateBits)
    await Promise.all(slowed.map((host) => this.#setRate(host, rateBits)))
  }

  /** Whether it is still there, and not killed by somebody. */
  answers(): Promise<boolean> {
    return this.#operator.do('true').then(
      () => true,
      () => false,
    )
  }

  state(): LabState {
    const { cores = null, memoryBytes = null, bandwidthBits = null, delayMs = null } = this.#ground.settings
    return {
      ...{ name: this.name, cores, memoryBytes, bandwidthBits, delayMs },
      hosts: this.hosts.map(({ name, address, isOn, pid, speed }) => ({
        ...{ name, address, isOn, pid },
        slowBits: speed.rateBits === bandwidthBits ? null : speed.rateBits,
      })),
      cuts: this.#cuts,
      losses: this.#losses,
    }
  }

  /** Ends all that is in it, and removes it. Throws a `UsageError` if something is left. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await this.#server.close()
    const operatorEnded = this.#operator.close()
    const isGone = await this.#ground.guarding.remove()
    await operatorEnded
    await Promise.all(this.hosts.map((host) => host.gone()))
    if (!isGone) throw new UsageError(`something of ${this.name} is left: paritas lab clean tries again`)
  }

  async #start(host: LabHost): Promise<void> {
    const { pid } = this.#operator
    const { name, address, mac, groups } = host
    const words = [name, String(groups.length), ...groups, address, mac, String(pid), this.#ground.folder]
    await host.starting(() => this.#operator.do(shellCommand(['start_host', ...words, ...this.#shown])))
    const { rateBits, delayMs } = host.speed
    if (rateBits !== null || delayMs !== null) await this.#applySpeed(host)
  }

  async #setRate(host: LabHost, rateBits: number | null): Promise<void> {
    host.speed = { ...host.speed, rateBits }
    if (host.isOn) await this.#applySpeed(host)
  }

  #applySpeed({ name, pid, speed }: LabHost): Promise<void> {
    return this.#operator.do(speedCommand(name, pid!, speed))
  }

  #pair(what: string, a: string, b: string): void {
    this.host(a)
    this.host(b)
    if (a === b) throw new UsageError(`${what} ${a} ${b}: name two hosts`)
  }
}

function refuseDelay(): never {
  throw new UsageError(
    'this kernel cannot delay packets (it has no netem, CONFIG_NET_SCH_NETEM): leave the delay out, or use another kernel',
  )
}

function hostsFile(places: readonly { readonly name: string; readonly address: string }[]): string {
  const lines = places.map(({ name, address }) => `${address} ${name}`)
  return ['127.0.0.1 localhost', '::1 localhost', ...lines, ''].join('\n')
}

/** The package's own folder: its code may lie in a temporary folder. */
const packageFolder = fileURLToPath(new URL('../..', import.meta.url))

/** What hosts have to see of the temporary folder that is hidden by their own, without what is in another one of these. */
function shownFolders({ folder, settings }: Ground): string[] {
  const wanted = [folder, process.cwd(), packageFolder, ...(settings.shows ?? [])].map((one) => resolve(one))
  const hidden = wanted.filter((one) => isInside(one, '/tmp'))
  return [...new Set(hidden)].filter((one) => !hidden.some((other) => isInside(one, other)))
}

function isInside(one: string, other: string): boolean {
  const way = relative(other, one)
  return way !== '' && !way.startsWith('..') && !isAbsolute(way)
}
