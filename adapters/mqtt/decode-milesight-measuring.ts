import {
  type Channel,
  type Channels,
  climate,
  moved,
  past,
  skip,
  skipped,
  switched,
  tilted,
  truth
} from "./decode-milesight-channels.ts"

/** What a room's air is like, its light, and how much somebody moved in a while: none of ours. */
const air: Channels = {
  ...climate,
  0x056a: skip(2),
  0x0665: skip(6),
  0x06cb: skip(1),
  0x077d: skip(2),
  0x087d: skip(2),
  0x08e6: skip(2),
  0x0973: skip(2),
  0x0a7d: skip(2),
  0x0b7d: skip(2),
  0x0c7d: skip(2),
  0x0d7d: skip(2),
  0x0e01: skip(1)
}

/** A detector of motion among them; its history differs in length. */
const airWithMotion = (history: number): Channels => ({
  ...air,
  ...moved(0x0500),
  0x20ce: past(history, (bytes) => ({ motion: truth(bytes[8]) }))
})

/** How high something stands, at a bin or tank that may be turned over. */
const level: Channels = { ...climate, 0x0482: skip(2), ...tilted(0x0500), 0x0688: skip(9), 0x8482: skip(3) }

/** An alarm of a temperature that changed too fast. */
const changing: Channels = { ...climate, 0x83d7: skip(5) }

const inputs = (...ids: ReadonlyArray<number>): Channels =>
  Object.fromEntries(
    ids.flatMap((id, nth) => [
      [(id << 8) | 0x00, switched(`input-${nth + 1}`)],
      [(id << 8) | 0xc8, skip(4)]
    ])
  )

const outputs = (...ids: ReadonlyArray<number>): Channels =>
  Object.fromEntries(ids.map((id, nth) => [(id << 8) | 0x01, switched(`output-${nth + 1}`)]))

/** A wall switch of so many: the lower half of the byte is how each stands, the upper half which were worked. */
const wallSwitch = (how: number): Channels => {
  const state: Channel = {
    length: 1,
    read: ([byte = 0], into) =>
      void (into.wired = Array.from({ length: how }, (_, nth) => ({
        name: `switch-${nth + 1}`,
        value: truth((byte >> nth) & 1)
      })))
  }
  // Newer ones have another channel for it, and measure what flows.
  return {
    0xff29: state,
    0x0829: state,
    ...skipped(1, 0x0581),
    ...skipped(2, 0x0374, 0x07c9),
    ...skipped(4, 0x0480, 0x0683)
  }
}

/** A Modbus channel: its number, the length of its data, their type, the data. */
const modbus = { length: (rest: Uint8Array) => 3 + (rest[1] ?? 0) }

/** Models that measure, and among it say what is of ours: a battery, a motion, a casing, a wired contact. */
export const measuring = {
  am102: { ...air, 0x20ce: skip(7) },
  am103: { ...air, 0x20ce: skip(9) },
  am104: air,
  am107: air,
  am307: airWithMotion(16),
  am308: airWithMotion(20),
  am319: airWithMotion(22),
  "em300-th": { ...climate, 0x20ce: skip(7) },
  "em300-cl": { 0x03ed: skip(1), 0x04ee: skip(1), 0x83ed: skip(2) },
  "em310-udl": { 0x0382: skip(2), ...tilted(0x0400) },
  em400: level,
  "em500-co2": { ...changing, 0x057d: skip(2), 0x0673: skip(2), 0x20ce: skip(11) },
  "em500-lgt": { 0x0394: skip(4), 0x20ce: skip(8) },
  "em500-pp": { 0x037b: skip(2), 0x20ce: skip(6) },
  "em500-pt100": { ...changing, 0x20ce: skip(6) },
  "em500-smtc": { ...changing, 0x04ca: skip(2), 0x057f: skip(2), 0x20ce: skip(10) },
  "em500-swl": { 0x0377: skip(2), 0x20ce: skip(6) },
  "em500-udl": { 0x0382: skip(2), 0x20ce: skip(6) },
  gs301: { 0x0267: skip(2), 0x0368: skip(1), ...skipped(2, 0x047d, 0x057d, 0x187d, 0x377d) },
  ct10x: { 0x0397: skip(4), 0x0498: skip(2), 0x0499: skip(2), 0x0967: skip(2), 0x8498: skip(7), 0x8967: skip(3) },
  ws501: wallSwitch(1),
  ws502: wallSwitch(2),
  ws503: wallSwitch(3),
  // A tracker, with a casing that tells when it is taken off what it follows.
  at101: {
    ...climate,
    0x0488: skip(9),
    ...tilted(0x0500),
    0x06d9: skip(9),
    0x0700: { length: 1, read: ([byte], into) => void (into.tamper = truth(byte)) },
    0x089b: skip(6),
    0x8488: skip(9),
    // Newer ones tell six angles as well; the records of a message are alike, each behind its channel.
    0x20ce: { length: (rest) => ((rest.length - 18) % 20 === 0 ? 18 : 12) }
  },
  uc300: {
    ...inputs(0x03, 0x04, 0x05, 0x06),
    ...outputs(0x07, 0x08),
    ...skipped(2, 0x0967, 0x0a67),
    ...skipped(4, 0x0b02, 0x0c02, 0x0d02, 0x0e02),
    ...skipped(8, 0x09e2, 0x0ae2, 0x0be2, 0x0ce2, 0x0de2, 0x0ee2),
    0xff15: skip(1),
    0xff19: modbus
  },
  uc50x: {
    ...inputs(0x03, 0x04),
    ...outputs(0x03, 0x04),
    ...skipped(8, 0x0502, 0x0602, 0x05e2, 0x06e2),
    ...skipped(5, 0x83c8, 0x84c8),
    ...skipped(9, 0x93c8, 0x94c8, 0x85e2, 0x86e2),
    ...skipped(13, 0x95e2, 0x96e2),
    0x08db: skip(37),
    0xff0e: { length: ([, shape = 0]) => 2 + (shape >> 3) },
    0xff14: skip(1),
    0xff15: skip(1),
    0x20dc: skip(22)
  }
} satisfies { readonly [family: string]: Channels }
