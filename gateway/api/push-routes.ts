import { Effect, Schema } from "effect"
import { EpochMs, type PersonId } from "../domain/ids.ts"
import { PushRefused } from "../notify/push/registrations.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { Problem } from "./problem.ts"
import type { Caller } from "./rights.ts"
import type { Sources, TaggedFailure } from "./sources.ts"

const PushKey = Schema.Struct({
  publicKey: Schema.String.annotate({ description: "applicationServerKey of PushManager.subscribe, base64url" }),
  channel: Schema.String
}).annotate({ identifier: "PushKey" })

const PushDeviceItem = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  since: EpochMs,
  seenAt: EpochMs.annotate({ description: "The console was opened there last, and registered it again" }),
  receivedAt: Schema.optionalKey(EpochMs.annotate({ description: "It last said that it had received a message" }))
}).annotate({ identifier: "PushDevice" })

const RegisterBody = Schema.Struct({
  endpoint: Schema.String.pipe(Schema.check(Schema.isMaxLength(2000))),
  p256dh: Schema.String.pipe(Schema.check(Schema.isMaxLength(200))),
  auth: Schema.String.pipe(Schema.check(Schema.isMaxLength(100))),
  name: Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(60)))
})

const asProblem = (failure: TaggedFailure): TaggedFailure =>
  failure instanceof PushRefused
    ? new Problem({
        kind: failure.status === 404 ? "no-push" : "push-refused",
        title: failure.status === 404 ? "There is no such thing" : "The device cannot be registered",
        status: failure.status,
        detail: failure.why
      })
    : failure

/** Only people have phones: a machine's token, or a site without people, registers nothing. */
const personOf = ({ person, name }: Caller): Effect.Effect<PersonId, Problem> =>
  person === undefined
    ? Effect.fail(
        new Problem({
          kind: "no-person",
          title: "Not a person of the configuration",
          status: 422,
          detail: `${name} is no person of the configuration (people): nothing can be sent to them.`
        })
      )
    : Effect.succeed(person)

/** The devices that somebody has registered for web push: their own only. */
export const pushRoutes = ({ push }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "get",
    path: "/push/key",
    right: "own-session",
    summary: "The key by which a browser registers for web push",
    answer: PushKey,
    problems: [404],
    handle: () => push.key.pipe(Effect.mapError(asProblem))
  }),
  endpoint({
    method: "get",
    path: "/push/devices",
    right: "own-session",
    summary: "The devices that one has registered for web push",
    answer: Schema.Struct({ items: Schema.Array(PushDeviceItem) }),
    problems: [422],
    handle: ({ caller }) => Effect.map(personOf(caller), (person) => ({ items: push.of(person) }))
  }),
  endpoint({
    method: "post",
    path: "/push/devices",
    right: "own-session",
    summary: "Register the browser that one sits at, or renew that; the console does it each time it is opened",
    body: RegisterBody,
    answer: PushDeviceItem,
    problems: [404, 422],
    handle: ({ caller, body }) =>
      personOf(caller).pipe(
        Effect.flatMap((person) => push.register(person, body)),
        Effect.mapError(asProblem)
      )
  }),
  endpoint({
    method: "delete",
    path: "/push/devices/{id}",
    right: "own-session",
    summary: "Have a device of one's own written to no more",
    status: 204,
    problems: [404, 422],
    handle: ({ caller, param }) =>
      personOf(caller).pipe(
        Effect.flatMap((person) => push.unregister(person, param("id"))),
        Effect.mapError(asProblem)
      )
  })
]
