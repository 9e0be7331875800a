import { Effect, Schema } from "effect"
import { CommandFailed } from "./failure.ts"
import { type GatewayAt, unreachable } from "./gateway-client.ts"
import { printable } from "./output.ts"

/** A gateway that has not begun to answer by then cannot be reached. */
export const withinMs = 10_000

const Problem = Schema.Struct({ detail: Schema.String })

/** What a gateway answered, as `shape` has it; another shape is another version's. */
export const bodyAs = <T>(gateway: GatewayAt, response: Response, shape: Schema.ConstraintDecoder<T>) =>
  Effect.tryPromise({ try: () => response.json(), catch: () => new Error("no JSON") }).pipe(
    Effect.flatMap((body: unknown) => Schema.decodeUnknownEffect(shape)(body)),
    Effect.mapError(() => unreachable(gateway.url, "it does not answer as a gateway of this version does"))
  )

/** Exit 1 with what the gateway says; a status that says more of the caller has its own code already. */
export const told = Effect.fnUntraced(function* (gateway: GatewayAt, response: Response, next: string) {
  const { detail } = yield* bodyAs(gateway, response, Problem)
  const exitCode = response.status === 400 ? 2 : 1
  return yield* new CommandFailed({ exitCode, reason: printable(detail), next })
})
