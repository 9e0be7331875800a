import { Effect, Schema } from "effect"
import { CommandFailed } from "./failure.ts"
import { ask, type GatewayAt, unreachable } from "./gateway-client.ts"
import { printable } from "./output.ts"

/** A gateway that has not begun to answer by then cannot be reached. */
export const withinMs = 10_000

const Problem = Schema.Struct({
  detail: Schema.String,
  errors: Schema.optionalKey(Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String })))
})

/** What a gateway answered, as `shape` has it; another shape is another version's. */
export const bodyAs = <T>(gateway: GatewayAt, response: Response, shape: Schema.ConstraintDecoder<T>) =>
  Effect.tryPromise({ try: () => response.json(), catch: () => new Error("no JSON") }).pipe(
    Effect.flatMap((body: unknown) => Schema.decodeUnknownEffect(shape)(body)),
    Effect.mapError(() => unreachable(gateway.url, "it does not answer as a gateway of this version does"))
  )

/** Exit 1 with what the gateway says; a status that says more of the caller has its own code already. */
export const told = Effect.fnUntraced(function* (gateway: GatewayAt, response: Response, next: string) {
  const { detail, errors = [] } = yield* bodyAs(gateway, response, Problem)
  const exitCode = response.status === 400 ? 2 : 1
  return yield* new CommandFailed({
    exitCode,
    reason: [detail, ...errors.map(({ path, message }) => `  ${path}: ${message}`)].map(printable).join("\n"),
    next
  })
})

/** Statuses with which the gateway says why not. */
const problems = [400, 404, 409, 422]

interface Asking {
  readonly post?: unknown
  readonly ends?: true
  /** What to paste when the gateway says why not. */
  readonly next: string
}

/** Asks the gateway to do something that it answers with `shape`; what it refuses is a failure with its words. */
export const answerAs = Effect.fnUntraced(function* <T>(
  gateway: GatewayAt,
  path: string,
  shape: Schema.ConstraintDecoder<T>,
  { post, next }: Asking
) {
  const response = yield* ask(gateway, path, {
    accept: "application/json",
    withinMs,
    expects: problems,
    ...(post === undefined ? {} : { post })
  })
  if (response.status !== 200) return yield* told(gateway, response, next)
  return yield* bodyAs(gateway, response, shape)
})

/** Asks the gateway to end what the path names. */
export const endedAt = Effect.fnUntraced(function* (gateway: GatewayAt, path: string, next: string) {
  const expects = [204, ...problems]
  const asked = { accept: "application/json", withinMs, ends: true, expects } as const
  const response = yield* ask(gateway, path, asked)
  if (response.status !== 204) return yield* told(gateway, response, next)
})
