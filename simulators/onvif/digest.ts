import { createHash, randomBytes } from "node:crypto"
import type { User } from "./options.ts"

export type DigestAlgorithm = "MD5" | "SHA-256"

/** What a digest check came to. `nextNonce` goes out with the answer. */
export type DigestVerdict =
  | { readonly _tag: "Accepted"; readonly nextNonce: string | undefined }
  /** The proof was right for a nonce that is too old: the client tries again without asking a person. */
  | { readonly _tag: "Stale" }
  | { readonly _tag: "Refused"; readonly why: string }

export interface DigestRules {
  readonly algorithms: ReadonlyArray<DigestAlgorithm>
  readonly nonceLifeMs: number
  readonly nextNonce: boolean
}

/** Nonces a device remembers; the oldest are forgotten, which makes them stale. */
const noncesMax = 256

export const realm = "ONVIF Device"

const hash = (algorithm: DigestAlgorithm, text: string): string =>
  createHash(algorithm === "MD5" ? "md5" : "sha256")
    .update(text, "utf8")
    .digest("hex")

/** A header's bytes as text: UTF-8, as the challenge asks for, or else the Latin-1 that HTTP grew up with. */
const decoded = (header: string): string => {
  const bytes = Buffer.from(header, "latin1")
  const text = bytes.toString("utf8")
  return Buffer.from(text, "utf8").equals(bytes) ? text : header
}

/** RFC 8187: `UTF-8''g%C3%A4rtner`. */
const extended = (value: string | undefined): string | undefined => {
  const encoded = /^utf-8'[^']*'(.*)$/i.exec(value ?? "")?.[1]
  return encoded === undefined ? undefined : decodeURIComponent(encoded)
}

const parameter = /([a-zA-Z*]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g

/** The parameters of an `Authorization: Digest …` header, or nothing when it is none. */
const parametersOf = (header: string): ReadonlyMap<string, string> | undefined => {
  const scheme = /^\s*digest\s+/i.exec(header)
  if (scheme === null) return undefined
  return new Map(
    [...header.slice(scheme[0].length).matchAll(parameter)].map(([, name, quoted, plain]) => [
      (name ?? "").toLowerCase(),
      quoted?.replace(/\\(.)/g, "$1") ?? plain ?? ""
    ])
  )
}

interface Issued {
  readonly at: number
  /** The highest nonce count seen: one must be higher than the one before (RFC 7616, 3.4). */
  count: number
}

/** HTTP Digest Access Authentication, RFC 7616, `qop=auth`, with the device's memory of its nonces. */
export class Digest {
  readonly #issued = new Map<string, Issued>()

  issue(): string {
    const nonce = randomBytes(18).toString("base64url")
    this.#issued.set(nonce, { at: performance.now(), count: 0 })
    const oldest = this.#issued.keys().next()
    if (this.#issued.size > noncesMax && oldest.done !== true) this.#issued.delete(oldest.value)
    return nonce
  }

  /** No nonce is known any more. */
  forget(): void {
    this.#issued.clear()
  }

  /** `WWW-Authenticate` headers, the strongest algorithm first (RFC 7616, 3.7). */
  challenges(rules: DigestRules, stale: boolean): ReadonlyArray<string> {
    const nonce = this.issue()
    return rules.algorithms
      .toSorted((a, b) => b.localeCompare(a))
      .map(
        (algorithm) =>
          `Digest realm="${realm}", qop="auth", algorithm=${algorithm}, charset=UTF-8, nonce="${nonce}"${stale ? ", stale=true" : ""}`
      )
  }

  check(
    request: { readonly header: string; readonly method: string; readonly target: string },
    users: ReadonlyArray<User>,
    rules: DigestRules
  ): DigestVerdict {
    const given = parametersOf(decoded(request.header))
    if (given === undefined) return { _tag: "Refused", why: "no digest" }
    const get = (name: string): string => given.get(name) ?? ""
    const algorithm = rules.algorithms.find(
      (known) => known.toLowerCase() === (get("algorithm") || "MD5").toLowerCase()
    )
    if (algorithm === undefined) return { _tag: "Refused", why: "this algorithm was not offered" }
    const username = extended(given.get("username*")) ?? get("username")
    const user = users.find(({ name }) => name === username)
    if (user === undefined || get("realm") !== realm) return { _tag: "Refused", why: "unknown user" }
    if (get("uri") !== request.target) return { _tag: "Refused", why: "made for another address" }
    if (get("qop") !== "auth" || !/^[0-9a-f]{8}$/i.test(get("nc")) || get("cnonce") === "")
      return { _tag: "Refused", why: "qop, nc and cnonce are needed" }
    const secret = hash(algorithm, `${user.name}:${realm}:${user.password}`)
    const asked = hash(algorithm, `${request.method}:${request.target}`)
    const proof = hash(algorithm, [secret, get("nonce"), get("nc"), get("cnonce"), "auth", asked].join(":"))
    if (proof !== get("response").toLowerCase()) return { _tag: "Refused", why: "wrong password" }
    return this.#use(get("nonce"), Number.parseInt(get("nc"), 16), rules)
  }

  #use(nonce: string, count: number, rules: DigestRules): DigestVerdict {
    const issued = this.#issued.get(nonce)
    if (issued === undefined || performance.now() - issued.at > rules.nonceLifeMs) {
      this.#issued.delete(nonce)
      return { _tag: "Stale" }
    }
    if (count <= issued.count) return { _tag: "Refused", why: "this nonce count was used before" }
    issued.count = count
    if (!rules.nextNonce) return { _tag: "Accepted", nextNonce: undefined }
    this.#issued.delete(nonce)
    return { _tag: "Accepted", nextNonce: this.issue() }
  }
}
