import type { Decoded } from "./decode-lorawan.ts"

/** The port of an LDS02's readings, in all but older firmware; others carry settings, and counts of the mode that counts alone. */
const readingsPort = 10
const countsPort = 7
/** The first firmware had no alarm: its byte is missing. */
const readingsLengths = [9, 10]

/** The lower 14 bits of the head are the battery, in millivolts. */
const voltsIn = (head: number): number => (head & 0x3fff) / 1000

const contactIn = (open: boolean) => (open ? "open" : "closed")

/** A sensor may also watch for a door that stays closed: only an open one is held. */
const doorIn = (open: boolean, alarm: boolean) => ({ contact: contactIn(open), held: open && alarm })

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const uint24 = (view: DataView, at: number): number => (view.getUint8(at) << 16) | view.getUint16(at + 1)

/** Where it counts alone: bit 15 says that openings are counted, not closings; the sensor tells no state. */
const countsIn = (view: DataView): Decoded => {
  const head = view.getUint16(0)
  const counts = (head & 0x8000) === 0 ? {} : { openings: uint24(view, 2) }
  return { value: { volts: voltsIn(head), ...counts } }
}

/**
 * Dragino LDS02, 10 bytes on port 10 (github.com/dragino/dragino-end-node-decoder, LDS02): bit 15 open, bit 14 leak,
 * 14 bits battery in mV; mode 1 door, 2 water, 3 both; in mode 1 how often it was opened; bit 0 of the last byte: so
 * for longer than was set (the first firmware had no such byte). Volts, not percent: two AAA cells.
 */
export const decodeLds02 = (bytes: Uint8Array, port: number | undefined): Decoded => {
  const view = viewOf(bytes)
  if (port === countsPort && bytes.length >= 5) return countsIn(view)
  const elsewhere = port !== undefined && port !== readingsPort
  const whole = readingsLengths.includes(bytes.length)
  if (elsewhere && !whole) return { value: {} }
  if (!whole) return { value: {}, fault: `an LDS02 sends 10 bytes; ${bytes.length} came` }
  const head = view.getUint16(0)
  const mode = view.getUint8(2)
  const volts = voltsIn(head)
  const open = (head & 0x8000) !== 0
  const door = bytes.length === 9 ? { contact: contactIn(open) } : doorIn(open, (view.getUint8(9) & 1) === 1)
  if (mode < 1 || mode > 3)
    return elsewhere ? { value: {} } : { value: { volts }, fault: `mode ${mode} is none of an LDS02's` }
  return {
    value: {
      volts,
      ...(mode === 2 ? {} : door),
      ...(mode === 1 ? {} : { leak: (head & 0x4000) !== 0 }),
      ...(mode === 1 ? { openings: uint24(view, 3) } : {})
    }
  }
}

/** Ports of the outdoor sensors: history, settings, and the status with the battery in mV; the others carry readings. */
const historyPort = 3
const settingsPort = 4
const statusPort = 5

/** What is so of one door or cable, the time of it, and of a second door the flags and counts behind the time. */
const recordLength = 11
const twoDoorsLength = 18

type Told = (open: boolean, alarm: boolean) => object

/** What a record's flags say. */
type Flagged = (flags: number) => object

const byFlags =
  (told: Told): Flagged =>
  (flags) =>
    told((flags & 1) === 1, (flags & 2) === 2)

/** A clock that shows an earlier time was never set: 2000-01-01, in seconds. */
const neverSet = 946_684_800

/** Unix time as ISO 8601; a clock that was never set tells none. */
const timeIn = (view: DataView, at: number): { readonly at?: string } => {
  const seconds = view.getUint32(at)
  return seconds < neverSet ? {} : { at: new Date(seconds * 1000).toISOString() }
}

const historyIn = (view: DataView, flagsAt: number, flagged: Flagged): Decoded => {
  const whole = Math.floor(view.byteLength / recordLength)
  const history = Array.from({ length: whole }, (_, nth) => {
    const start = nth * recordLength
    return { at: view.getUint32(start + 7), ...flagged(view.getUint8(start + flagsAt)) }
  })
  const rest = view.byteLength - whole * recordLength
  return rest === 0 ? { value: { history } } : { value: { history }, fault: `its history has ${rest} bytes too many` }
}

/** What their flags mean; a contact that is wired to one (CPL01) is on while it is closed. */
const tells: { readonly [senses in "doors" | "water" | "input"]: Told } = {
  doors: doorIn,
  water: (leak) => ({ leak }),
  input: (open) => ({ input: !open })
}

/** Openings are counted anew after each periodic message (DS03A, CMOD "PART"): their number tells of none that was lost. */
const countsParts = 0x08

