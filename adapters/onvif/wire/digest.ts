import { createHash } from "node:crypto"

/** Hashes of RFC 7616 that are used, the stronger first; others (SHA-512-256, vendors' own) are passed over. */
const hashes = ["SHA-256", "MD5"] as const

type Hash = (typeof hashes)[number]

const nodeHash: Readonly<Record<Hash, string>> = { "SHA-256": "sha256", MD5: "md5" }

/** One challenge of a WWW-Authenticate header (RFC 9110, section 11.3), its scheme in lower case. */
export interface Challenge {
  readonly scheme: string
  readonly parameters: ReadonlyMap<string, string>
}

/** A digest challenge that can be answered. */
export interface DigestChallenge {
  readonly realm: string
  readonly nonce: string
  readonly opaque: string | undefined
  readonly hash: Hash
  /** As the device wrote it, to be sent back; undefined where it wrote none. */
  readonly algorithm: string | undefined
  readonly session: boolean
  readonly qop: "auth" | "auth-int" | undefined
  /** The nonce was too old; who we are was not looked at. */
  readonly stale: boolean
}

/** How a device may be told who we are, by HTTP. */
export type Offer = { readonly digest: DigestChallenge } | { readonly basic: true }

export interface Credentials {
  readonly username: string
  readonly password: string
}

