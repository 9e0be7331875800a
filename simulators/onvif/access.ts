import type { IncomingMessage } from "node:http"
import type { DeviceContext } from "./device-context.ts"
import { Digest, type DigestAlgorithm, type DigestRules } from "./digest.ts"
import type { Faults } from "./faults.ts"
import type { Authentication, User } from "./options.ts"
import { UsernameTokens, usernameTokenOf } from "./username-token.ts"
import type { XmlNode } from "./xml-node.ts"

/** Who may come in, and how they are told that they may not. */
export type Verdict =
  | { readonly _tag: "Admitted"; readonly headers: Readonly<Record<string, string>> }
  /** 401 with digest challenges. */
  | { readonly _tag: "Challenged"; readonly challenges: ReadonlyArray<string>; readonly why: string }
  /** `ter:NotAuthorized`, HTTP 400: the device takes WS-UsernameToken, or was shown a wrong one. */
  | { readonly _tag: "Forbidden"; readonly why: string }

const algorithms: Readonly<Record<Authentication, ReadonlyArray<DigestAlgorithm>>> = {
  "digest-md5": ["MD5"],
  "digest-sha256": ["SHA-256"],
  "digest-both": ["MD5", "SHA-256"],
  "username-token": [],
  any: ["MD5", "SHA-256"],
  none: []
}

const takesTokens = (authentication: Authentication): boolean =>
  authentication === "username-token" || authentication === "any"

/** Operations whose access class is PRE_AUTH in ONVIF Core: they need no credentials. */
const openToAll: ReadonlySet<string> = new Set([
  "GetWsdlUrl",
  "GetServices",
  "GetServiceCapabilities",
  "GetCapabilities",
  "GetHostname",
  "GetSystemDateAndTime",
  "GetEndpointReference"
])

/** The device's door guard: HTTP digest and WS-UsernameToken. */
export class Access {
  readonly #digest = new Digest()
  readonly #tokens = new UsernameTokens()
  readonly #authentication: Authentication
  readonly #users: ReadonlyArray<User>
  readonly #faults: () => Faults
  readonly #setFaults: (change: Partial<Faults>) => void
  readonly #now: () => number

  constructor(
    { authentication, users }: { readonly authentication: Authentication; readonly users: ReadonlyArray<User> },
    { faults, setFaults, now }: Pick<DeviceContext, "faults" | "setFaults" | "now">
  ) {
    this.#authentication = authentication
    this.#users = users
    this.#faults = faults
    this.#setFaults = setFaults
    this.#now = now
  }

  #rules(offered: ReadonlyArray<DigestAlgorithm>): DigestRules {
    const { nonceLifeMs, nextNonce } = this.#faults()
    return { algorithms: offered, nonceLifeMs, nextNonce }
  }

  #challenge(rules: DigestRules, why: string, stale = false): Verdict {
    return { _tag: "Challenged", challenges: this.#digest.challenges(rules, stale), why }
  }

  #digestOf(request: IncomingMessage, rules: DigestRules): Verdict {
    const { authorization } = request.headers
    if (authorization === undefined) return this.#challenge(rules, "no credentials")
    const verdict = this.#digest.check(
      { header: authorization, method: request.method ?? "", target: request.url ?? "" },
      this.#users,
      rules
    )
    switch (verdict._tag) {
      case "Accepted": {
        const info =
          verdict.nextNonce === undefined ? {} : { "authentication-info": `nextnonce="${verdict.nextNonce}"` }
        return { _tag: "Admitted", headers: info }
      }
      case "Stale":
        return this.#challenge(rules, "stale nonce", true)
      case "Refused":
        return this.#challenge(rules, verdict.why)
    }
  }

  /** Whether this request is turned away whoever sends it; counts down. */
  #refuses(): boolean {
    const { refuseEveryone, refuseNext } = this.#faults()
    if (refuseNext > 0) this.#setFaults({ refuseNext: refuseNext - 1 })
    return refuseEveryone || refuseNext > 0
  }

  /** The device restarts: the nonces it gave are stale. */
  forget(): void {
    this.#digest.forget()
  }

  /** A SOAP request for `operation`. */
  toCall(request: IncomingMessage, operation: string, header: XmlNode | undefined): Verdict {
    const { clockNeedsAuth } = this.#faults()
    const rules = this.#rules(algorithms[this.#authentication])
    if (this.#refuses()) return this.#challenge({ ...rules, algorithms: ["MD5"] }, "nobody may come in")
    const open = openToAll.has(operation) && !(operation === "GetSystemDateAndTime" && clockNeedsAuth)
    if (this.#authentication === "none" || open) return { _tag: "Admitted", headers: {} }
    const token = takesTokens(this.#authentication) ? usernameTokenOf(header) : undefined
    if (token !== undefined && request.headers.authorization === undefined) {
      const verdict = this.#tokens.check(token, this.#users, this.#now())
      return verdict.accepted ? { _tag: "Admitted", headers: {} } : { _tag: "Forbidden", why: verdict.why }
    }
    if (rules.algorithms.length === 0) return { _tag: "Forbidden", why: "no credentials" }
    return this.#digestOf(request, rules)
  }

  /** A plain GET: HTTP has no place for a UsernameToken, so digest guards it always. */
  toFetch(request: IncomingMessage): Verdict {
    if (this.#authentication === "none") return { _tag: "Admitted", headers: {} }
    const offered = algorithms[this.#authentication]
    const rules = this.#rules(offered.length === 0 ? ["MD5"] : offered)
    if (this.#refuses()) return this.#challenge(rules, "nobody may come in")
    return this.#digestOf(request, rules)
  }
}
