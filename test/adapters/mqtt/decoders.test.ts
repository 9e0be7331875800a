import { deflateSync, gzipSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { fromBase64 } from "../../../adapters/mqtt/decode-base64.ts"
import { decodeChirpstack } from "../../../adapters/mqtt/decode-chirpstack.ts"
import { decodeLorawan } from "../../../adapters/mqtt/decode-lorawan.ts"
import { flattenOnvif } from "../../../adapters/mqtt/decode-onvif.ts"
import { Malformed, WireMessage } from "../../../adapters/mqtt/decode-protobuf.ts"
import { decodeSparkplug, rebirthRequest } from "../../../adapters/mqtt/decode-sparkplug.ts"
import { SparkplugNodes, type SparkplugTopic } from "../../../adapters/mqtt/decode-sparkplug-nodes.ts"

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replace(/ /g, ""), "hex")
const base64 = (hex: string): string => Buffer.from(bytes(hex)).toString("base64")

describe("base64", () => {
  it.each([
    ["AQID", [1, 2, 3]],
    ["AQ==", [1]],
    ["AQ", [1]],
    ["_-8=", [255, 239]],
    ["", []]
  ])("%j is bytes", (text, expected) => {
    expect([...fromBase64(text)!]).toEqual(expected)
  })

  it.each(["A", "AQI*", "AQ==AQ", " AQID", 7, null, undefined])("%j is none", (text) => {
    expect(fromBase64(text)).toBeUndefined()
  })
})

describe("a protobuf message", () => {
  it("is read field by field, the last of several counting", () => {
    const message = new WireMessage(bytes("08 01 08 96 01 12 02 68 69 1d 00 00 c0 3f 21 01 00 00 00 00 00 00 80"))
    expect(message.number(1)).toBe(150n)
    expect(message.text(2)).toBe("hi")
    expect(message.float(3)).toBe(1.5)
    expect(message.number(4)).toBe(0x8000_0000_0000_0001n)
    expect(message.number(9)).toBeUndefined()
  })

  it.each([
    ["ends inside a number", "08 96"],
    ["has a number longer than 64 bits", "08 ff ff ff ff ff ff ff ff ff ff 01"],
    ["has a field longer than itself", "12 7f 01"],
    ["has a length beyond all bounds", "12 ff ff ff ff ff ff ff ff 7f 01"],
    ["uses groups, which nobody does", "0b 0c"],
    ["has a field without a number", "00 01"],
    ["ends inside a fixed number", "1d 00 00"]
  ])("that %s is refused", (_, hex) => {
    expect(() => new WireMessage(bytes(hex))).toThrow(Malformed)
  })

  it("whose field is of another kind is refused", () => {
    expect(() => new WireMessage(bytes("08 01")).text(1)).toThrow("field 1 should not be a number")
    expect(() => new WireMessage(bytes("0a 01 61")).number(1)).toThrow("field 1 should be a number")
    expect(() => new WireMessage(bytes("0a 01 ff")).text(1)).toThrow("field 1 is not UTF-8")
  })
})

