import { once } from "node:events"
import { type AddressInfo, createServer, type Socket } from "node:net"

/** MQTT packet types (MQTT 5, 2.1.2). */
export const types = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14
} as const

/** A packet as a broker reads it: its type, and what follows the length. */
export interface Packet {
  readonly type: number
  readonly body: Buffer
}

const lengthOf = (length: number): Buffer => {
  const bytes: Array<number> = []
  let left = length
  do {
    bytes.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0))
    left >>>= 7
  } while (left > 0)
  return Buffer.from(bytes)
}

const packet = (first: number, ...parts: ReadonlyArray<Uint8Array>): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([first]), lengthOf(body.length), body])
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

const id = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff])

export interface Published {
  readonly topic: string
  readonly payload: string | Uint8Array
  readonly qos?: 0 | 1 | 2
  readonly messageId?: number
  readonly dup?: boolean
  readonly retain?: boolean
  /** MQTT 5 properties, encoded. */
  readonly properties?: Uint8Array
}

/** Writes a broker's packets, of the version, as the specification has them. */
export const packetsOf = (version: 4 | 5) => {
  const properties = (bytes: Uint8Array = Buffer.alloc(0)): ReadonlyArray<Uint8Array> =>
    version === 5 ? [lengthOf(bytes.length), bytes] : []
  return {
    connack: (code = 0, sessionPresent = false) =>
      packet(types.connack << 4, Buffer.from([sessionPresent ? 1 : 0, code]), ...properties()),
    publish: ({ topic, payload, qos = 1, messageId = 1, dup = false, retain = false, ...more }: Published) =>
      packet(
        (types.publish << 4) | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0),
        text(topic),
        ...(qos === 0 ? [] : [id(messageId)]),
        ...properties(more.properties),
        Buffer.from(payload)
      ),
    suback: (subscribe: Packet, code = 1) =>
      packet(
        types.suback << 4,
        subscribe.body.subarray(0, 2),
        ...properties(),
        Buffer.alloc(subscriptionsIn(subscribe, version), code)
      ),
    pubrel: (messageId: number) => packet((types.pubrel << 4) | 2, id(messageId)),
    pingresp: () => packet(types.pingresp << 4),
    disconnect: (reason: number) => packet(types.disconnect << 4, Buffer.from([reason]), ...properties())
  }
}

const subscriptionsIn = ({ body }: Packet, version: 4 | 5): number => {
  let at = version === 5 ? 3 + body.readUInt8(2) : 2
  let found = 0
  for (; at < body.length; found++) at += 2 + body.readUInt16BE(at) + 1
  return found
}

/** The whole packets in what a client has sent so far, and the rest. */
const split = (bytes: Buffer): { readonly packets: ReadonlyArray<Packet>; readonly rest: Buffer } => {
  const packets: Array<Packet> = []
  let at = 0
  for (;;) {
    let length = 0
    let bodyAt = at + 1
    for (let shift = 0; ; shift += 7, bodyAt++) {
      const byte = bytes[bodyAt]
      if (byte === undefined) return { packets, rest: bytes.subarray(at) }
      length += (byte & 0x7f) * 2 ** shift
      if ((byte & 0x80) === 0) break
    }
    const end = ++bodyAt + length
    if (end > bytes.length) return { packets, rest: bytes.subarray(at) }
    packets.push({ type: (bytes[at] ?? 0) >> 4, body: bytes.subarray(bodyAt, end) })
    at = end
  }
}

/** One client's connection to the fake broker. */
export interface Session {
  readonly socket: Socket
  /** Which connection this is, from 1. */
  readonly nth: number
  readonly send: (...packets: ReadonlyArray<Uint8Array>) => void
  /** What the client has sent, as it comes. */
  readonly received: ReadonlyArray<Packet>
}

/** A broker that says what the test wants it to say: `hears` gets each packet of each client. */
export const startFakeBroker = async (hears: (packet: Packet, session: Session) => void) => {
  const sockets = new Set<Socket>()
  let opened = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
    socket.once("close", () => sockets.delete(socket))
    const received: Array<Packet> = []
    const send = (...packets: ReadonlyArray<Uint8Array>): void => {
      if (!socket.destroyed) socket.write(Buffer.concat(packets))
    }
    const session: Session = { socket, nth: ++opened, send, received }
    let unread = Buffer.alloc(0)
    socket.on("data", (chunk: Buffer) => {
      const { packets, rest } = split(Buffer.concat([unread, chunk]))
      unread = Buffer.from(rest)
      for (const one of packets) {
        received.push(one)
        hears(one, session)
      }
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    /** Connections that were ever opened. */
    opened: () => opened,
    /** Connections that are open now. */
    open: () => sockets.size,
    stop: async (): Promise<void> => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, "close")
    }
  }
}

/** Answers whatever a well-behaved broker would: lets the client in, grants what it asks for, answers its pings. */
export const behave = (version: 4 | 5, heard: Packet, { send }: Session): void => {
  const packets = packetsOf(version)
  const { type } = heard
  if (type === types.connect) send(packets.connack())
  if (type === types.subscribe) send(packets.suback(heard))
  if (type === types.pingreq) send(packets.pingresp())
}
