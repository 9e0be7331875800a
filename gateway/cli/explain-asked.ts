import { Effect, Schema } from "effect"
import { fromWireJson } from "../domain/wire.ts"
import type { ExplainLog } from "../explain/explain-log.ts"
import { CommandFailed, usage } from "./failure.ts"
import { ask, type GatewayAt, unreachable } from "./gateway-client.ts"
import { instantOf } from "./instant.ts"
import { printable, quoted } from "./output.ts"

/** A long log is folded before it answers. */
const withinMs = 120_000

const Problem = Schema.Struct({ detail: Schema.String })

const decoded = <T>(gateway: GatewayAt, response: Response, shape: Schema.ConstraintDecoder<T>) =>
  Effect.tryPromise({ try: async () => fromWireJson(await response.text()), catch: () => new Error("no JSON") }).pipe(
    Effect.flatMap((body) => Schema.decodeUnknownEffect(shape)(body)),
    Effect.mapError(() => unreachable(gateway.url, "it does not answer as a gateway of this version does"))
  )

/** Where no gateway runs, its log can still be read. */
const orFromFile = (failure: CommandFailed, { command, url }: GatewayAt): CommandFailed =>
  failure.exitCode === 3
    ? new CommandFailed({
        exitCode: 3,
        reason: failure.reason ?? `${url} cannot be reached`,
        next: `npm run gatehouse -- ${command} --data var   # without a gateway, from the log's file`
      })
    : failure

/** Asks a running gateway for an explanation, or what else it works out from its log. */
export const asked = Effect.fnUntraced(function* <T>(
  gateway: GatewayAt,
  path: string,
  shape: Schema.ConstraintDecoder<T>
) {
  const response = yield* ask(gateway, path, { accept: "application/json", withinMs, expects: [400, 404] }).pipe(
    Effect.mapError((failure) => orFromFile(failure, gateway))
  )
  if (response.status === 200) return yield* decoded(gateway, response, shape)
  const { detail } = yield* decoded(gateway, response, Problem)
  const exitCode = response.status === 503 ? 3 : 1
  return yield* new CommandFailed({ exitCode, reason: printable(detail), next: "npm run gatehouse -- status" })
})

/** The zone of the site's clocks. */
export const SiteClocks = Schema.Struct({ site: Schema.Struct({ timeZone: Schema.String }) })

/** The instant that was typed; `now` is the newest entry of a log that is read from its file. */
export const instantIn = (text: string, timeZone: string, now: number, command: string) =>
  Effect.try({
    try: () => instantOf(text, { timeZone, now }),
    catch: (cause) =>
      usage(cause instanceof Error ? cause.message : String(cause), `npm run gatehouse -- ${command} --help`)
  })

/** Explains from the log's file; `missing` says what was not in it. */
export const fromFile = Effect.fnUntraced(function* <T>(
  data: string,
  load: () => Promise<ExplainLog>,
  read: (log: ExplainLog) => T | undefined,
  missing: string
) {
  const log = yield* Effect.promise(load)
  const found = yield* Effect.try({
    try: () => read(log),
    catch: (cause) =>
      new CommandFailed({
        exitCode: 3,
        reason: `the log in ${data} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
        next: `ls -l ${quoted(data)}   # a data directory holds gatehouse.db`
      })
  })
  if (found !== undefined) return found
  const next = `npm run gatehouse -- log verify --data ${quoted(data)}`
  return yield* new CommandFailed({ exitCode: 1, reason: `the log in ${data} has ${missing}`, next })
})