describe("a LoRaWAN sensor's bytes", () => {
  const read = (hex: string, model: string, port?: number) => decodeLorawan(base64(hex), port, model, [])

  it.each([
    ["ws301", "01 75 5a 03 00 01 04 00 01", { battery: 90, contact: "open", tamper: "uninstalled" }],
    ["ws301", "03 00 00", { contact: "closed" }],
    ["ws301", "04 00 00", { tamper: "installed" }],
    ["ws101", "01 75 10 ff 2e 02", { battery: 16, button: "long" }],
    ["ws101-sos", "ff 2e 01", { button: "short" }],
    ["em300-mcs", "01 75 64 03 67 10 01 04 68 71 06 00 01", { battery: 100, contact: "open" }],
    [
      "em300-mcs",
      "ff 0b ff ff 01 01 ff 16 67 38 a3 91 29 66 00 27 ff 09 03 10 ff 0a 01 01 ff 0f 00",
      { started: true }
    ],
    // A confirmation of a downlink does not hide what follows it.
    ["ws301", "fe 03 b0 04 03 00 01", { contact: "open" }],
    ["ws203", "83 67 22 01 01 05 00 00", { motion: "false" }],
    ["vs121", "04 c9 03 08 00 a1 06 cd 05", { motion: "true" }],
    ["at101", "08 9b 00 00 00 05 05 05 07 00 01", { tamper: "true" }],
    ["at101", `20 ce ${"00 ".repeat(18)}20 ce ${"00 ".repeat(18)}`.trim(), {}],
    ["at101", `20 ce ${"00 ".repeat(12)}20 ce ${"00 ".repeat(12)}`.trim(), {}],
    ["vs321", "05 fd 00 01", { motion: "true" }],
    ["vs321", "08 f4 02 01", { fault: "true" }],
    ["vs321", "20 ce 00 d7 68 69 00 00 00", { history: [{ at: 0x6968d700, motion: "false" }] }],
    ["vs321", "20 ce 00 d7 68 69 01 03 00 01 00 f9 6b 01", { history: [{ at: 0x6968d700 }] }],
    ["vs330", "01 75 62 02 82 0f 00 03 8e 01 04 8e 01", { battery: 98, motion: "true" }],
    ["vs341", "01 75 64 03 00 00", { battery: 100, motion: "false" }],
    ["vs370", "03 00 01 04 00 fe", { motion: "true" }],
    ["ws201", "01 75 64 03 82 3e 00 04 d6 45", { battery: 100 }],
    ["em310-tilt", "03 cf 00 00 00 00 28 23 00", { tilt: false }],
    ["em310-tilt", "03 cf 00 00 00 00 28 23 04", { tilt: true }],
    ["em320-tilt", "03 d4 00 00 00 00 50 46", { tilt: false }],
    ["ws136", "ff 34 01 03 03", { which: 1, button: "long" }],
    ["ws156", "ff 34 05 10 2f", { which: 5, button: "short" }],
    ["ws302", "01 75 64 05 5b 05 5e 01 5e 01 7d 01", { battery: 100 }],
    ["vs133", "03 d2 10 00 00 00 04 d2 0f 00 00 00 05 cc 01 00 00 00 0f e3 00 02 00 00", { motion: "true" }],
    ["vs135", "50 fc 03 00 01 0f e3 00 00 00 00", { tamper: "true", motion: "false" }],
    ["vs135", "20 ce 00 d7 68 69 10 01 05 00 20 ce 00 d7 68 69 0f 00 00 00 00 50 fc 03 00 00", { tamper: "false" }],
    ["vs350", "04 cc 20 00 17 00 03 67 1a 01 05 cc 01 00 00 00 01 75 62", { battery: 98 }],
    [
      "vs350",
      "20 ce 00 d7 68 69 01 01 00 00 00 20 00 17 00 20 ce 00 d7 68 69 00 01 00 00 00 01 75 62",
      { battery: 98 }
    ],
    ["vs351", "ff cc 00 84 cc 20 00 17 00 01 01 75 62", { battery: 98 }],
    ["ts302", "01 75 14 03 00 01 04 00 01", { battery: 20, contact: "open", second: { contact: "open" } }],
    ["ts302", "01 75 64 03 67 f1 00 04 00 01", { battery: 100, second: { contact: "open" } }],
    ["ts302", "94 d7 04 01 82 00 02 03 00 00", { contact: "closed" }],
    ["ts302", "20 ce c7 9a fa 64 44 bd ff f6 00", { history: [{ at: 1694145223 }] }],
    ["ts302", "20 ce c7 9a fa 64 54 01 00 f6 00", { history: [{ at: 1694145223, contact: "open" }] }],
    ["ts301", "20 ce c7 9a fa 64 b0 19 fc 18 fc", { history: [{ at: 1694145223, contact: "closed" }] }],
    ["vs373", "03 f8 01 00 00 00 00 00", { motion: "false", fall: "false" }],
    ["vs373", "03 f8 04 01 10 00 20 00 06 fb 01 00 00 01 ff", { motion: "true", fall: "true", falls: [1] }],
    ["vs373", "06 fb 01 00 00 02 ff", { fall: "false", falls: [] }],
    ["vs373", "06 fb 01 00 00 01 ff 06 fb 02 00 00 02 ff", { fall: "true", falls: [1] }],
    ["vs373", "06 fb 02 00 03 01 01", {}],
    ["vs373", "20 ce 00 d7 68 69 01 00 00 01 ff", { history: [{ at: 0x6968d700, fall: "true" }] }],
    ["em300-di", "05 00 01", { input: "true" }],
    ["em300-di", "85 00 00 00", { input: "false" }],
    ["em300-di", "01 75 5c 03 67 34 01 04 68 65 05 c8 00 01 00 00", { battery: 92 }],
    [
      "em300-di",
      "20 ce 9e 74 46 63 10 01 5d 01 01 00 00 00 00 20 ce 9e 74 46 63 10 01 5d 02 00 00 01 00 00",
      { history: [{ at: 0x6346749e, input: "true" }, { at: 0x6346749e }] }
    ],
    ["gs101", "05 8e 01 06 01 00 07 01 01 08 90 00 01 00 00", { gas: "true" }],
    ["gs101", "ff 3f 02", { fault: "true" }],
    ["gs101", "ff 3f 01", {}],
    ["gs601", "01 04 03 0f 00 05 10 00 07 11 00 09 1c 01 0b 07 02 0d 00 00 0f 00 11 00", { tamper: "false" }],
    [
      "gs601",
      "df 01 00 ee db 68 50 e2 33 48 82 00 08 da 01 00 01 01 00 00 00 00 d9 00 00 c8 01 cf 00 02",
      { started: true }
    ],
    ["gs601", "02 11 2a 10 21", { vape: "true", tamper: "true" }],
    [
      "gs601",
      "02 10 03 02 21 0a 21 04 11 00 01 00 63 12 01",
      { vape: "false", interference: "true", burning: "true", battery: 99, motion: "true" }
    ],
    ["gs601", "02 00 0a 02 0c 01", {}],
    [
      "am107",
      "01 75 5c 03 67 34 01 04 68 65 05 6a 49 00 06 65 1c 00 79 00 14 00 07 7d e7 04 08 7d 07 00 09 73 3f 27",
      { battery: 92 }
    ],
    [
      "am319",
      "05 00 01 06 cb 02 07 7d a8 03 08 e6 25 00 09 73 66 27 0a 7d 04 00 0b 7d 20 00 0c 7d 30 00 0e 01 00",
      { motion: "true" }
    ],
    [
      "am307",
      "20 ce 00 d7 68 69 ee 00 7c 00 01 02 a8 03 25 00 66 27 05 00 00",
      { motion: "false", history: [{ at: 0x6968d700, motion: "true" }] }
    ],
    ["em300-cl", "01 75 64 83 ed 02 01", { battery: 100 }],
    ["em300-di", "06 e1 0a 00 0a 00 00 00 00 00 86 e1 0a 00 88 02 33 93 bb 44 03 05 00 01", { input: "true" }],
    ["em400-tld", "83 67 e8 00 01 84 82 41 06 01 05 00 01", { tilt: true }],
    ["em400-mud", "05 00 00", { tilt: false }],
    ["em500-co2", "01 75 64 03 67 19 01 04 68 73 05 7d 67 04 06 73 68 27", { battery: 100 }],
    ["em500-smtc", "01 75 64 03 67 19 01 04 68 73 05 7f f0 00", { battery: 100 }],
    [
      "at101",
      "07 00 01 05 00 01 06 d9 01 11 22 33 44 55 66 c8 02 01 75 5f",
      { tamper: "true", tilt: true, battery: 95 }
    ],
    ["ct103", "03 97 10 27 00 00 04 98 b8 0b 09 67 09 01 ff 0b ff", { started: true }],
    ["gs301", "01 75 64 02 67 1c 01 03 68 64 04 7d 11 00 05 7d 22 00", { battery: 100 }],
    ["gs524n", "22 1e 64 00 1c 40", { battery: 100, smoke: true, test: true }],
    ["gs524n", "22 1a 64 00 1c 44", { battery: 100, tamper: "true" }],
    [
      "ws502",
      "ff 29 32",
      {
        wired: [
          { name: "switch-1", value: "false" },
          { name: "switch-2", value: "true" }
        ]
      }
    ],
    ["uc300", "ff 19 00 02 02 0b 00 03 00 01", { wired: [{ name: "input-1", value: "true" }] }],
    ["uc501", "ff 0e 09 26 10 27 00 00 04 00 00", { wired: [{ name: "input-2", value: "false" }] }],
    ["uc502", "05 02 98 3a 00 00 00 00 00 00 03 01 01", { wired: [{ name: "output-1", value: "true" }] }],
    // A temperature below zero, in history.
    ["em300-mcs", "20 ce 00 d7 68 69 f6 ff 59 00", { history: [{ at: 0x6968d700, contact: "closed" }] }]
  ])("of a %s: %s", (model, hex, expected) => {
    expect(read(hex, model)).toEqual({ decoded: { ...expected, model } })
  })

  it.each([
    ["lht65n", 2, "cb f6 0b 0d 03 76 01 0a dd 7f ff", { spent: "false", fault: "false" }],
    ["lht65n", 2, "4b f6 0b 0d 03 76 04 01 00 7f ff", { spent: "true", fault: "false", input: "true" }],
    ["lht65n", 2, "0a dd 0b 0d 03 76 09 69 68 d7 00", { fault: "false" }],
    ["lht65n", 2, "cb f6 0b 0d 03 76 00 00 00 00 00", { spent: "false" }],
    ["lht65n", 2, "cb f6 0b 0d 03 76 0e 00 00 00 05", { spent: "false", fault: "false", motion: false }],
    ["lsn50-v2", 2, "0b 54 00 00 00 00 00 00 fc 02 05", { cellVolts: 2.9, contact: "open" }],
    ["lsn50-v2", 2, "0e 10 69 68 d7 00 81 00 fc 02 05", { cellVolts: 3.6, contact: "closed" }],
    ["lsn50-v2", 2, "0e 10 00 00 00 00 14 00 00 00 2a", { cellVolts: 3.6 }],
    [
      "lsn50-v2",
      2,
      "0e 10 00 fc 00 00 98 11 00 ff ff",
      {
        cellVolts: 3.6,
        wired: [
          { name: "input-1", value: "true" },
          { name: "input-2", value: "true" },
          { name: "input-3", value: "false" }
        ]
      }
    ],
    ["lsn50-v2", 2, "00 10 00 10 00 10 08 00 fc 02 05 24", {}],
    ["lsn50-v2", 5, "01 ff 01 70 00 00 3c", {}],
    ["lsn50-v2-d20", 2, "0e 10 00 fc 00 00 00 00 00 00 00", { cellVolts: 3.6 }],
    ["lht65n-vib", 2, "0c ea 05 00 00 00 c1 00 00 00 01", { volts: 3.306 }],
    ["lht65n-vib", 2, "00 0a 00 00 00 05 84 69 68 d7 00", {}],
    ["lht65n-vib", 5, "3f 01 50 01 ff 0c ea", { volts: 3.306 }],
    ["lht65n", 3, "01 00 0b 0d 03 76 44 69 68 d7 00", { history: [{ at: 0x6968d700, input: "true" }] }],
    ["lht65n", 3, "0a dd 0b 0d 03 76 41 69 68 d7 00", {}],
    ["lht65n", 5, "0b 01 50 01 ff 0b f6", { volts: 3.062 }],
    [
      "lt-22222",
      2,
      "00 00 00 00 00 00 00 00 40 00 42",
      {
        wired: [
          { name: "relay-1", value: "false" },
          { name: "relay-2", value: "true" }
        ]
      }
    ],
    ["lt-22222", 2, "00 00 03 00 00 00 00 00 00 00 46", {}],
    ["lt-22222", 5, "01 ff 01 60 00 02 58", {}],
    ["trackerd", 2, "02 86 3d 68 fa c2 9b af 4b 45 60 01 0e 01 0f", { cellVolts: 2.885, panic: true }],
    [
      "trackerd",
      2,
      "02 86 3d 68 fa c2 9b af 00 00 00 00 00 00 00 00 4e 74 60 01 02 03 04",
      { cellVolts: 3.7, panic: true }
    ],
    ["trackerd", 7, "0e 74 60", { cellVolts: 3.7 }],
    ["trackerd", 4, "02 86 3d 68 fa c2 9b af 07 ea 01 0f 0b 3b 3b", {}],
    ["lgt-92", 2, "02 86 3d 68 fa c2 9b af 4e 74 60 00 00 00 00 0a 00 64", { cellVolts: 3.7, panic: true }],
    ["cpl01", 2, "00 00 00 0a 00 00 00 69 68 d7 00", { at: "2026-01-15T12:01:04.000Z", input: true }],
    ["ldds75", 2, "0e 10 01 00 00 00 00 01", { cellVolts: 3.6 }],
    ["dds45", 5, "28 01 10 01 ff 0e 10", { cellVolts: 3.6 }],
    ["ts01", 2, "0e 10 01 00 fa 10 00 00 20 00", { cellVolts: 3.6, tilt: true }],
    ["ts01", 2, "0b b8 80 00 fa 10 00 00 20 00", { cellVolts: 3, tilt: false }],
    // The network sets its clock.
    ["ws301", 202, "01 06", undefined]
  ])("of a %s on port %s: %s", (model, port, hex, expected) => {
    expect(read(hex, model, port)).toEqual({ decoded: expected === undefined ? {} : { ...expected, model } })
  })

  it.each([
    ["gs524n", "22 1e 64 00 1c 41", "its checksum is wrong"],
    ["gs524n", "22 1e 64", "3 came"],
    ["gs524n", "22 13 64 00 1c 4b", "none of a GS524N's"],
    ["lht65n", "cb f6 0b", "3 came"],
    ["lsn50-v2", "0b 54 00", "3 came"],
    ["lt-22222", "00 00", "2 came"],
    ["trackerd", "02 86", "2 came"]
  ])("of a %s that cannot be read say so: %s", (model, hex, why) => {
    expect(read(hex, model, 2).fault).toContain(why)
  })

  it.each([
    ["8b b8 01 00 00 2a 00 00 03 01", 10, { volts: 3, contact: "open", held: true, openings: 42 }],
    ["0b b8 01 01 02 03 00 00 03 00", 10, { volts: 3, contact: "closed", held: false, openings: 66_051 }],
    ["4b b8 02 00 00 01 00 00 02 00", 10, { volts: 3, leak: true }],
    ["cb b8 03 00 00 00 00 00 00 00", 10, { volts: 3, contact: "open", held: false, leak: true }],
    ["01 02 03", 5, {}],
    ["8c 96 01 00 00 02 00 00 12 00", 2, { volts: 3.222, contact: "open", held: false, openings: 2 }],
    ["8c 96 09 00 00 02 00 00 12 00", 2, {}],
    // The first firmware.
    ["0b 76 02 00 00 17 00 00 00", 10, { volts: 2.934, leak: false }],
    ["8b b8 01 00 00 2a 00 00 03", 2, { volts: 3, contact: "open", openings: 42 }],
    // It watches for a door that stays closed.
    ["0b b8 01 00 00 2a 00 00 03 01", 10, { volts: 3, contact: "closed", held: false, openings: 42 }],
    ["8b b8 00 01 00", 7, { volts: 3, openings: 256 }],
    ["0b b8 00 01 00", 7, { volts: 3 }]
  ])("of an LDS02: %s on port %d", (hex, port, expected) => {
    expect(read(hex, "lds02", port)).toEqual({ decoded: { ...expected, model: "lds02" } })
  })

  it.each([
    ["0c ea 03 01 01 11 01 f0", 2, { volts: 3.306, button: "short" }],
    ["0c ea 03 00 01 11 01 f0", 2, { volts: 3.306 }],
    ["35 01 00 01 ff 0c de", 5, { volts: 3.294 }],
    ["00 00 1c 20", 4, {}],
    ["00 00 01 11 01 f0 01 62 f1 5e e2", 3, { history: [{ at: 0x62f15ee2, button: "short" }] }]
  ])("of a PB01: %s on port %d", (hex, port, expected) => {
    expect(read(hex, "pb01", port)).toEqual({ decoded: { ...expected, model: "pb01" } })
  })

  it.each([
    ["lds03a", "01 00 00 04 00 00 03 62 f1 5e e2", 2, { contact: "open", held: false, openings: 4 }],
    ["ds03a", "09 00 00 04 00 00 03 62 f1 5e e2", 2, { contact: "open", held: false }],
    ["lwl03a", "01 00 00 04 00 00 03 62 f1 5e e2", 2, { leak: true }]
  ])("of a %s: %s on port %d tell the time", (model, hex, port, expected) => {
    expect(read(hex, model, port)).toEqual({ decoded: { ...expected, at: "2022-08-08T19:07:14.000Z", model } })
  })

  it.each([
    ["ds03a", "01 00 00 04 00 00 03 62", 2, {}, "a sensor of this model sends 11 or 18 bytes; 8 came"],
    [
      "lds03a",
      "00 00 01 0d 00 00 0e 63 0e 05 7f 01",
      3,
      { history: [{ at: 0x630e057f, contact: "closed", held: false }] },
      "its history has 1 bytes too many"
    ],
    ["lds03a", "00 1c 20 00", 4, {}, undefined],
    ["wl03a", "1d 01 00 01 ff 0d 7a", 5, { cellVolts: 3.45 }, undefined],
    ["lwl04", "36 01 00 01 ff 0b f4", 5, { volts: 3.06 }, undefined]
  ])("of a %s count as far as they go: %s on port %d", (model, hex, port, expected, fault) => {
    const { decoded, fault: told } = read(hex, model, port)
    expect(decoded).toEqual({ ...expected, model })
    expect(told).toBe(fault)
  })

  it.each([
    ["ws301", "03 00 01 05 00 01", { contact: "open" }, "the bytes 050001 are of no channel that a ws301 has"],
    ["ws301", "03 00", {}, "the bytes 0300 are of no channel that a ws301 has"],
    ["ws301", "03", {}, "the bytes 03 are of no channel that a ws301 has"],
    ["ws301", "06 00 01", {}, "the bytes 060001 are of no channel that a ws301 has"],
    ["gs601", "0f 01 80 01", { tamper: "true" }, "the bytes 8001 are of no command that a gs601 has"],
    ["gs601", "0f 01 05 01", { tamper: "true" }, "the bytes 0501 are of no command that a gs601 has"],
    ["pb01", "0c ea 03", {}, "a PB01 sends 8 bytes; 3 came"],
    ["lds02", "8b b8 01 00", {}, "an LDS02 sends 10 bytes; 4 came"],
    ["lds02", "8b b8 09 00 00 2a 00 00 03 01", { volts: 3 }, "mode 9 is none of an LDS02's"]
  ])("of a %s that cannot be read to the end count as far as they go: %s", (model, hex, expected, fault) => {
    expect(read(hex, model, model === "lds02" ? 10 : undefined)).toEqual({ decoded: { ...expected, model }, fault })
  })

  it("are refused where no frame carries so many", () => {
    expect(read("00".repeat(243), "lds03a", 3)).toEqual({
      decoded: {},
      fault: "it has 243 bytes; a LoRaWAN frame carries at most 242"
    })
  })

  it("keep a state byte that does not exist, so that it is told and not guessed", () => {
    expect(read("03 00 07", "ws301").decoded).toMatchObject({ contact: "byte 7" })
  })

  it.each([
    [["WS301-12"], "ws301"],
    [["our doors", "Dragino LDS02 v1"], "lds02"],
    [["SOS: ws101-sos 4", "WS101-SOS"], "ws101-sos"],
    [["em300-mcs-868m"], "em300-mcs"],
    [["WS101_SOS", "ws101 sos 4", "WS101SOS"], "ws101-sos"],
    [["EM300_MCS"], "em300-mcs"],
    [["Dragino LDS01"], "lds01"],
    [["DS03A-LB gate"], "ds03a"],
    [["lsn50v2-s31"], "lsn50-v2"],
    [["lsn50v2-d20-d22-d23"], "lsn50-v2-d20"],
    [["LHT65N-VIB pump"], "lht65n-vib"],
    [["LHT65N-PIR hall"], "lht65n"],
    [["WL03A-LB cellar"], "wl03a"],
    [["WS101", "ws101-sos-3"], "ws101-sos"],
    [["WS101-868M-SOS"], "ws101-sos"],
    [["Milesight WS101", "SOS 4"], "ws101-sos"],
    [["Milesight WS101", "Sosna"], "ws101"],
    [["EM300-868M-MCS"], "em300-mcs"]
  ])("are read by the model that %j names", (names, model) => {
    expect(decodeLorawan("", undefined, "", names).decoded).toEqual({ model })
  })

  it.each([
    [["North gate"], ""],
    [["WS3011"], ""],
    [["WS301", "LDS02"], ""],
    [["WS301"], "ws999"]
  ])("are not read where the names %j and the setting %j leave the model open", (names, configured) => {
    const { decoded, fault } = decodeLorawan("AwAB", undefined, configured, names)
    expect(decoded).toEqual({})
    expect(fault).toContain("set parameters.model of the device to one of ws301")
  })
})

