/** What a channel of one of the models means; `read` puts it into what was decoded. */
export interface Channel {
  /** In bytes; where it depends on what they are, of what follows. */
  readonly length: number | ((rest: Uint8Array) => number)
  readonly read?: (bytes: Uint8Array, into: MilesightReading) => void
}

export type Channels = { readonly [idAndType: number]: Channel }

/** What a message says, whatever the model. */
export interface MilesightReading {
  contact?: string
  tamper?: string
  battery?: number
  button?: string
  /** Which of a panel's buttons. */
  which?: number
  leak?: string
  motion?: string
  tilt?: boolean
  /** A contact that is wired to it. */
  input?: string
  gas?: string
  fall?: string
  /** The numbers of the falls that have not ended in the same message. */
  falls?: ReadonlyArray<number>
  fault?: string
  started?: boolean
  /** Its second door. */
  second?: { readonly contact: string }
  /** Wired inputs and outputs, or switches, where there are several. */
  wired?: Array<{ readonly name: string; readonly value: string }>
  history?: Array<Past>
}

/** What was so when it could not be sent; `at` in epoch seconds. */
interface Past {
  readonly at: number
  readonly contact?: string
  readonly leak?: string
  readonly motion?: string
  readonly input?: string
  readonly fall?: string
}

export const skip = (length: number): Channel => ({ length })

/** What every model sends: its versions when it joins, its battery, and answers to downlinks (FE and FF). */
export const common: Channels = {
  0x0175: { length: 1, read: ([percent], into) => void (into.battery = percent!) },
  0xff01: skip(1),
  0xff08: skip(6),
  0xff09: skip(2),
  0xff0a: skip(2),
  0xff0b: { length: 1, read: (_, into) => void (into.started = true) },
  0xff0f: skip(1),
  0xff16: skip(8),
  0xff18: skip(2),
  0xff1f: skip(4),
  0xfffe: { length: 1, read: (_, into) => void (into.started = true) },
  0xffff: skip(2)
}

/** Lengths of the answers to downlinks, channels FE and FF, from the vendor's decoders of the models. */
export const answers: { readonly [type: number]: number } = {
  0x02: 2,
  0x03: 2,
  0x06: 9,
  0x10: 1,
  0x24: 2,
  0x25: 2,
  0x26: 1,
  0x27: 1,
  0x28: 1,
  0x2c: 1,
  0x2f: 1,
  0x30: 2,
  0x35: 8,
  0x3d: 1,
  0x3e: 1,
  0x40: 1,
  0x4a: 1,
  0x5e: 1,
  0x65: 1,
  0x67: 1,
  0x68: 1,
  0x69: 1,
  0x6a: 3,
  0x6d: 1,
  0x74: 1,
  0x79: 6,
  0x7e: 5,
  0x7f: 1,
  0x80: 2,
  0x81: 2,
  0x83: 3,
  0x84: 1,
  0x8d: 1,
  0x8e: 3,
  0x96: 8,
  0xbd: 2,
  0xc7: 1,
  0xea: 3
}

/** A byte the table does not have keeps its number, so that it is told as unreadable and not guessed. */
const named =
  (names: ReadonlyArray<string>) =>
  (byte: number | undefined): string =>
    names[byte ?? -1] ?? `byte ${byte}`

const magnet = named(["closed", "open"])

const door = (id: number): Channels => ({
  [id]: { length: 1, read: ([byte], into) => void (into.contact = magnet(byte)) }
})

export const truth = named(["false", "true"])

const leak = (id: number): Channels => ({ [id]: { length: 1, read: ([byte], into) => void (into.leak = truth(byte)) } })

/** Somebody is there: a motion detector, or one of a room, a desk or a cubicle that is taken. */
export const moved = (idAndType: number): Channels => ({
  [idAndType]: { length: 1, read: ([byte], into) => void (into.motion = truth(byte)) }
})

/** So many people are seen, in a number of one or two bytes. */
const people = (idAndType: number, length: number, digits: 1 | 2): Channels => ({
  [idAndType]: {
    length,
    read: ([low, high], into) => void (into.motion = truth(low === 0 && (digits === 1 || high === 0) ? 0 : 1))
  }
})

export const past = (length: Channel["length"], told: (bytes: Uint8Array) => Omit<Past, "at">): Channel => ({
  length,
  read: (bytes, into) => {
    const at = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
    into.history = [...(into.history ?? []), { at, ...told(bytes) }]
  }
})

/** A thermometer, with the alarm of its limits. */
export const climate: Channels = { 0x0367: skip(2), 0x0468: skip(1), 0x8367: skip(3) }

/** It lies otherwise than it was put. */
export const tilted = (idAndType: number): Channels => ({
  [idAndType]: {
    length: 1,
    read: ([byte], into) => Object.assign(into, byte === 0 || byte === 1 ? { tilt: byte === 1 } : {})
  }
})

