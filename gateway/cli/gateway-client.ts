import { Effect, Option, Schema } from "effect"
import { Flag } from "effect/cli"
import { CommandFailed } from "./failure.ts"
import { printable, quoted } from "./output.ts"

const defaultUrl = "http://127.0.0.1:8443"

/** A running gateway, and how a command calls it. */
export interface GatewayAt {
  readonly url: string
  readonly token: string | undefined
  /** The command that asks, for the line to paste when it is refused. */
  readonly command: string
}

/** The flags by which a command finds a running gateway. */
export const gatewayFlags = {
  url: Flag.String("url").pipe(
    Flag.withDescription("Where the gateway is"),
    Flag.withDefault(defaultUrl),
    Flag.filter(
      (url) => URL.canParse(url),
      () => `an address such as ${defaultUrl}`
    )
  ),
  token: Flag.String("token").pipe(
    Flag.withDescription("Bearer token; better given as GATEHOUSE_TOKEN, which other users cannot see"),
    Flag.optional
  )
}

/** What the flags say, the token's environment variable included. */
export const gatewayAt = (url: string, token: Option.Option<string>, command: string): GatewayAt => ({
  url,
  token: Option.getOrUndefined(token) ?? process.env["GATEHOUSE_TOKEN"],
  command
})

/** fetch says only "fetch failed"; what went wrong on the network is its cause. */
export const networkReason = (failure: unknown): string => {
  const reason = failure instanceof Error && failure.cause instanceof Error ? failure.cause : failure
  if (reason instanceof AggregateError && reason.message === "") return networkReason(reason.errors[0])
  return reason instanceof Error ? reason.message : String(reason)
}

/** Exit 3, with the command that brings a gateway up. */
export const unreachable = (url: string, why: string): CommandFailed =>
  new CommandFailed({ exitCode: 3, reason: `${url} cannot be reached: ${why}`, next: "npm run gatehouse -- serve" })

const lineWith = ({ url, command }: GatewayAt, token: string): string =>
  `GATEHOUSE_TOKEN=<${token}> npm run gatehouse -- ${command}${url === defaultUrl ? "" : ` --url ${quoted(url)}`}`

const refused = (gateway: GatewayAt, status: number): CommandFailed =>
  new CommandFailed({
    exitCode: 4,
    reason:
      status === 429
        ? "the gateway refuses the token, and hears no other one for a while: there were too many tries"
        : "the gateway refuses the token",
    next: lineWith(gateway, "the token shown at the first start")
  })

const Refusal = Schema.Struct({ detail: Schema.String })

/** The token is known, and what it is for does not reach as far: the gateway says what is missing and who has it. */
const notAllowed = (gateway: GatewayAt, response: Response): Effect.Effect<never, CommandFailed> =>
  Effect.tryPromise(() => response.json()).pipe(
    Effect.flatMap((body: unknown) => Schema.decodeUnknownEffect(Refusal)(body)),
    Effect.mapError(() => refused(gateway, 403)),
    Effect.flatMap(({ detail }) =>
      Effect.fail(
        new CommandFailed({
          exitCode: 4,
          reason: printable(detail),
          next: lineWith(gateway, "a token of a role that may")
        })
      )
    )
  )

interface Asked {
  readonly accept: string
  readonly headers?: Readonly<Record<string, string>>
  /** Give up when the answer has not begun by then. */
  readonly withinMs: number
  /** What to send; the request is then a POST. */
  readonly post?: unknown
  /** Nothing is sent, and what the path names is to end: a DELETE. */
  readonly ends?: true
  /** Statuses that the command itself knows what to make of. */
  readonly expects?: ReadonlyArray<number>
}

/** Asks the gateway; an answer that is neither a success, nor a 503, nor expected, is a failure with its exit code. */
export const ask = (
  gateway: GatewayAt,
  path: string,
  { accept, headers = {}, withinMs, post, ends, expects = [] }: Asked
): Effect.Effect<Response, CommandFailed> =>
  Effect.tryPromise({
    try: (signal) => {
      const { token } = gateway
      const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
      const sent =
        post === undefined
          ? { ...(ends === true ? { method: "DELETE" } : {}), headers: { accept, ...authorization, ...headers } }
          : {
              method: "POST",
              body: JSON.stringify(post),
              headers: { accept, "content-type": "application/json", ...authorization, ...headers }
            }
      return fetch(new URL(path, gateway.url), { signal, ...sent })
    },
    catch: (failure) => unreachable(gateway.url, networkReason(failure))
  }).pipe(
    Effect.timeoutOrElse({
      duration: withinMs,
      orElse: () => Effect.fail(unreachable(gateway.url, `no answer within ${withinMs / 1000} s`))
    }),
    Effect.flatMap((response): Effect.Effect<Response, CommandFailed> => {
      const { status } = response
      if (status === 401 || status === 429) return Effect.fail(refused(gateway, status))
      if (status === 403) return notAllowed(gateway, response)
      if (status === 200 || status === 503 || expects.includes(status)) return Effect.succeed(response)
      return Effect.fail(unreachable(gateway.url, `it answers ${status}`))
    })
  )