describe("an event of ChirpStack in protobuf", () => {
  it("says what its JSON would", () => {
    const info = `3a 04 ${Buffer.from("Gate").toString("hex")} 42 10 ${Buffer.from("24e124aa00000001").toString("hex")}`
    const length = Buffer.from(bytes(info)).length.toString(16).padStart(2, "0")
    const event = decodeChirpstack(
      bytes(`0a 02 61 62 12 0b 08 bf ad a3 cb 06 10 80 e1 eb 17 1a ${length} ${info} 38 0c 40 55 52 03 03 00 01`),
      "up"
    )
    expect(event).toEqual({
      deduplicationId: "ab",
      time: "2026-01-15T11:59:59.050Z",
      deviceInfo: { deviceName: "Gate", devEui: "24e124aa00000001" },
      fCnt: 12,
      fPort: 85,
      data: "AwAB"
    })
  })

  it.each([
    ["whose bytes only the application can decrypt says so", "7a 04 0a 02 37 66", { joinServerContext: {} }],
    ["with a text of a later version is read as before", "7a 05 65 75 38 36 38", {}]
  ])("of an uplink %s", (_, hex, said) => {
    const event = decodeChirpstack(bytes(`0a 02 61 62 40 55 52 03 03 00 01 ${hex}`), "up")
    expect(event).toEqual({ deduplicationId: "ab", fPort: 85, data: "AwAB", ...said })
  })

  it("of a status tells a battery as a number", () => {
    expect(decodeChirpstack(bytes("0a 01 61 28 09 45 00 00 76 42"), "status")).toEqual({
      deduplicationId: "a",
      batteryLevel: 61.5
    })
  })
})

