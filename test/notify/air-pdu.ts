/** Two digits a byte, the first in the low half; an odd last one is filled with F. */
const semiOctets = (digits: string): string =>
  (digits.length % 2 === 0 ? digits : `${digits}F`).replaceAll(/(.)(.)/g, "$2$1")

const byte = (value: number): string => value.toString(16).padStart(2, "0").toUpperCase()

const address = (digits: string): string => `${byte(digits.length)}91${semiOctets(digits)}`

/** 27 November 2026, noon, UTC. */
const noon = semiOctets("26112712000000")

/** ASCII as GSM 7-bit signs; only those that both have in the same place. */
const packed = (text: string): string => {
  const bytes = new Uint8Array(Math.ceil((text.length * 7) / 8) + 1)
  for (let nth = 0; nth < text.length; nth++) {
    const bit = nth * 7
    const two = text.charCodeAt(nth) << (bit & 7)
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (two & 0xff)
    bytes[(bit >> 3) + 1] = (bytes[(bit >> 3) + 1] ?? 0) | (two >> 8)
  }
  return Buffer.from(bytes.subarray(0, -1)).toString("hex").toUpperCase()
}

/** A text that comes in, with an empty service centre (3GPP TS 23.040, SMS-DELIVER, section 9.2.2.1). */
export const airDeliver = (from: string, text: string): string =>
  `0004${address(from)}0000${noon}${byte(text.length)}${packed(text)}`

/** What became of a text that was sent (3GPP TS 23.040, SMS-STATUS-REPORT, section 9.2.2.3). */
export const airReport = (to: string, reference: number, status: number): string =>
  `0006${byte(reference)}${address(to)}${noon}${noon}${byte(status)}`