/**
 * Dragino's outdoor sensors LDS03A, DS03A (doors) and LWL03A (water), github.com/dragino/dragino-end-node-decoder: bit 0
 * open or wet, bit 1 so for longer than was set, how often in 3 bytes, for how long in 3 bytes, Unix time; with a second
 * door its flags, number and duration. Port 3 carries such records of the past, with only the first door. `cell` is a lithium
 * cell of 3.6 V, or one of 3 V (LWL04), which the others would call spent.
 */
export const decodeOutdoor =
  (senses: "doors" | "water" | "input", cell: "cellVolts" | "volts" = "cellVolts") =>
  (bytes: Uint8Array, port: number | undefined): Decoded => {
    const view = viewOf(bytes)
    const told = tells[senses]
    if (port === settingsPort) return { value: {} }
    if (port === statusPort) return { value: bytes.length < 7 ? {} : { [cell]: voltsIn(view.getUint16(5)) } }
    if (port === historyPort) return historyIn(view, 0, byFlags(told))
    if (bytes.length !== recordLength && bytes.length !== twoDoorsLength)
      return { value: {}, fault: `a sensor of this model sends 11 or 18 bytes; ${bytes.length} came` }
    const flags = view.getUint8(0)
    const second = bytes.length === twoDoorsLength ? view.getUint8(11) : undefined
    const openings = (at: number) => ((flags & countsParts) === 0 ? { openings: uint24(view, at) } : {})
    return {
      value: {
        ...timeIn(view, 7),
        ...byFlags(told)(flags),
        ...(senses === "doors" ? openings(1) : {}),
        ...(second === undefined
          ? {}
          : { second: { ...doorIn((second & 1) === 1, (second & 2) === 2), ...openings(12) } })
      }
    }
  }

const buttonLength = 8

/** Dragino's button PB01: the battery in mV, its sounds, bit 0 whether it was pressed, what is measured; on port 3 its past. */
export const decodePb01 = (bytes: Uint8Array, port: number | undefined): Decoded => {
  const view = viewOf(bytes)
  const pressed = (flags: number) => ((flags & 1) === 1 ? { button: "short" } : {})
  if (port === settingsPort) return { value: {} }
  if (port === statusPort) return { value: bytes.length < 7 ? {} : { volts: voltsIn(view.getUint16(5)) } }
  if (port === historyPort) return historyIn(view, 6, pressed)
  if (bytes.length !== buttonLength) return { value: {}, fault: `a PB01 sends 8 bytes; ${bytes.length} came` }
  return { value: { volts: voltsIn(view.getUint16(0)), ...pressed(view.getUint8(3)) } }
}

/** What one of several inputs says; a high level is on. */
const wired = (name: string, high: boolean) => ({ name, value: String(high) })

/** What hangs at the cable of an LHT65N, in the low bits of its seventh byte; bit 7 says that it came off. */
const atCable = 6
const interrupted = 4
const motionDetector = 14
const withTimes = [9, 10]
const offCable = 0x80
const asked = 0x40

/**
 * Dragino LHT65N, a thermometer with a cable (github.com/dragino/dragino-end-node-decoder, LHT65N): the two highest bits are
 * how its battery is, 0 and 1 low; of a contact at its cable the level, of a motion detector (LHT65N-PIR) whether it sees
 * somebody. On port 3, and where it was asked for them, records.
 */
export const decodeLht65 = (bytes: Uint8Array, port: number | undefined): Decoded => {
  const view = viewOf(bytes)
  if (port === statusPort) return { value: bytes.length < 7 ? {} : { volts: voltsIn(view.getUint16(5)) } }
  if (port !== undefined && port !== 2 && port !== historyPort) return { value: {} }
  if (bytes.length < recordLength) return { value: {}, fault: `an LHT65N sends 11 bytes; ${bytes.length} came` }
  const kind = view.getUint8(atCable)
  const level = (flags: number) => ({ input: String(flags !== 0) })
  if (port === historyPort || (kind & asked) !== 0)
    return (kind & 0x0f) === interrupted ? historyIn(view, 0, level) : { value: {} }
  const off = (kind & offCable) !== 0
  return {
    value: {
      ...(withTimes.includes(kind) ? {} : { spent: String(view.getUint8(0) >> 6 < 2) }),
      ...((kind & 0x0f) === 0 ? {} : { fault: String(off) }),
      ...(kind === interrupted ? level(view.getUint8(7)) : {}),
      ...(kind === motionDetector ? { motion: (view.getUint8(7) & 1) === 1 } : {})
    }
  }
}

/** Whether these bytes are no record of its past, which begins with a number where the battery would stand. */
const isVibrationNow = (bytes: Uint8Array): boolean => {
  const [mode = 0, symbol = 0] = [bytes[2], bytes[6]]
  const record = symbol >> 6 === 1 || symbol >> 6 === 2
  return (
    bytes.length === recordLength &&
    mode >= 4 &&
    mode <= 0x0f &&
    !(record && (symbol & 0x3f) >= 4 && (symbol & 0x3f) <= 0x0f)
  )
}