describe("ONVIF's JSON", () => {
  const flat = { UtcTime: "t", Source: { Token: "1" }, Data: { State: "true", Id: 7 } }

  it.each([
    ["flat", flat],
    [
      "lists of items",
      {
        UtcTime: "t",
        Source: { SimpleItem: [{ Name: "Token", Value: "1" }] },
        Data: {
          SimpleItem: [
            { Name: "State", Value: "true" },
            { Name: "Id", Value: 7 }
          ]
        }
      }
    ],
    ["one item alone", { UtcTime: "t", Source: { SimpleItem: { Name: "Token", Value: "1" } }, Data: flat.Data }],
    [
      "lists without a name",
      {
        UtcTime: "t",
        Source: [{ Name: "Token", Value: "1" }],
        Data: [
          { "@Name": "State", "@Value": "true" },
          { "@Name": "Id", "@Value": 7 }
        ]
      }
    ]
  ])("is the same written as %s", (_, message) => {
    expect(flattenOnvif(message)).toEqual(flat)
  })

  it.each([
    [
      { Object: { Object: { "@ObjectId": 7, Type: { "@Likelihood": 1, "#text": "Car" } } } },
      { Object: { ObjectId: 7, Type: "Car" } }
    ],
    [{ Object: [{ Type: [{ "#text": "Bus" }, { "#text": "Car" }] }, {}] }, { Object: { Type: "Bus" } }],
    [
      { ClassTypes: ["Human", "Face"], Empty: {}, None: [] },
      { ClassTypes: ["Human", "Face"], Empty: {}, None: [] }
    ],
    [{ Object: { Object: "7", Id: 1 } }, { Object: { Object: "7", Id: 1 } }]
  ])("has its elements plain: %j", (data, expected) => {
    expect(flattenOnvif({ Data: data })).toEqual({ Data: expected })
  })

  it.each([null, 1, "x", [], { Data: null }, { Data: { SimpleItem: [null, 3, {}] } }])("survives %j", (message) => {
    expect(() => flattenOnvif(message)).not.toThrow()
  })
})

