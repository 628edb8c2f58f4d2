// What is told to the switch, as text.
import { describe, expect, test } from 'vitest'
import { cutRule, lossRules, rulesCommand, speedCommand } from '../../src/lab/faults.ts'
import { checkSettings, placesOf } from '../../src/lab/settings.ts'
import { shellWord } from '../../src/lab/shell.ts'

test('a cut is both directions, or one', () => {
  expect(cutRule({ from: 'h1', to: 'h2', isOneWay: false })).toBe(
    'add element bridge lab cut { "h1" . "h2", "h2" . "h1" }',
  )
  expect(cutRule({ from: 'h1', to: 'h2', isOneWay: true })).toBe('add element bridge lab cut_one_way { "h1" . "h2" }')
})

test('all losses take the place of those before, in one go', () => {
  const rules = lossRules([{ between: ['h1', 'h2'], percent: 0.5 }])
  const [flush, ...rest] = rules.split('; ')
  expect(flush).toBe('flush chain bridge lab loss')
  expect(rest).toEqual(
    [
      ['h1', 'h2'],
      ['h2', 'h1'],
    ].map(
      ([from, to]) => `add rule bridge lab loss iifname "${from}" oifname "${to}" numgen random mod 100000 < 500 drop`,
    ),
  )
  expect(rulesCommand('a "b"')).toBe(`nft 'a "b"'`)
})

describe('speed', () => {
  const inHost = 'nsenter --net=/proc/70/ns/net'
  const rate = 'tbf rate 10000000bit burst 16384b latency 50ms'

  test('counts in both directions: in the host, and at the switch', () => {
    expect(speedCommand('h3', 70, { rateBits: 10e6, delayMs: null })).toBe(
      `${inHost} tc qdisc replace dev eth0 root ${rate} && tc qdisc replace dev h3 root ${rate}`,
    )
    expect(speedCommand('h3', 70, { rateBits: 1e9, delayMs: null })).toContain('rate 1000000000bit burst 625000b')
    expect(speedCommand('h3', 70, { rateBits: null, delayMs: null })).toBe(
      `${inHost} tc qdisc replace dev eth0 root pfifo_fast && tc qdisc replace dev h3 root pfifo_fast`,
    )
  })

  test('a delay is that of packets that leave the host, whose rate counts after it', () => {
    const [delay, inner, port] = speedCommand('h3', 70, { rateBits: 10e6, delayMs: 1.5 }).split(' && ')
    expect(delay).toBe(`${inHost} tc qdisc replace dev eth0 root handle 1: netem delay 1500us limit 100000`)
    expect(inner).toBe(`${inHost} tc qdisc replace dev eth0 parent 1:1 handle 2: ${rate}`)
    expect(port).toBe(`tc qdisc replace dev h3 root ${rate}`)
  })
})

test('each host has an address and a MAC address of its own', () => {
  const places = placesOf(100)
  expect(places[99]).toEqual({ name: 'h100', address: '10.0.0.100', mac: '02:00:0a:00:00:64' })
  expect(new Set(places.map(({ mac }) => mac)).size).toBe(100)
})

test('a word is taken literally by a shell', () => {
  expect(shellWord("it's $HOME")).toBe("'it'\\''s $HOME'")
})

test.each([
  [{ hosts: 0 }, "a laboratory's hosts must be from 1 to 100, but is 0"],
  [{ hosts: 2.5 }, 'there cannot be 2.5 hosts'],
  [{ hosts: 1, cores: 0.01 }, "a laboratory's cores must be from 0.1 to 1024, but is 0.01"],
  [
    { hosts: 1, name: '../x' },
    "a laboratory's name is letters, digits, - and _, at most 40, and begins with a letter, but is '../x'",
  ],
])('%j is refused', (settings, line) => {
  expect(() => checkSettings(settings)).toThrow(line)
})
