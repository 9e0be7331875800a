import { Effect, Schema } from "effect"
import { NotKept, type Report } from "../../../adapters/adapter.ts"
import { readSecret, SecretMissing, type SecretReference } from "../../../adapters/secret.ts"
import type { Alert } from "../../domain/alert.ts"
import { ChannelId } from "../../domain/ids.ts"
import { NotificationId, personOfNotification } from "../../domain/notification.ts"
import type { Person } from "../../domain/person.ts"
import type { Unstamped } from "../../intake/intake.ts"
import type { AnswerKey } from "../answer-key.ts"
import { wrongSignature } from "../signature.ts"
import { type EmergencyRequest, observationOf, readEmergency, whyNotAccepted } from "./emergency.ts"
import type { EmergencySource, InboundSource, ReplySource } from "./inbound-settings.ts"
import { codeIn, isCodeOf, masked, personOf, readReply, type Reply } from "./reply.ts"

/** A request from outside, as it came. */
export interface InboundRequest {
  readonly source: string
  readonly body: Buffer
  readonly timestamp: string | undefined
  readonly signature: string | undefined
  readonly token: string | undefined
  /** The network address that it came from. */
  readonly address: string
}

/** A request from outside is turned away. `status` says how HTTP puts it. */
export class InboundRefused extends Schema.TaggedError<InboundRefused>()("InboundRefused", {
  status: Schema.Literals([400, 401, 403, 404, 409, 410, 429]),
  why: Schema.String
}) {
  override get message(): string {
    return this.why
  }
}

/** A device's word that it has a notification. */
export interface Receipt {
  readonly notification: string
  /** It came with the message. */
  readonly proof: string
  /** Which of the person's devices it is, where there are several. */
  readonly device?: string | undefined
  /** The network address that it came from. */
  readonly address: string
}

/** What became of a request that was not turned away. */
export interface InboundTaken {
  readonly accepted: true
  readonly alert?: string
  /** It had been said before: nothing was entered a second time. */
  readonly again?: true
}

interface ActFailure {
  readonly _tag: string
}

