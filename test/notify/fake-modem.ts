import { createServer, type Socket } from "node:net"
import type { AddressInfo } from "node:net"

/** One text as it went over the air. */
export interface AirText {
  readonly to: string
  readonly text: string
  /** Which part of how many. */
  readonly part: readonly [number, number]
}

const swapped = (hex: string): string => hex.replaceAll(/(.)(.)/g, "$2$1").replace(/F$/i, "")

const gsm =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"

const unpacked = (data: Buffer, septets: number, skip: number): string => {
  const signs: Array<string> = []
  for (let nth = skip; nth < septets; nth++) {
    const bit = nth * 7
    const two = (data[bit >> 3] ?? 0) | ((data[(bit >> 3) + 1] ?? 0) << 8)
    signs.push(gsm[(two >> (bit & 7)) & 0x7f] ?? "?")
  }
  return signs.join("")
}

/** Reads an SMS-SUBMIT (3GPP TS 23.040, section 9.2.2.2) behind its service centre. */
const readSubmit = (pdu: string): AirText => {
  const bytes = Buffer.from(pdu, "hex")
  let at = 1 + (bytes[0] ?? 0)
  const flags = bytes[at] ?? 0
  at += 2
  const digits = bytes[at] ?? 0
  const address = bytes.subarray(at + 2, at + 2 + Math.ceil(digits / 2)).toString("hex")
  at += 2 + Math.ceil(digits / 2) + 1
  const coding = bytes[at] ?? 0
  at += 1 + ((flags & 0x18) === 0x10 ? 1 : 0)
  const length = bytes[at] ?? 0
  const data = bytes.subarray(at + 1)
  const header = (flags & 0x40) === 0 ? 0 : (data[0] ?? 0) + 1
  const part = header === 0 ? ([1, 1] as const) : ([data[header - 1] ?? 0, data[header - 2] ?? 0] as const)
  const text =
    (coding & 0x0c) === 0x08
      ? data.subarray(header, length).swap16().toString("utf16le")
      : unpacked(data, length, Math.ceil((header * 8) / 7))
  return { to: swapped(address).slice(0, digits), text, part }
}

/** Ctrl-Z: 3GPP TS 27.005, +CMGS. */
const endOfText = "\u001a"

/** A GSM modem for smsd, at a TCP port (`device = @host:port`): it sends, or refuses to, and delivers what comes in. */
export const startFakeModem = async () => {
  const sent: Array<AirText> = []
  let refuses = false
  let stored: ReadonlyArray<string> = []
  let read: string | undefined
  const answer = (command: string, socket: Socket): string | undefined => {
    if (/^AT\+CMGS=\d+$/.test(command)) {
      socket.write("\r\n> ")
      return undefined
    }
    if (command.startsWith("AT+CPIN?")) return "\r\n+CPIN: READY\r\n\r\nOK\r\n"
    if (command.startsWith("AT+CREG?")) return "\r\n+CREG: 0,1\r\n\r\nOK\r\n"
    if (command.startsWith("AT+CSQ")) return "\r\n+CSQ: 20,0\r\n\r\nOK\r\n"
    if (command.startsWith("AT+CPMS?"))
      return `\r\n+CPMS: "SM",${stored.length},20,"SM",${stored.length},20,"SM",${stored.length},20\r\n\r\nOK\r\n`
    if (command.startsWith("AT+CMGR=1") && stored[0] !== undefined) {
      const [pdu] = stored
      read = pdu
      return `\r\n+CMGR: 0,,${pdu.length / 2 - 1}\r\n${pdu}\r\n\r\nOK\r\n`
    }
    // What has come meanwhile takes the first place.
    if (command.startsWith("AT+CMGD")) stored = stored.filter((pdu) => pdu !== read)
    if (command.startsWith("AT+CMGL")) read = stored[0]
    if (command.startsWith("AT+CMGL"))
      return stored.length === 0
        ? "\r\nOK\r\n"
        : `\r\n+CMGL: 1,0,,${(stored[0]?.length ?? 0) / 2 - 1}\r\n${stored[0]}\r\n\r\nOK\r\n`
    return "\r\nOK\r\n"
  }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let held = ""
    socket.on("error", () => {})
    socket.on("data", (chunk: Buffer) => {
      held += chunk.toString("latin1")
      for (;;) {
        const ends = ["\r", endOfText].map((sign) => held.indexOf(sign)).filter((at) => at >= 0)
        const end = Math.min(...ends)
        if (ends.length === 0) return
        const [line, by] = [held.slice(0, end).trim(), held[end]]
        held = held.slice(end + 1)
        if (by === endOfText) {
          if (!refuses) sent.push(readSubmit(line))
          socket.write(refuses ? "\r\n+CMS ERROR: 38\r\n" : `\r\n+CMGS: ${100 + sent.length}\r\n\r\nOK\r\n`)
        } else if (line !== "") {
          const said = answer(line, socket)
          if (said !== undefined) socket.write(said)
        }
      }
    })
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  return {
    device: `@127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    refuse: (whether: "refuse" | "send") => void (refuses = whether === "refuse"),
    /** A text or a report comes in, as its PDU. */
    deliver: (pdu: string) => void (stored = [...stored, pdu]),
    close: () =>
      new Promise<void>((done) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => done())
      })
  }
}
