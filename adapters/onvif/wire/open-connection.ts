import { randomUUID } from "node:crypto"
import { Clock, Effect, type Scope } from "effect"
import { answered, answerOf, fetchedOf, type Reading, readReply, refusalIn, type Reply, unanswered } from "./answers.ts"
import { Authentication, type Proof, type Proving } from "./authentication.ts"
import { type Access, type Answer, type Call, CallFailed, type Connection, type Fetched } from "./connection.ts"
import { type Exchange, type HttpRequest, makeExchange } from "./http-exchange.ts"
import { makeRedact, type Redact } from "./redact.ts"
import { envelopeOf } from "./soap.ts"
import { xmlMaxBytes } from "./xml-text.ts"

/** Bare, challenged, stale once, and the other way: a device that turns more requests of one call away is not asked on. */
const requestsMax = 5

/** One device, for as long as its connection is open. */
interface Device {
  readonly access: Access
  readonly exchange: Exchange
  readonly authentication: Authentication
  readonly redact: Redact
  readonly now: () => number
  /**
   * The media type's action parameter (RFC 3902), which most devices want. Some (Illustra) fault because of it; others
   * (Pelco) answer nothing without. `sure` once an answer has come: a command is never sent a second time for this.
   */
  readonly contentType: { withAction: boolean; sure: boolean }
}

const authorizationOf = (proof: Proof): Readonly<Record<string, string>> =>
  proof.by === "digest" || proof.by === "basic" ? { Authorization: proof.header } : {}

/** Sends a request until the device takes who we are or refuses it. A SOAP answer is read, for it may refuse in words. */
const converse = Effect.fnUntraced(function* (
  { authentication, exchange, now, redact }: Device,
  proving: Proving,
  build: (proof: Proof) => HttpRequest
): Effect.fn.Return<readonly [Reply, Reading | undefined], CallFailed> {
  let proof = authentication.first(proving, now())
  for (let nth = 1; ; nth++) {
    const sent = proof
    const http = yield* exchange.send(build(sent)).pipe(Effect.mapError((failure) => unanswered(failure, sent, redact)))
    const reply: Reply = { http, proof: sent, redact }
    let judged = authentication.judge(proving, sent, http)
    const reading = judged.verdict === "accepted" && proving.soap ? readReply(http) : undefined
    const refusal = refusalIn(reading)
    if (refusal !== undefined) judged = authentication.judgeFault(proving, sent, refusal.reason)
    if (judged.verdict === "accepted") return [reply, reading]
    if (judged.verdict === "refused") return yield* answered("unauthorized", judged.reason, reply, refusal)
    if (nth === requestsMax)
      return yield* answered("http", "the device asks who we are anew each time it is told", reply)
    proof = authentication.next(proving, now())
  }
})

const callOnce = Effect.fnUntraced(function* (device: Device, call: Call, url: URL, withAction: boolean) {
  const { action, addressing, body, anonymous } = call
  const message = {
    action,
    messageId: `urn:uuid:${randomUUID()}`,
    body,
    ...(addressing === undefined ? {} : { addressing })
  }
  const bare = envelopeOf(message)
  const headers = {
    "Content-Type": `application/soap+xml; charset=utf-8${withAction ? `; action="${action}"` : ""}`,
    Accept: "application/soap+xml"
  }
  const proving: Proving = { url, method: "POST", body: bare, soap: true, anonymous: anonymous === true }
  const [reply, reading] = yield* converse(device, proving, (proof) => ({
    url,
    method: "POST",
    headers: { ...headers, ...authorizationOf(proof) },
    body: proof.by === "username-token" ? envelopeOf({ ...message, token: proof.token }) : bare,
    maxBytes: xmlMaxBytes,
    ...(call.once === true ? { once: true } : {})
  }))
  const answer = answerOf(reply, reading ?? readReply(reply.http))
  return answer instanceof CallFailed ? yield* answer : answer
})

