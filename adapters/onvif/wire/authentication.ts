import { randomBytes } from "node:crypto"
import type { Access } from "./connection.ts"
import {
  basicAuthorization,
  chooseOffer,
  type Credentials,
  digestAuthorization,
  type DigestChallenge,
  parseChallenges,
  parseParameters
} from "./digest.ts"
import type { HttpReply } from "./http-exchange.ts"
import { formatDeviceTime } from "./onvif-time.ts"
import { passwordDigest, type UsernameToken } from "./soap.ts"

/** What one request says of who we are: one thing, or nothing. */
export type Proof =
  | { readonly by: "nothing" }
  | { readonly by: "basic"; readonly header: string }
  | { readonly by: "username-token"; readonly token: UsernameToken }
  /** `fresh`: the nonce was given to this very call. */
  | { readonly by: "digest"; readonly header: string; readonly fresh: boolean }

/** What a proof puts on the wire, to be looked for in what comes back. */
export const sentBy = (proof: Proof): ReadonlyArray<string> => {
  switch (proof.by) {
    case "nothing":
      return []
    case "username-token":
      return [passwordDigest(proof.token), Buffer.from(proof.token.nonce).toString("base64")]
    case "basic":
    case "digest":
      return [proof.header]
  }
}

/** What is to be proved, and where. */
export interface Proving {
  readonly url: URL
  readonly method: "GET" | "POST"
  readonly body: string
  /** A SOAP call, which can carry a WS-UsernameToken. */
  readonly soap: boolean
  /** Not before the device asks for it. */
  readonly anonymous: boolean
}

/** What to do after an answer. */
export type Verdict =
  | { readonly verdict: "accepted" }
  | { readonly verdict: "again" }
  | { readonly verdict: "refused"; readonly reason: string }

/** Devices take a WS-UsernameToken that is off by no more than this, or by minutes: below, another clock changes nothing. */
const nearMs = 5000

/** A device that forgot its nonce twice though it was not told stale forgets each: asking first costs no failed login. */
const forgottenMax = 2

class DigestSession {
  challenge: DigestChallenge
  /** Some devices mix the client's nonce into the session's key: it stays as long as the nonce. */
  #cnonce = ""
  #count = 0
  forgotten = 0

  constructor(challenge: DigestChallenge) {
    this.challenge = challenge
    this.renew(challenge)
  }

  renew(challenge: DigestChallenge): void {
    this.challenge = challenge
    this.#cnonce = randomBytes(16).toString("hex")
    this.#count = 0
  }

  answer(credentials: Credentials, { url, method, body }: Proving): string {
    this.#count += 1
    return digestAuthorization(this.challenge, credentials, {
      method,
      uri: url.pathname + url.search,
      body,
      count: this.#count,
      cnonce: this.#cnonce
    })
  }
}

/**
 * How one device is told who we are, as learnt from its answers. HTTP digest where it offers that, else
 * WS-UsernameToken; never both in one request, and never a password in the clear.
 */
export class Authentication {
  readonly #access: Access
  readonly #credentials: Credentials | undefined
  /** By scheme, host and port: a nonce is good where it was given. */
  readonly #sessions = new Map<string, DigestSession>()
  readonly #basic = new Set<string>()
  #wantsToken = false
  #clockOffsetMs = 0
  /** It shows another clock than it checks a token by, which ours agrees with. */
  #byOurClock = false
  #triedBoth = false

  constructor(access: Access) {
    this.#access = access
    const { username, password } = access
    this.#credentials = username === undefined ? undefined : { username, password: password ?? "" }
    this.#wantsToken = access.authentication === "username-token"
  }

  setClockOffset(offsetMs: number): void {
    this.#clockOffsetMs = offsetMs
  }