/** What answers from outside are taken in with. */
export interface InboundParts {
  readonly sources: () => ReadonlyArray<InboundSource>
  readonly people: () => ReadonlyArray<Person>
  readonly addresses: () => ReadonlyMap<string, Readonly<Record<string, string>>>
  readonly answers: AnswerKey
  readonly enter: (fact: Unstamped) => Effect.Effect<unknown, NotKept>
  readonly report: (link: string, report: Report, settled: (refusal?: NotKept) => void) => void
  readonly alert: (id: string) => Effect.Effect<Alert, ActFailure>
  readonly acknowledge: (id: string, by: string, note: string) => Effect.Effect<Alert, ActFailure>
  /** Whether this person may acknowledge alerts. */
  readonly mayAcknowledge: (person: Person) => boolean
  /** A device has shown a message to this person. */
  readonly deviceReceived: (person: string, device: string) => void
  /** Wrong tries: in how many seconds they may try again, and one more wrong one. */
  readonly blockedFor: (who: string) => number | undefined
  readonly failed: (who: string) => void
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** What comes from outside: calls for help, answers to messages, receipts. Each is on disk before it is answered. */
export interface Inbound {
  /** A signed request to a configured source. */
  readonly take: (request: InboundRequest) => Effect.Effect<InboundTaken, InboundRefused | NotKept | ActFailure>
  /** An answer that a modem has received for a channel. */
  readonly heard: (channel: string, reply: Reply) => Effect.Effect<InboundTaken, InboundRefused | NotKept | ActFailure>
  /** A device says that it has a notification; the proof came with it. */
  readonly received: (receipt: Receipt) => Effect.Effect<InboundTaken, InboundRefused | NotKept>
}

const refused = (status: InboundRefused["status"], why: string): InboundRefused => new InboundRefused({ status, why })

const secretOf = (reference: SecretReference): string | undefined => {
  try {
    return readSecret(reference)
  } catch (error) {
    if (error instanceof SecretMissing) return undefined
    throw error
  }
}

/** Why a request is not believed to come from its source; `undefined`: it is. */
const whyNotBelieved = (source: InboundSource, request: InboundRequest, now: number): string | undefined => {
  const token = source.accepts === "replies" ? source.token : undefined
  if (token !== undefined && request.token !== undefined) {
    const wanted = secretOf(token)
    // Compared as signatures of the same text are: in constant time.
    return wanted !== undefined && isSame(wanted, request.token) ? undefined : "its token is wrong"
  }
  if (source.secret === undefined) return "it has no token"
  const secret = secretOf(source.secret)
  return secret === undefined ? "its secret is not there" : wrongSignature(secret, request.body, request, now)
}

const isSame = (one: string, other: string): boolean => {
  let differs = one.length ^ other.length
  for (let at = 0; at < one.length; at++)
    differs |= one.charCodeAt(at) ^ other.charCodeAt(at % Math.max(1, other.length))
  return differs === 0
}

const channelOf = (notification: string): ChannelId => ChannelId.make(notification.split(":")[3] ?? "-")

/** Takes in what comes from outside. */
export const makeInbound = (parts: InboundParts): Inbound => {
  const { answers, enter, now } = parts

  /** Turned away for good: the log says so, so that somebody can look into it. */
  const turnAway = (who: string, refusal: InboundRefused): Effect.Effect<never, InboundRefused | NotKept> =>
    enter({ _tag: "AccessRefused", who, what: refusal.why }).pipe(Effect.andThen(Effect.fail(refusal)))

  const notBlocked = (who: string): Effect.Effect<void, InboundRefused> => {
    const seconds = parts.blockedFor(who)
    return seconds === undefined
      ? Effect.void
      : Effect.fail(refused(429, `too many wrong tries; try again in ${seconds} s`))
  }

  const called = (source: EmergencySource, request: EmergencyRequest): Effect.Effect<InboundTaken, NotKept> =>
    Effect.callback((resume) => {
      const report: Report = { observations: [observationOf(source, request)], receivedAt: now(), source: source.id }
      parts.report(`inbound-${source.id}`, report, (refusal) =>
        resume(refusal === undefined ? Effect.succeed({ accepted: true }) : Effect.fail(refusal))
      )
    })

  const emergency = Effect.fnUntraced(function* (source: EmergencySource, body: string) {
    const request = readEmergency(body)
    if (typeof request === "string") return yield* refused(400, request)
    const why = whyNotAccepted(source, request)
    if (why !== undefined) return yield* turnAway(source.id, refused(403, why))
    return yield* called(source, request)
  })

  const answered = Effect.fnUntraced(function* (via: string, channel: string, reply: Reply) {
    const who = `${via}, ${masked(reply.from)}`
    yield* notBlocked(who)
    const wrong = (status: InboundRefused["status"], why: string) => {
      parts.failed(who)
      return turnAway(who, refused(status, why))
    }
    const person = personOf(reply.from, channel, parts.people(), parts.addresses())
    if (person === undefined) return yield* wrong(403, "an answer of nobody who is known by this number")
    const said = codeIn(reply.text)
    if (said === undefined) return yield* wrong(400, "an answer without an alert's number and a code")
    if (!isCodeOf(answers, person, said.alert, said.code))
      return yield* wrong(403, `an answer with a wrong code, to ${said.alert}`)
    if (!parts.mayAcknowledge(person)) return yield* wrong(403, `${person.name} may not acknowledge alerts`)
    const alert = yield* parts.alert(said.alert)
    if (alert.closed) return yield* turnAway(who, refused(410, `an answer to ${alert.id}, which is closed`))
    if (alert.acknowledged && alert.acknowledgedBy === person.name) {
      return { accepted: true, alert: alert.id, again: true } as const
    }
    yield* parts.acknowledge(alert.id, person.name, `answered by ${via}`)
    return { accepted: true, alert: alert.id } as const
  })

  const reply = (source: ReplySource, body: string) => {
    const said = readReply(source, body)
    return said === undefined
      ? Effect.fail(refused(400, `the body has no "${source.from ?? "from"}" and "${source.text ?? "text"}"`))
      : answered(source.name ?? source.id, source.channel, said)
  }

  return {
    take: Effect.fn("Inbound.take")(function* (request) {
      const source = parts.sources().find(({ id }) => id === request.source)
      if (source === undefined) {
        yield* notBlocked(request.address)
        parts.failed(request.address)
        return yield* refused(404, `there is no source "${request.source}" (inbound of the configuration)`)
      }
      // Who can sign is heard, however often others at this address were wrong: it may be somebody's life.
      const why = whyNotBelieved(source, request, now())
      if (why !== undefined) {
        yield* notBlocked(request.address)
        parts.failed(request.address)
        return yield* turnAway(source.id, refused(401, `a request is not believed: ${why}`))
      }
      const body = request.body.toString("utf8")
      return yield* source.accepts === "emergencies" ? emergency(source, body) : reply(source, body)
    }),
    heard: (channel, said) => answered(channel, channel, said),
    received: Effect.fn("Inbound.received")(function* ({ notification, proof, device, address }) {
      const isId = Schema.is(NotificationId)(notification)
      if (!isId || !answers.isProof(notification, proof)) {
        yield* notBlocked(address)
        parts.failed(address)
        return yield* refused(403, "the receipt's proof is wrong")
      }
      yield* enter({ _tag: "NotificationReceived", notification, channel: channelOf(notification) })
      const person = personOfNotification(notification)
      if (person !== undefined && device !== undefined) parts.deviceReceived(person, device)
      return { accepted: true } as const
    })
  }
}
