import { createHmac, timingSafeEqual } from "node:crypto"

/** The header that carries the signature: `sha256=<hex>`. */
export const signatureHeader = "x-gatehouse-signature"
/** The header that says when it was signed: seconds since 1970, UTC. */
export const timestampHeader = "x-gatehouse-timestamp"

const signatureOf = (secret: string, seconds: string, body: string | Buffer): string =>
  createHmac("sha256", secret).update(`${seconds}.`).update(body).digest("hex")

/** The headers of a signed body: HMAC-SHA-256 with the shared secret over `<seconds>.<body>`. `at`: epoch milliseconds. */
export const signedHeaders = (secret: string, body: string | Buffer, at: number): Readonly<Record<string, string>> => {
  const seconds = String(Math.floor(at / 1000))
  return { [timestampHeader]: seconds, [signatureHeader]: `sha256=${signatureOf(secret, seconds, body)}` }
}

/** A signature older or younger than this is refused: who recorded a request cannot send it again later. */
export const signatureToleranceMs = 300_000

/** Why a signed body is not believed; `undefined`: it is. `now`: epoch milliseconds. */
export const wrongSignature = (
  secret: string,
  body: Buffer,
  { timestamp, signature }: { readonly timestamp: string | undefined; readonly signature: string | undefined },
  now: number
): string | undefined => {
  if (timestamp === undefined || signature === undefined) return "it is not signed"
  if (!/^\d{1,12}$/.test(timestamp)) return "its timestamp is no number of seconds"
  const theirs = Buffer.from(signature.replace(/^sha256=/, ""), "hex")
  const ours = Buffer.from(signatureOf(secret, timestamp, body), "hex")
  if (theirs.length !== ours.length || !timingSafeEqual(theirs, ours)) return "its signature is wrong"
  const offMs = Number(timestamp) * 1000 - now
  return Math.abs(offMs) > signatureToleranceMs
    ? `its timestamp is ${Math.round(Math.abs(offMs) / 1000)} s ${offMs < 0 ? "old" : "ahead"}`
    : undefined
}
