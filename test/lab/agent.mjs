// Runs on a host of a laboratory in tests, and does what comes by stdin, one line of JSON each. It echoes what comes by TCP,
// and takes note of what comes by UDP.
import { createSocket } from 'node:dgram'
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'

const port = 7000
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)

/** Of the clock that all hosts share. */
const nowMs = () => Number(process.hrtime.bigint()) / 1e6

createServer((socket) => {
  socket.on('error', () => {})
  socket.pipe(socket)
}).listen(port, '0.0.0.0')

const packets = createSocket('udp4')
let received = 0
let newestSentMs = 0
let look = () => {}
packets.on('message', (packet) => {
  received += 1
  newestSentMs = packet.readDoubleLE(0)
  look()
})
packets.bind(port, () => tell({ event: 'ready' }))

const sockets = new Map()
let isFlooding = false

const actions = {
  /** A connection that stays, and tells of what comes. */
  connect({ to, name }) {
    const socket = connect(port, to, () => tell({ event: 'connected', name }))
    sockets.set(name, socket)
    for (const event of ['end', 'close']) socket.on(event, () => tell({ event, name }))
    socket.on('error', ({ code }) => tell({ event: 'error', name, code }))
    socket.on('data', (data) => tell({ event: 'data', name, text: String(data) }))
  },
  write({ name, text }) {
    sockets.get(name).write(text)
  },
  /** Sends bytes, and tells how long their echo takes; null if it does not come. */
  echo({ to, bytes, withinMs }) {
    const began = nowMs()
    let left = bytes
    const socket = connect(port, to, () => socket.write(Buffer.alloc(bytes)))
    const end = (tookMs) => {
      clearTimeout(timer)
      socket.destroy()
      tell({ event: 'echoed', tookMs })
    }
    const timer = setTimeout(() => end(null), withinMs)
    socket.on('error', () => {})
    socket.on('data', (data) => {
      left -= data.length
      if (left === 0) end(nowMs() - began)
    })
  },
  send({ to, packets: count }) {
    let left = count
    const gone = () => {
      left -= 1
      if (left === 0) tell({ event: 'sent' })
    }
    for (let sent = 0; sent < count; sent += 1) sendPacket(to, gone)
  },
  flood({ to }) {
    isFlooding = true
    const more = () => {
      if (isFlooding) sendPacket(to, () => setImmediate(more))
    }
    more()
    tell({ event: 'flooding' })
  },
  /** When so many have come, or none for a while. */
  received({ expected }) {
    let isSaid = false
    const say = () => {
      isSaid = true
      clearTimeout(timer)
      look = () => {}
      tell({ event: 'received', received, newestSentMs })
      received = 0
    }
    // What has come meanwhile is read first.
    const timer = setTimeout(() => setImmediate(() => isSaid || say()), 80)
    look = () => {
      if (received >= expected) say()
      else timer.refresh()
    }
    if (received >= expected) say()
  },
}

function sendPacket(to, sent) {
  const packet = Buffer.alloc(100)
  packet.writeDoubleLE(nowMs())
  packets.send(packet, port, to, sent)
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { action, ...given } = JSON.parse(line)
  actions[action](given)
})