describe("a Sparkplug payload", () => {
  const field = (number: number, value: ReadonlyArray<number>) => {
    const length = value.length < 128 ? [value.length] : [(value.length & 127) | 128, value.length >> 7]
    const tag = (number << 3) | 2
    return [...(tag < 128 ? [tag] : [(tag & 127) | 128, tag >> 7]), ...length, ...value]
  }

  it("keeps the sign of what is signed and every digit of what is long", () => {
    const small = "12 0b 0a 01 61 20 01 50 ff ff ff ff 0f"
    const large = "12 0f 0a 01 62 20 08 58 ff ff ff ff ff ff ff ff 7f"
    const { metrics } = decodeSparkplug(bytes(`${small} ${large}`))
    expect(metrics.map(({ value }) => value)).toEqual([-1, 9_223_372_036_854_775_807n])
  })

  it("follows templates in templates, but not without end", () => {
    const nested = (depth: number): ReadonlyArray<number> =>
      depth === 0 ? [0x70, 1] : field(18, field(2, nested(depth - 1)))
    const decode = (depth: number) => decodeSparkplug(Uint8Array.from(field(2, nested(depth))))
    expect(decode(2).metrics).toMatchObject([{ members: [{ members: [{ value: true }] }] }])
    expect(() => decode(40)).toThrow("deeper")
  })

  it("is unpacked where it is compressed, and not beyond its bounds", () => {
    const inEnvelope = (body: Uint8Array) =>
      Uint8Array.from([...field(4, [...Buffer.from("SPBV1.0_COMPRESSED")]), ...field(5, [...body])])
    const inner = rebirthRequest(1_768_478_399_123)
    expect(decodeSparkplug(inEnvelope(deflateSync(inner)))).toEqual(decodeSparkplug(inner))
    expect(decodeSparkplug(inEnvelope(gzipSync(inner)))).toEqual(decodeSparkplug(inner))
    for (const body of [new Uint8Array(), inner, gzipSync(new Uint8Array(2 ** 21))])
      expect(() => decodeSparkplug(inEnvelope(body))).toThrow("cannot be unpacked")
  })

  it("asks for a rebirth in its own words", () => {
    const { metrics, timestamp } = decodeSparkplug(rebirthRequest(1_768_478_399_123))
    expect(timestamp).toBe(1_768_478_399_123)
    expect(metrics).toMatchObject([{ name: "Node Control/Rebirth", value: true, datatype: 11 }])
  })
})