/**
 * Dragino LHT65N-VIB, which counts vibrations: of it the battery alone. It has nothing but its name in common with the
 * thermometer, in whose bytes its numbers would be a fault or a contact.
 */
export const decodeLht65Vib = (bytes: Uint8Array, port: number | undefined): Decoded => {
  const view = viewOf(bytes)
  if (port === statusPort) return { value: bytes.length < 7 ? {} : { volts: voltsIn(view.getUint16(5)) } }
  return { value: port === 2 && isVibrationNow(bytes) ? { volts: voltsIn(view.getUint16(0)) } : {} }
}

/** Where a tracker's alarm and battery stand, by its port; the versions differ in length. */
const alarmOf = (port: number | undefined, length: number): number | undefined => {
  switch (port) {
    case 2:
    case 3:
      return length >= 19 ? 16 : 8
    case 6:
      return 24
    case 7:
    case 9:
      return 0
    case 8:
      return 7
    case 10:
      return 35
    default:
      return undefined
  }
}

/**
 * Dragino's trackers TrackerD and LGT-92, which somebody carries: bit 6 of the byte before the lower ones of the battery is
 * the red button's alarm. It is told with each message until it is answered.
 */
export const decodeTracker = (bytes: Uint8Array, port: number | undefined): Decoded => {
  const at = alarmOf(port, bytes.length)
  if (at === undefined) return { value: {} }
  if (bytes.length < at + 2)
    return { value: {}, fault: `it should have ${at + 2} bytes at least; ${bytes.length} came` }
  const view = viewOf(bytes)
  return {
    value: { cellVolts: voltsIn(view.getUint16(at)), ...((view.getUint8(at) & 0x40) === 0 ? {} : { panic: true }) }
  }
}

/** Dragino LT-22222-L and LT-33222-L: relays and, in the mode that does not count, inputs. */
export const decodeLt22222 = (bytes: Uint8Array, port: number | undefined): Decoded => {
  if (port !== 2) return { value: {} }
  if (bytes.length !== recordLength) return { value: {}, fault: `it sends 11 bytes; ${bytes.length} came` }
  const flags = bytes[8]!
  const mode = bytes[10]! & 0x3f
  if (mode === 6) return { value: {} }
  const inputs = mode === 1 ? [wired("input-1", (flags & 0x08) !== 0), wired("input-2", (flags & 0x10) !== 0)] : []
  return {
    value: { wired: [...inputs, wired("relay-1", (flags & 0x80) !== 0), wired("relay-2", (flags & 0x40) !== 0)] }
  }
}

/** Others of Dragino's, that measure: of those the battery alone, at their beginning. */
export const decodeBattery = (bytes: Uint8Array, port: number | undefined): Decoded => {
  const view = viewOf(bytes)
  if (port === statusPort) return { value: bytes.length < 7 ? {} : { cellVolts: voltsIn(view.getUint16(5)) } }
  return { value: port !== 2 || bytes.length < 2 ? {} : { cellVolts: voltsIn(view.getUint16(0)) } }
}

/** A tilt sensor: whether it stands beyond the angles that were set for it. */
export const decodeTs01 = (bytes: Uint8Array, port: number | undefined): Decoded => {
  const { value } = decodeBattery(bytes, port)
  return { value: port === 2 && bytes.length > 2 ? { ...value, tilt: (bytes[2]! & 1) === 1 } : value }
}

/** How an LSN50-v2 works: it measures voltages, counts pulses, watches three contacts, or tells its limits. */
const measuring = 2
const counting = 5
const threeContacts = 6
const limits = 31

/**
 * Dragino LSN50-v2, to which anything may be wired (github.com/TheThingsNetwork/lorawan-devices, lsn50-v2): a contact that its
 * maker calls the door, closed where the highest bit of the seventh byte is set; or three of them.
 */
export const decodeLsn50 = (bytes: Uint8Array, port: number | undefined): Decoded => {
  if (port !== 2) return { value: {} }
  if (bytes.length < recordLength) return { value: {}, fault: `an LSN50 sends 11 bytes; ${bytes.length} came` }
  const view = viewOf(bytes)
  const flags = view.getUint8(atCable)
  const mode = (flags & 0x7c) >> 2
  if (mode === measuring || mode === limits) return { value: {} }
  const cellVolts = voltsIn(view.getUint16(0))
  const closed = (flags & 0x80) !== 0
  if (mode === counting) return { value: { cellVolts } }
  if (mode !== threeContacts) return { value: { cellVolts, contact: contactIn(!closed) } }
  const others = [7, 8].map((at, nth) => wired(`input-${nth + 2}`, (view.getUint8(at) & 1) === 1))
  return { value: { cellVolts, wired: [wired("input-1", closed), ...others] } }
}
