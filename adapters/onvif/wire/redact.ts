import { escapeXml } from "./xml-write.ts"

/** A shorter password is too likely to be part of an ordinary word: replacing it would show where it stands. */
const redactedFromChars = 4

const mask = "[redacted]"

/** What a device sends back of our WS-Security header (Reolink does), whatever prefix it writes. */
const echoed = /(<((?:[\w.-]+:)?(?:Password|Nonce))\b[^<>]*>)[^<]*(?=<\/\2)/g

const pattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")

/** The ways a password can stand in XML: bare, escaped, or in an address (`rtsp://admin:…@`, `?password=…`). */
const passwordPattern = (password: string | undefined): RegExp | undefined => {
  if (password === undefined || password.length < redactedFromChars) return undefined
  const forms = new Set([password, escapeXml(password), encodeURIComponent(password)])
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${[...forms].map(pattern).join("|")})(?![\\p{L}\\p{N}])`, "gu")
}

/** Removes our credentials from a text: the password, what a request carried (`sent`), and echoes of either. */
export type Redact = (text: string, sent: ReadonlyArray<string>) => string

/** For one device. Devices write the password into snapshot and stream addresses, so it is looked for everywhere. */
export const makeRedact = (password: string | undefined): Redact => {
  const secret = passwordPattern(password)
  return (text, sent) => {
    let redacted = text.replace(echoed, `$1${mask}`)
    for (const value of sent) redacted = redacted.replaceAll(value, mask)
    return secret === undefined ? redacted : redacted.replace(secret, mask)
  }
}