describe("what is known of Sparkplug's nodes", () => {
  const topic = (type: string, path = "Node/Device"): SparkplugTopic => ({
    namespace: "spBv1.0",
    group: "G",
    type,
    path
  })
  const metric = (rest: object) => ({ historical: false, bad: false, ...rest })
  const birth = { seq: 1, metrics: [metric({ name: "Door", alias: 5n, datatype: 11, value: false })] }
  const data = (seq: number) => ({ seq, metrics: [metric({ alias: 5n, value: true })] })

  it("gives an alias its name, until the device or its node dies", () => {
    const nodes = new SparkplugNodes()
    nodes.resolve(topic("DBIRTH"), birth, 0)
    expect(nodes.resolve(topic("DDATA"), data(2), 0).value.metrics).toMatchObject([
      { name: "Door", type: "Boolean", value: true }
    ])
    nodes.resolve(topic("NDEATH", "Node"), { metrics: [] }, 0)
    expect(nodes.resolve(topic("DDATA"), data(3), 0).faults).toEqual([
      "its metric 5 is not known: the node needs a rebirth"
    ])
  })

  it("asks for a rebirth when something is missing, and not more than once a minute", () => {
    const nodes = new SparkplugNodes()
    nodes.resolve(topic("DBIRTH"), birth, 0)
    const missing = nodes.resolve(topic("DDATA"), data(4), 1000)
    expect(missing.value.missed).toBe(2)
    expect(missing.asks.map(({ topic: to }) => to)).toEqual(["spBv1.0/G/NCMD/Node"])
    expect(nodes.resolve(topic("DDATA"), data(9), 30_000)).toMatchObject({ value: { missed: 4 }, asks: [] })
    expect(nodes.resolve(topic("DDATA"), data(11), 61_001).asks).toHaveLength(1)
  })

  it("counts over the turn of the sequence, and takes the same number for a copy", () => {
    const nodes = new SparkplugNodes()
    nodes.resolve(topic("DBIRTH"), { ...birth, seq: 254 }, 0)
    const missed = [255, 0, 0, 1, 3].map((seq) => nodes.resolve(topic("DDATA"), data(seq), 0).value.missed)
    expect(missed).toEqual([0, 0, 0, 0, 1])
  })

  it("begins its sequence anew with the node's birth", () => {
    const nodes = new SparkplugNodes()
    nodes.resolve(topic("DBIRTH"), { ...birth, seq: 77 }, 0)
    expect(nodes.resolve(topic("NBIRTH", "Node"), { seq: 0, metrics: [] }, 0).value.missed).toBe(0)
    expect(nodes.resolve(topic("DBIRTH"), birth, 0).value.missed).toBe(0)
  })

  it("takes the will of a session that is over for none", () => {
    const nodes = new SparkplugNodes()
    const session = (bdSeq: number) => [metric({ name: "bdSeq", value: bdSeq })]
    nodes.resolve(topic("NBIRTH", "Node"), { seq: 0, metrics: session(8) }, 0)
    expect(nodes.resolve(topic("NDEATH", "Node"), { metrics: session(7) }, 0).value.stale).toBe(true)
    expect(nodes.resolve(topic("NDEATH", "Node"), { metrics: session(8) }, 0).value.stale).toBe(false)
  })

  it("knows a will's session by the alias its birth gave, and takes nothing else from it", () => {
    const nodes = new SparkplugNodes()
    nodes.resolve(topic("NBIRTH", "Node"), { seq: 0, metrics: [metric({ name: "bdSeq", alias: 1n, value: 8 })] }, 0)
    const will = (bdSeq: number) => ({ timestamp: 5, seq: 0, metrics: [metric({ alias: 1n, value: bdSeq })] })
    const of = (bdSeq: number) => nodes.resolve(topic("NDEATH", "Node"), will(bdSeq), 0)
    expect(of(7)).toMatchObject({ value: { stale: true }, faults: [], asks: [] })
    expect(of(8)).toEqual({
      value: { timestamp: undefined, metrics: [], missed: 0, stale: false },
      faults: [],
      asks: []
    })
  })

  it("knows the metrics of a template under its name, by their own aliases too, and what they inherit", () => {
    const nodes = new SparkplugNodes()
    const members = [metric({ name: "Open", alias: 6n, datatype: 11, value: false })]
    nodes.resolve(topic("DBIRTH"), { seq: 1, metrics: [metric({ name: "Door", alias: 5n, members })] }, 0)
    const whole = {
      alias: 5n,
      timestamp: 7,
      members: [metric({ name: "Open", value: 1 })],
      historical: true,
      bad: false
    }
    expect(nodes.resolve(topic("DDATA"), { seq: 2, metrics: [whole] }, 0).value.metrics).toEqual([
      { name: "Door/Open", type: "Boolean", value: true, bad: false, historical: true, timestamp: 7 }
    ])
    expect(
      nodes.resolve(topic("DDATA"), { seq: 3, metrics: [metric({ alias: 6n, value: true })] }, 0).value.metrics
    ).toMatchObject([{ name: "Door/Open", value: true }])
  })

  it("forgets the oldest of too many nodes, and then needs its birth again", () => {
    const nodes = new SparkplugNodes()
    nodes.resolve(topic("DBIRTH"), birth, 0)
    for (let nth = 0; nth < 600; nth++) nodes.resolve(topic("DBIRTH", `N${nth}/D`), birth, 0)
    expect(nodes.resolve(topic("DDATA"), data(2), 0).faults).toHaveLength(1)
  })
})
