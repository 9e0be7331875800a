import { createPrivateKey, createECDH, type KeyObject, sign } from "node:crypto"
import { join } from "node:path"
import { Schema } from "effect"
import { readPrivately, writePrivately } from "../../api/private-file.ts"

/** The pair by which push services know this gateway (RFC 8292). */
export interface VapidKeys {
  /** As browsers want it (applicationServerKey) and as requests name it: 65 bytes, base64url. */
  readonly publicKey: string
  readonly signing: KeyObject
}

const KeptKeys = Schema.Struct({
  publicKey: Schema.String.pipe(Schema.check(Schema.isPattern(/^[\w-]{87}$/))),
  privateKey: Schema.String.pipe(Schema.check(Schema.isPattern(/^[\w-]{43}$/)))
})

const decodeKept = Schema.decodeUnknownSync(Schema.fromJsonString(KeptKeys))

/** The file of the keys is there and cannot be used. Without the keys that were, every subscription is lost. */
export class VapidUnusable extends Error {
  override readonly name = "VapidUnusable"
}

const signingKeyOf = ({ publicKey, privateKey }: typeof KeptKeys.Type): KeyObject => {
  const point = Buffer.from(publicKey, "base64url")
  const [x, y] = [point.subarray(1, 33).toString("base64url"), point.subarray(33).toString("base64url")]
  return createPrivateKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x, y, d: privateKey } })
}

const made = (): typeof KeptKeys.Type => {
  const pair = createECDH("prime256v1")
  const publicKey = pair.generateKeys("base64url")
  // A private key that begins with zeroes is told shorter than it is.
  const privateKey = Buffer.concat([Buffer.alloc(32), pair.getPrivateKey()])
    .subarray(-32)
    .toString("base64url")
  return { publicKey, privateKey }
}

/**
 * The keys of a data directory: `<dataDir>/vapid.json`, mode 0600, made where there are none. They are never made anew
 * over a file that cannot be read, for each browser's subscription is bound to them. Throws `VapidUnusable`.
 */
export const openVapid = (dataDir: string): VapidKeys => {
  const file = join(dataDir, "vapid.json")
  try {
    const text = readPrivately(file)
    const kept = text === undefined ? made() : decodeKept(text)
    if (text === undefined) writePrivately(dataDir, file, `${JSON.stringify(kept, null, 2)}\n`)
    return { publicKey: kept.publicKey, signing: signingKeyOf(kept) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new VapidUnusable(`${file} does not hold the keys of web push: ${why}`)
  }
}

/** RFC 8292, section 2: 24 hours at most. Half of that leaves room for a clock that is off. */
const validSeconds = 12 * 3600

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url")

/**
 * The Authorization of a request to the push service of `endpoint` (RFC 8292, section 3). `subject`: whom the push service
 * may write to, a mailto: or https: address. `now`: epoch milliseconds.
 */
export const vapidAuthorization = (keys: VapidKeys, endpoint: string, subject: string, now: number): string => {
  const claims = { aud: new URL(endpoint).origin, exp: Math.floor(now / 1000) + validSeconds, sub: subject }
  const signed = `${part({ typ: "JWT", alg: "ES256" })}.${part(claims)}`
  const signature = sign("sha256", Buffer.from(signed), { key: keys.signing, dsaEncoding: "ieee-p1363" })
  return `vapid t=${signed}.${signature.toString("base64url")}, k=${keys.publicKey}`
}

/**
 * Why a subject cannot be used; `undefined`: it can. Apple answers 403 (BadJwtToken) to an address at localhost or of no
 * real domain, and says nothing of why.
 */
export const wrongSubject = (subject: string): string | undefined => {
  const host = /^mailto:[^@\s]+@([^@\s]+)$/.exec(subject)?.[1] ?? httpsHostOf(subject)
  if (host === undefined) return 'must be an address such as "mailto:security@campus.edu" or "https://campus.edu"'
  const isReal = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/i.test(host)
  if (!isReal || /(?:^|\.)(?:localhost|localdomain|local|internal|lan|invalid|test|example)$/i.test(host))
    return `names no real domain ("${host}"): push services refuse it, Apple's without a word`
  return undefined
}

const httpsHostOf = (subject: string): string | undefined =>
  URL.canParse(subject) && new URL(subject).protocol === "https:" ? new URL(subject).hostname : undefined
