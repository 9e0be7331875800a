import type { Decoded } from "./decode-lorawan.ts"

/** The port of the sensor's readings; its others carry settings, and counts of the event-driven mode. */
const readingsPort = 10

/**
 * Dragino LDS02, 10 bytes on port 10 (github.com/dragino/dragino-end-node-decoder, LDS02): bit 15 open, bit 14 leak,
 * 14 bits battery in mV; mode 1 door, 2 water, 3 both; in mode 1 how often it was opened; bit 0 of the last byte: open
 * for longer than was set. Volts, not percent: two AAA cells.
 */
export const decodeLds02 = (bytes: Uint8Array, port: number | undefined): Decoded => {
  if (port !== undefined && port !== readingsPort) return { value: {} }
  if (bytes.length !== 10) return { value: {}, fault: `an LDS02 sends 10 bytes; ${bytes.length} came` }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const head = view.getUint16(0)
  const mode = view.getUint8(2)
  const volts = (head & 0x3fff) / 1000
  if (mode < 1 || mode > 3) return { value: { volts }, fault: `mode ${mode} is none of an LDS02's` }
  return {
    value: {
      volts,
      ...(mode === 2 ? {} : { contact: (head & 0x8000) === 0 ? "closed" : "open" }),
      ...(mode === 2 ? {} : { held: (view.getUint8(9) & 1) === 1 }),
      ...(mode === 1 ? {} : { leak: (head & 0x4000) !== 0 }),
      ...(mode === 1 ? { openings: (view.getUint8(3) << 16) | view.getUint16(4) } : {})
    }
  }
}