const token = /[A-Za-z0-9!#$%&'*+.^_`|~-]+/y
const parameterStart = /\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*=\s*/y
const quoted = /"((?:[^"\\]|\\.)*)"/y
const bare = /[^\s,"]*/y
const token68 = /\s+[A-Za-z0-9._~+/-]+=*\s*(?=,|$)/y
const separators = /[\s,]*/y

/** What the pattern matches at that place, and where it ends. */
const take = (pattern: RegExp, text: string, at: number): RegExpExecArray | undefined => {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}

/** A header longer than this is not read: no challenge needs it. */
const headerMaxChars = 8192

/** The challenges of one or of several WWW-Authenticate headers; what cannot be read ends the header it stands in. */
export const parseChallenges = (headers: ReadonlyArray<string>): ReadonlyArray<Challenge> =>
  headers.flatMap((header) => challengesIn(header.slice(0, headerMaxChars)))

const challengesIn = (header: string): ReadonlyArray<Challenge> => {
  const challenges: Array<Challenge> = []
  let at = take(separators, header, 0)?.[0].length ?? 0
  while (at < header.length) {
    const scheme = take(token, header, at)
    if (scheme === undefined) break
    at += scheme[0].length
    const parameters = new Map<string, string>()
    // A lone token68 ("Negotiate YII…=") is skipped; parameters follow else.
    const lone = take(parameterStart, header, at) === undefined ? take(token68, header, at) : undefined
    at += lone?.[0].length ?? 0
    at = readParameters(header, at, parameters)
    challenges.push({ scheme: scheme[0].toLowerCase(), parameters })
    at += take(separators, header, at)?.[0].length ?? 0
  }
  return challenges
}

/** The parameters of a header that has no scheme, such as Authentication-Info (RFC 7615). */
export const parseParameters = (header: string): ReadonlyMap<string, string> => {
  const parameters = new Map<string, string>()
  readParameters(header.slice(0, headerMaxChars), 0, parameters)
  return parameters
}

/** Reads `name=value` pairs into the map; answers where they end. The first of a name counts. */
const readParameters = (header: string, from: number, parameters: Map<string, string>): number => {
  let at = from
  for (;;) {
    const start = at + (take(separators, header, at)?.[0].length ?? 0)
    const name = take(parameterStart, header, start)
    if (name === undefined) return start
    at = start + name[0].length
    const value = take(quoted, header, at) ?? take(bare, header, at)
    at += value?.[0].length ?? 0
    const text = value?.[1]?.replace(/\\(.)/g, "$1") ?? value?.[0] ?? ""
    const key = (name[1] ?? "").toLowerCase()
    if (!parameters.has(key)) parameters.set(key, text)
  }
}

const qopOf = (offered: string | undefined): DigestChallenge["qop"] | "unknown" => {
  if (offered === undefined || offered.trim() === "") return undefined
  const listed = new Set(offered.toLowerCase().split(/[\s,]+/))
  return listed.has("auth") ? "auth" : listed.has("auth-int") ? "auth-int" : "unknown"
}

const answerable = ({ scheme, parameters }: Challenge): DigestChallenge | undefined => {
  const nonce = parameters.get("nonce")
  if (scheme !== "digest" || nonce === undefined) return undefined
  const algorithm = parameters.get("algorithm")?.trim()
  const named = (algorithm === undefined || algorithm === "" ? "MD5" : algorithm).toUpperCase()
  const session = named.endsWith("-SESS")
  const hash = hashes.find((known) => known === (session ? named.slice(0, -5) : named))
  const qop = qopOf(parameters.get("qop"))
  if (hash === undefined || qop === "unknown") return undefined
  return {
    realm: parameters.get("realm") ?? "",
    nonce,
    opaque: parameters.get("opaque"),
    hash,
    algorithm: algorithm === "" ? undefined : algorithm,
    session,
    qop,
    stale: parameters.get("stale")?.toLowerCase() === "true"
  }
}

const rank = ({ hash }: DigestChallenge): number => hashes.indexOf(hash)

/**
 * The best way to answer: digest by the strongest hash, the first of equals; Basic only where nothing better is offered
 * and `encrypted` (it shows the password); undefined where nothing can be answered.
 */
export const chooseOffer = (challenges: ReadonlyArray<Challenge>, encrypted: boolean): Offer | undefined => {
  const digests = challenges.map(answerable).filter((challenge) => challenge !== undefined)
  const [digest] = digests.toSorted((a, b) => rank(a) - rank(b))
  if (digest !== undefined) return { digest }
  return encrypted && challenges.some(({ scheme }) => scheme === "basic") ? { basic: true } : undefined
}

/**
 * Headers are Latin-1 to Node: one character a byte. What the device wrote stays so; what we add is UTF-8 (RFC 7616,
 * section 4), put there byte by byte. Hashes are of the bytes.
 */
const inBytes = (text: string): string => Buffer.from(text, "utf8").toString("latin1")

const quote = (bytes: string): string => `"${bytes.replace(/[\\"]/g, "\\$&")}"`

/** RFC 7617. */
export const basicAuthorization = ({ username, password }: Credentials): string =>
  `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`

export interface Asked {
  readonly method: string
  /** Path and query, as they stand in the request line. */
  readonly uri: string
  /** For `auth-int`, which hashes it. */
  readonly body: string
  /** How many requests this nonce has been used for, this one counted. */
  readonly count: number
  readonly cnonce: string
}

/** The Authorization header that answers a challenge (RFC 7616, section 3.4; without qop RFC 2069's form). */
export const digestAuthorization = (
  challenge: DigestChallenge,
  credentials: Credentials,
  { method, uri, body, count, cnonce }: Asked
): string => {
  const { realm, nonce, opaque, qop, algorithm, session } = challenge
  const username = inBytes(credentials.username)
  const hash = (bytes: string): string => createHash(nodeHash[challenge.hash]).update(bytes, "latin1").digest("hex")
  const secret = hash(`${username}:${realm}:${inBytes(credentials.password)}`)
  const a1 = session ? hash(`${secret}:${nonce}:${cnonce}`) : secret
  const a2 = hash(qop === "auth-int" ? `${method}:${uri}:${hash(inBytes(body))}` : `${method}:${uri}`)
  const nc = count.toString(16).padStart(8, "0")
  const response = hash(qop === undefined ? `${a1}:${nonce}:${a2}` : `${a1}:${nonce}:${nc}:${cnonce}:${qop}:${a2}`)
  const parts = [
    `username=${quote(username)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(qop === undefined ? [] : [`qop=${qop}`, `nc=${nc}`]),
    ...(qop === undefined && !session ? [] : [`cnonce=${quote(cnonce)}`]),
    `response="${response}"`,
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`])
  ]
  return `Digest ${parts.join(", ")}`
}