/** One of several that are wired to it. */
export const switched = (name: string): Channel => ({
  length: 1,
  read: ([byte], into) => void (into.wired = [...(into.wired ?? []), { name, value: truth(byte) }])
})

/** Three angles; the lowest bit of each says that it is beyond its limit. */
const angles: Channel = {
  length: 6,
  read: ([x = 0, , y = 0, , z = 0], into) => void (into.tilt = ((x | y | z) & 1) === 1)
}

const presses = ["short", "short", "double", "long"]

/** A panel's button: its number, how it is set, how it was pressed; older firmware has a command of the site's own there. */
const panelButton: Channel = {
  length: 3,
  read: ([which, , event], into) => Object.assign(into, { which, button: presses[event ?? 0] ?? "short" })
}

/** A counter of people who pass, at a camera above. */
const counted: Channels = {
  ...people(0x04c9, 4, 1),
  0x05cc: skip(4),
  0x06cd: skip(1),
  0x07d5: skip(8),
  0x08d5: skip(8),
  0x09da: skip(8),
  0x0ada: skip(8),
  0x0bda: skip(8),
  0x0cda: skip(8),
  0x0dcc: skip(4),
  0x0ee4: skip(5),
  0x0f85: skip(4)
}

/** A wired contact; where it counts pulses instead (its mode is not 1) it tells no state. */
const wired: Channels = {
  0x0500: { length: 1, read: ([byte], into) => void (into.input = truth(byte)) },
  0x8500: { length: 2, read: ([byte], into) => void (into.input = truth(byte)) },
  0x05c8: skip(4),
  0x05e1: skip(8),
  0x06e1: skip(8),
  0x85e1: skip(9),
  0x86e1: skip(9),
  0x20ce: past(13, (bytes) => (bytes[7] === 1 ? { input: truth(bytes[8]) } : {})),
  0x21ce: past(18, (bytes) => (bytes[8] === 1 ? { input: truth(bytes[9]) } : {}))
}

/** Counts of people at lines and in regions, and a covered lens. */
const countedThrough: Channels = {
  ...Object.fromEntries(
    [0x03, 0x11].flatMap((first) =>
      [0, 3, 6, 9].flatMap((line) => [
        [((first + line) << 8) | 0xd2, skip(4)],
        [((first + line + 1) << 8) | 0xd2, skip(4)],
        [((first + line + 2) << 8) | 0xcc, skip(4)]
      ])
    )
  ),
  0x0fe3: {
    length: 4,
    read: (counts, into) => void (into.motion = truth(counts.some((count) => count > 0) ? 1 : 0))
  },
  0x1de3: skip(4),
  0x10e4: skip(5),
  0x1ee4: skip(5),
  0x50fc: { length: 3, read: ([, , byte], into) => void (into.tamper = truth(byte)) },
  // How long somebody stayed takes a byte less than a number of people.
  0x20ce: { length: (rest) => ([0x10, 0x20, 0x1e, 0x3c].includes(rest[4] ?? 0) ? 8 : 9) }
}

const fallen = 4
const vacant = 1

/** An alarm of a radar: 0 is a fall; 1 it begins, 2 it ends, 3 nobody wants to hear of it. */
const fallOf = (kind: number | undefined, state: number | undefined): { readonly fall?: string } =>
  kind === 0 && state !== undefined && state >= 1 && state <= 3 ? { fall: truth(state === 1 ? 1 : 0) } : {}

/** A radar that sees whether somebody lies on the floor. */
const radar: Channels = {
  0x03f8: {
    length: 6,
    read: ([status], into) => {
      into.motion = truth(status === vacant ? 0 : 1)
      into.fall = truth(status === fallen ? 1 : 0)
    }
  },
  0x04f9: skip(4),
  0x05fa: skip(8),
  // Several may come in one message, each with its number: that one has ended does not end another.
  0x06fb: {
    length: 5,
    read: ([low = 0, high = 0, kind, state], into) => {
      const { fall } = fallOf(kind, state)
      if (fall === undefined) return
      const id = low | (high << 8)
      const others = (into.falls ?? []).filter((one) => one !== id)
      into.falls = fall === "true" ? [...others, id] : others
      into.fall = String(into.falls.length > 0)
    }
  },
  0x20ce: past(9, (bytes) => fallOf(bytes[6], bytes[7]))
}

/** Counts of those who pass a door. */
const passed: Channels = {
  ...climate,
  0x04cc: skip(4),
  0x05cc: skip(4),
  0x0aef: skip(4),
  0x81ee: skip(1),
  0x84cc: skip(5),
  0x85cc: skip(5),
  0xffcc: skip(1),
  0x20ce: { length: (rest) => (rest[4] === 1 ? 13 : 9) }
}

export const skipped = (length: number, ...keys: ReadonlyArray<number>): Channels =>
  Object.fromEntries(keys.map((key) => [key, skip(length)]))

