import { randomUUID } from "node:crypto"
import { Effect, type Scope } from "effect"
import { readReply, refusalIn } from "../wire/answers.ts"
import { Authentication, type Proof, type Proving } from "../wire/authentication.ts"
import type { Access, CallFailed } from "../wire/connection.ts"
import { parseParameters } from "../wire/digest.ts"
import { makeExchange } from "../wire/http-exchange.ts"
import type { DeviceInformation, Library } from "../device/library.ts"
import { tds } from "../wire/namespaces.ts"
import { callFailed } from "./probe-failure.ts"
import { type Found, StepFailed } from "../../probing/steps.ts"
import { envelopeOf } from "../wire/soap.ts"
import { xmlMaxBytes } from "../wire/xml-text.ts"

/** For the one request that is made without credentials. */
const askMs = 10_000

/** How the device wants to be told who we are; `anybody`: it does not ask. */
type Scheme = Proof["by"] | "anybody" | undefined

interface Wanted {
  readonly by: Scheme
  /** For people: `HTTP digest (SHA-256)`. */
  readonly called: string
}

const open: Wanted = { by: "anybody", called: "no login at all" }

const digestName = (header: string): string => {
  const algorithm = parseParameters(header.replace(/^\w+\s/, "")).get("algorithm")
  return `HTTP digest (${algorithm ?? "MD5"})`
}

const wantedBy = (proof: Proof): Wanted => {
  switch (proof.by) {
    case "digest":
      return { by: "digest", called: digestName(proof.header) }
    case "basic":
      return { by: "basic", called: "HTTP Basic, inside TLS" }
    case "username-token":
      return { by: "username-token", called: "WS-UsernameToken" }
    case "nothing":
      return { by: undefined, called: "let in" }
  }
}

/** Asks what the device is without saying who we are: its refusal names the scheme that the connection then uses. */
const askScheme = (url: URL, access: Access, now: () => number): Effect.Effect<Wanted, never, Scope.Scope> =>
  Effect.gen(function* () {
    const exchange = yield* makeExchange(access)
    const authentication = new Authentication(access)
    const action = `${tds}/GetDeviceInformation`
    const call = `<tds:GetDeviceInformation xmlns:tds="${tds}"/>`
    const body = envelopeOf({ action, messageId: `urn:uuid:${randomUUID()}`, body: call })
    const headers = { "Content-Type": `application/soap+xml; charset=utf-8; action="${action}"` }
    const proving: Proving = { url, method: "POST", body, soap: true, anonymous: true }
    const nothing = { by: "nothing" } as const
    const reply = yield* exchange.send({ url, method: "POST", headers, body, maxBytes: xmlMaxBytes })
    let judged = authentication.judge(proving, nothing, reply)
    if (judged.verdict === "accepted") {
      const reading = readReply(reply)
      const refusal = refusalIn(reading)
      if (refusal === undefined) {
        const told = reply.status < 300 && "body" in reading
        return told ? open : wantedBy(nothing)
      }
      judged = authentication.judgeFault(proving, nothing, refusal.reason)
    }
    return wantedBy(judged.verdict === "again" ? authentication.next(proving, now()) : nothing)
  }).pipe(
    Effect.timeout(askMs),
    Effect.catch(() => Effect.succeed(wantedBy({ by: "nothing" })))
  )

const openToAnybody =
  "give the device a user with a password: whoever reaches it can read its events, and open its doors where it has any"

const configureWho =
  "put username and password: { env: NAME } into the link's settings, or username and passwordEnv into the device's parameters"

const wrongPassword =
  "set the password anew where the device keeps its ONVIF users, which are not its web users at many (Axis: System > Accounts > ONVIF accounts; Hikvision: Network > Advanced > Integration Protocol; Dahua: System > Account > ONVIF User). Do not try often: devices lock a user out after a few failures"

const clockFirst = "set the device's clock first: it refuses a WS-UsernameToken whose time is not its own; then "

const digestOnly =
  'the link\'s settings say authentication: digest, and this device offers none: write "auto", or switch digest on at the device'

const todoFor = (access: Access, { by }: Wanted, failure: CallFailed, clockIsOff: boolean): string | undefined => {
  if (failure.kind !== "unauthorized") return undefined
  if (access.username === undefined) return configureWho
  if (failure.status === 403 || by === "anybody") return undefined
  if (by === undefined && access.authentication === "digest") return digestOnly
  return by === "username-token" && clockIsOff ? clockFirst + wrongPassword : wrongPassword
}

export interface Login {
  readonly url: URL
  readonly access: Access
  readonly library: Pick<Library, "information">
  readonly now: () => number
  readonly clockIsOff: boolean
}

/** Says who we are, by the first call that devices answer to their users only: what they are. */
export const logIn = Effect.fnUntraced(function* ({
  url,
  access,
  library,
  now,
  clockIsOff
}: Login): Effect.fn.Return<Found<DeviceInformation | undefined>, StepFailed> {
  const wanted = yield* Effect.scoped(askScheme(url, access, now))
  const information = yield* library.information.pipe(
    // It was let in, and does not know the question.
    Effect.catchIf(
      ({ kind }) => kind === "fault",
      () => Effect.succeed(undefined)
    ),
    Effect.mapError((failure) =>
      callFailed("the device does not let us in", failure, todoFor(access, wanted, failure, clockIsOff))
    )
  )
  const who = access.username === undefined ? "without a name" : `as ${access.username}`
  const facts = { scheme: wanted.by ?? "unknown", username: access.username ?? null }
  if (wanted.by === "anybody") {
    const said = "the device tells anybody what it is; whether it takes the user shows at its events"
    return { value: information, said, doubt: openToAnybody, facts }
  }
  return { value: information, said: `${wanted.called}, ${who}`, facts }
})