/** What a device may answer because of the Content-Type: a fault, nothing at all, or that it does not take it. */
const mayBeContentType = ({ kind, status, raw }: CallFailed): boolean =>
  kind === "fault" ||
  (kind === "unreadable" && raw === undefined) ||
  (kind === "http" && (status === 400 || status === 415))

const callSoap = Effect.fnUntraced(function* (
  device: Device,
  call: Call,
  url: URL
): Effect.fn.Return<Answer, CallFailed> {
  const { contentType } = device
  const { withAction, sure } = contentType
  const learn = (form: boolean) =>
    Effect.sync(() => {
      contentType.withAction = form
      contentType.sure = true
    })
  const first = callOnce(device, call, url, withAction).pipe(Effect.tap(() => learn(withAction)))
  if (sure || call.once === true) return yield* first
  return yield* first.pipe(
    Effect.catchIf(mayBeContentType, (failure) =>
      callOnce(device, call, url, !withAction).pipe(
        Effect.tap(() => learn(!withAction)),
        Effect.mapError((again) => (again.kind === failure.kind || mayBeContentType(again) ? failure : again))
      )
    )
  )
})

const fetchFile = Effect.fnUntraced(function* (
  device: Device,
  url: URL,
  maxBytes: number
): Effect.fn.Return<Fetched, CallFailed> {
  const proving: Proving = { url, method: "GET", body: "", soap: false, anonymous: false }
  const [reply] = yield* converse(device, proving, (proof) => ({
    url,
    method: "GET",
    headers: authorizationOf(proof),
    body: "",
    maxBytes
  }))
  const fetched = fetchedOf(reply)
  return fetched instanceof CallFailed ? yield* fetched : fetched
})

/** Where a request goes. What is to be proved by TLS is not given to a plain address, which a device may well name. */
const addressOf = (text: string, { tls }: Access): Effect.Effect<URL, CallFailed> =>
  Effect.suspend(() => {
    const url = URL.parse(text)
    if (url === null || !["http:", "https:"].includes(url.protocol) || url.hostname === "")
      return new CallFailed({ kind: "unreachable", reason: `${text} is no http:// or https:// address`, unsent: true })
    if (url.protocol === "http:" && (tls?.ca !== undefined || tls?.fingerprint !== undefined))
      return new CallFailed({
        kind: "unpinned",
        reason: `${url.origin} is not encrypted, though a certificate is configured for the device: use https`
      })
    // What stands there would be sent as Basic, in the clear.
    url.username = ""
    url.password = ""
    return Effect.succeed(url)
  })

const within =
  (timeoutMs: number, url: string) =>
  <A>(effect: Effect.Effect<A, CallFailed>): Effect.Effect<A, CallFailed> =>
    Effect.timeoutOrElse(effect, {
      duration: timeoutMs,
      orElse: () => {
        const reason = `no answer within ${timeoutMs / 1000} s from ${URL.parse(url)?.host ?? url}`
        return new CallFailed({ kind: "timeout", reason })
      }
    })

/**
 * The HTTP side of one device. It opens no socket before the first call and leaves none open once the scope closes; an
 * interrupted call's socket is closed at once. It learns how the device wants to be told who we are and remembers it,
 * so that later calls take one round trip.
 */
export const openConnection = (access: Access): Effect.Effect<Connection, never, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const device: Device = {
      access,
      exchange: yield* makeExchange(access),
      authentication: new Authentication(access),
      redact: makeRedact(access.password),
      now: () => clock.currentTimeMillisUnsafe(),
      contentType: { withAction: true, sure: false }
    }
    return {
      call: (call) =>
        addressOf(call.url, access).pipe(
          Effect.flatMap((url) => callSoap(device, call, url)),
          within(call.timeoutMs, call.url)
        ),
      fetch: ({ url, timeoutMs, maxBytes }) =>
        addressOf(url, access).pipe(
          Effect.flatMap((address) => fetchFile(device, address, maxBytes)),
          within(timeoutMs, url)
        ),
      setClockOffset: (offsetMs) => device.authentication.setClockOffset(offsetMs)
    }
  })