const wasClosed = -1000
const wasOpen = -1001

/**
 * What the first channel of a cold room's sensor was. Newer hardware writes a magnet as a temperature or humidity that
 * cannot be; the first said in the mask what follows it (5 and 6 are a magnet).
 */
const doorThen = (bytes: Uint8Array): { readonly contact?: string } => {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const values = [view.getInt16(5, true), view.getInt16(7, true)]
  if (values.includes(wasClosed)) return { contact: magnet(0) }
  if (values.includes(wasOpen)) return { contact: magnet(1) }
  const first = values[0]
  const isMagnet = bytes[4]! >> 4 === 5 || bytes[4]! >> 4 === 6
  return isMagnet && (first === 0 || first === 1) ? { contact: magnet(first) } : {}
}

/** A cold room's sensor: at each of its two sockets a thermometer or a door's magnet. */
const coldRoom: Channels = {
  ...door(0x0300),
  0x0400: { length: 1, read: ([byte], into) => void (into.second = { contact: magnet(byte) }) },
  ...skipped(2, 0x0367, 0x039a, 0x0467, 0x049a),
  ...skipped(3, 0x8367, 0x839a, 0x8467, 0x849a),
  ...skipped(5, 0x93d7, 0x9367, 0x939a, 0x94d7, 0x9467, 0x949a),
  ...skipped(1, 0xb367, 0xb39a, 0xb467, 0xb49a),
  0xffa0: skip(9),
  0x20ce: past(9, doorThen),
  0x21ce: skip(9)
}

/** What a gas detector says of itself; power that came or went is none of its faults. */
const gasDetectorFaults: { readonly [byte: number]: string } = { 2: "true", 3: "false", 4: "true", 5: "true" }

/** What each of the models sends of its own. */
export const channels = {
  ws301: {
    ...door(0x0300),
    // Its README prints 01 as installed; its table and its decoder say 1 is uninstalled, and so does the device.
    0x0400: { length: 1, read: ([byte], into) => void (into.tamper = named(["installed", "uninstalled"])(byte)) }
  },
  ws101: {
    0xff2e: { length: 1, read: ([byte], into) => void (into.button = named(["", "short", "long", "double"])(byte)) }
  },
  "ws136 or ws156": { 0xff34: panelButton },
  ws201: { 0x0382: skip(2), 0x04d6: skip(1) },
  ws202: { ...moved(0x0300), 0x0400: skip(1) },
  ws203: { ...climate, ...moved(0x0500), 0x20ce: past(9, (bytes) => ({ motion: truth(bytes[5]) })) },
  ws302: { 0x055b: skip(7) },
  ws303: leak(0x0300),
  vs121: counted,
  "vs133 or vs135": countedThrough,
  vs321: {
    ...climate,
    ...people(0x05fd, 2, 2),
    0x06fe: skip(4),
    0x07ff: skip(1),
    // Something hinders its radar: it cannot tell.
    0x08f4: { length: 2, read: ([, status], into) => void (into.fault = truth(status)) },
    0x0aef: skip(4),
    0x8468: skip(2),
    ...skipped(1, 0xf910, 0xf96b, 0xf96c, 0xf96e),
    ...skipped(2, 0xf810, 0xf86b, 0xf86c, 0xf86e),
    0x20ce: past(
      (rest) => (rest[4] === 1 ? 9 : 7),
      ([, , , , mode, low, high]) => (mode === 0 ? { motion: truth(low === 0 && high === 0 ? 0 : 1) } : {})
    )
  },
  vs330: { 0x0282: skip(2), ...moved(0x038e), 0x048e: skip(1) },
  vs340: moved(0x0300),
  vs350: passed,
  ts30x: coldRoom,
  vs373: radar,
  vs370: { ...moved(0x0300), 0x0400: skip(1) },
  em300: { ...climate, ...door(0x0600), 0x20ce: past(8, (bytes) => ({ contact: magnet(bytes[7]) })) },
  // The leak detectors of the same series, with and without a thermometer.
  "em300-leak": { ...climate, ...leak(0x0500), 0x20ce: past(8, (bytes) => ({ leak: truth(bytes[7]) })) },
  "em300-di": { ...climate, ...wired },
  gs101: {
    0x058e: { length: 1, read: ([byte], into) => void (into.gas = truth(byte)) },
    0x0601: skip(1),
    0x0701: skip(1),
    0x0890: skip(4),
    0xff3f: {
      length: 1,
      read: ([byte], into) => Object.assign(into, byte! in gasDetectorFaults ? { fault: gasDetectorFaults[byte!] } : {})
    }
  },
  "em310-tilt": { 0x03cf: { length: 7, read: (bytes, into) => void (into.tilt = (bytes[6]! & 7) !== 0) } },
  "em320-tilt": { 0x03d4: angles }
} satisfies { readonly [family: string]: Channels }