  /** What the first request of a call says. `now` is our clock's time. */
  first(proving: Proving, now: number): Proof {
    this.#triedBoth = false
    if (this.#credentials === undefined || proving.anonymous) return { by: "nothing" }
    const session = this.#sessions.get(proving.url.origin)
    if (session !== undefined)
      return session.forgotten < forgottenMax ? this.#digest(session, proving, false) : { by: "nothing" }
    return this.#otherwise(proving, now)
  }

  /** What a request says after the device has turned the one before it away. */
  next(proving: Proving, now: number): Proof {
    if (this.#credentials === undefined) return { by: "nothing" }
    const session = this.#sessions.get(proving.url.origin)
    return session === undefined ? this.#otherwise(proving, now) : this.#digest(session, proving, true)
  }

  /** Judges an answer's HTTP side. A nonce for the next request is kept. */
  judge(proving: Proving, proof: Proof, reply: HttpReply): Verdict {
    if (reply.status !== 401) {
      this.#remember(proving, proof, reply)
      return { verdict: "accepted" }
    }
    const { origin, protocol } = proving.url
    if (this.#credentials === undefined) return this.#refused()
    const challenges = parseChallenges(reply.headers("www-authenticate"))
    const offer = chooseOffer(challenges, protocol === "https:")
    const tokenOnly = this.#access.authentication === "username-token" && proving.soap
    if (offer !== undefined && "digest" in offer && !tokenOnly) return this.#challenged(origin, proof, offer.digest)
    if (offer !== undefined && "basic" in offer && this.#access.authentication === "auto") {
      if (proof.by === "basic") return this.#refused()
      this.#basic.add(origin)
      return { verdict: "again" }
    }
    const offered = challenges.map(({ scheme }) => scheme)
    return this.#tryToken(proving, proof, offered.length === 0 ? "nothing" : offered.join(", "))
  }

  /** Judges a SOAP fault that refuses who we are, in an answer whose HTTP side was accepted. */
  judgeFault(proving: Proving, proof: Proof, reason: string): Verdict {
    if (this.#credentials === undefined) return this.#refused()
    if (proof.by === "digest" || proof.by === "basic")
      return {
        verdict: "refused",
        reason: `the device lets the user "${this.#credentials.username}" in but not do this ("${reason}"): give the user a higher level there`
      }
    return this.#tryToken(proving, proof, "WS-UsernameToken only")
  }

  #challenged(origin: string, proof: Proof, challenge: DigestChallenge): Verdict {
    const session = this.#sessions.get(origin)
    if (proof.by === "digest" && proof.fresh && !challenge.stale) return this.#refused()
    if (session === undefined) this.#sessions.set(origin, new DigestSession(challenge))
    else {
      if (proof.by === "digest" && !challenge.stale) session.forgotten += 1
      session.renew(challenge)
    }
    return { verdict: "again" }
  }

  #tryToken(proving: Proving, proof: Proof, offered: string): Verdict {
    const { authentication } = this.#access
    if (!proving.soap || authentication === "digest")
      return {
        verdict: "refused",
        reason: `the device wants to know who we are, but offers no HTTP digest (it offers ${offered})`
      }
    if (proof.by === "username-token") return this.#tryOtherClock()
    this.#wantsToken = true
    this.#sessions.delete(proving.url.origin)
    return { verdict: "again" }
  }

  /** Some show local time as UTC, and check by UTC (OpenIPC): ours is tried, once a call. */
  #tryOtherClock(): Verdict {
    if (!this.#triedBoth && Math.abs(this.#clockOffsetMs) > nearMs) {
      this.#triedBoth = true
      this.#byOurClock = !this.#byOurClock
      return { verdict: "again" }
    }
    this.#byOurClock = false
    return this.#refused(", and that its clock was not changed meanwhile")
  }

  #remember(proving: Proving, proof: Proof, reply: HttpReply): void {
    const session = this.#sessions.get(proving.url.origin)
    if (session === undefined || proof.by !== "digest") return
    if (!proof.fresh) session.forgotten = 0
    const nextnonce = reply.headers("authentication-info").map((info) => parseParameters(info).get("nextnonce"))[0]
    if (nextnonce !== undefined && nextnonce !== "") session.renew({ ...session.challenge, nonce: nextnonce })
  }

  #refused(also = ""): Verdict {
    const reason =
      this.#credentials === undefined
        ? "the device wants to know who we are: configure a user name and a password"
        : `the device refuses the user "${this.#credentials.username}": check the password and that the ONVIF user exists (cameras keep a list of their own)${also}`
    return { verdict: "refused", reason }
  }

  #digest(session: DigestSession, proving: Proving, fresh: boolean): Proof {
    const credentials = this.#credentials ?? { username: "", password: "" }
    return { by: "digest", header: session.answer(credentials, proving), fresh }
  }

  #otherwise(proving: Proving, now: number): Proof {
    const credentials = this.#credentials
    if (credentials === undefined) return { by: "nothing" }
    if (this.#basic.has(proving.url.origin)) return { by: "basic", header: basicAuthorization(credentials) }
    if (!this.#wantsToken || !proving.soap) return { by: "nothing" }
    const created = formatDeviceTime(this.#byOurClock ? now : now + this.#clockOffsetMs)
    return { by: "username-token", token: { ...credentials, nonce: randomBytes(16), created } }
  }
}
