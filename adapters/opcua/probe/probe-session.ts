import { readFileSync } from "node:fs"
import { Effect, type Scope } from "effect"
import type { CredentialsRejected, LinkLost } from "../../adapter.ts"
import { readSecret } from "../../secret.ts"
import type { Certificates } from "../session/certificates.ts"
import { type Connection, openConnection } from "../session/connection.ts"
import type { Library } from "../session/library.ts"
import { failed, type Found, type StepFailed } from "../../probing/steps.ts"
import { readAttributes } from "../nodes/nodes.ts"
import { timeOf } from "../nodes/plain.ts"
import { type Live, openBriefly } from "../session/session.ts"
import { type OpcuaSettings, weaknessesOf } from "../settings.ts"

/** Whether what says who we are can be read at all. */
export const userProblem = ({ user }: OpcuaSettings): StepFailed | undefined => {
  const todo = "start the probe with the environment, and as the user, that the gateway runs with"
  try {
    if (user === "anonymous") return undefined
    if ("username" in user) readSecret(user.password)
    else for (const file of [user.certificate, user.key]) readFileSync(file)
    return undefined
  } catch (cause) {
    return failed(cause instanceof Error ? cause.message : String(cause), todo, { user: true })
  }
}

const todoFor = (cause: LinkLost | CredentialsRejected, { endpoint }: OpcuaSettings): string => {
  const { reason } = cause
  if (/does not trust the gateway's certificate/.test(reason))
    return "approve our certificate at the server, where it lies among those that it has rejected"
  if (/does not take the gateway's certificate/.test(reason))
    return "look at our own certificate by gatehouse certs ls: when it has ended, move it away and start again"
  if (/refuses the user/.test(reason))
    return "check the user at the server, and where the link's settings read the password"
  if (/too many sessions|too busy/.test(reason))
    return "close other clients of the server, or wait until the sessions that nobody closed have ended"
  if (/in clear/.test(reason)) return "set securityMode to SignAndEncrypt, or let the server encrypt passwords"
  return `look into the log of the server at ${endpoint}`
}

const asFailure = (settings: OpcuaSettings) => (cause: LinkLost | CredentialsRejected) =>
  failed(cause.reason, todoFor(cause, settings))

/** The secure channel, open until the scope closes. `shown` is the certificate that was judged. */
export const channelStep = (
  library: Library,
  settings: OpcuaSettings,
  { thumbprint }: Certificates,
  shown: Buffer | undefined
): Effect.Effect<Found<Connection>, StepFailed, Scope.Scope> =>
  openConnection(library, settings, { certificate: settings.securityMode === "None" ? undefined : shown }).pipe(
    Effect.mapError(asFailure(settings)),
    Effect.map((connection) => {
      const { securityMode, securityPolicy } = settings
      if (securityMode !== "None") {
        const said = `${securityMode} with ${securityPolicy}; our own certificate is ${thumbprint}`
        return { value: connection, said, facts: { ourThumbprint: thumbprint } }
      }
      return { value: connection, said: "the channel is not secured, as the link wants it" }
    })
  )

const userWords = ({ user }: OpcuaSettings): string =>
  user === "anonymous" ? "anonymous" : "username" in user ? `as ${user.username}` : `by ${user.certificate}`

/** A session, that is given back when the scope closes. */
export const sessionStep = (
  connection: Connection,
  settings: OpcuaSettings
): Effect.Effect<Found<Live>, StepFailed, Scope.Scope> =>
  Effect.gen(function* () {
    const live = yield* openBriefly(connection, settings).pipe(Effect.mapError(asFailure(settings)))
    const keptSeconds = Math.round(live.session.timeout / 1000)
    const doubts = [
      ...weaknessesOf(settings),
      ...(keptSeconds < settings.sessionTimeoutSeconds
        ? [`it keeps the session for less than the ${settings.sessionTimeoutSeconds} s that were asked for`]
        : [])
    ]
    const said = `${userWords(settings)}; the server keeps the session for ${keptSeconds} s while we are away`
    return {
      value: live,
      said,
      facts: { timeoutSeconds: keptSeconds },
      ...(doubts.length === 0 ? {} : { doubt: doubts.join("; ") })
    }
  })

/** OPC 10000-5, 12.10: what the server says of itself below ServerStatus, and OPC 10000-5, 12.9: its states. */
const statusNodes = ["i=2258", "i=2257", "i=2259", "i=2261", "i=2263", "i=2264"] as const
const states: Readonly<Record<number, string>> = {
  0: "running",
  1: "failed",
  2: "without a configuration",
  3: "suspended",
  4: "shutting down",
  5: "in test",
  6: "in a communication fault",
  7: "in an unknown state"
}

/** A server's own account, and when it was given. */
export interface Told {
  /** Epoch milliseconds; `undefined` where the server has no time. */
  readonly serverAt: number | undefined
  readonly startedAt: number | undefined
  readonly state: number | undefined
  readonly product: string
  /** In the middle between question and answer. */
  readonly ourAt: number
  readonly tookMs: number
}

const text = (value: unknown): string => (typeof value === "string" ? value : "")

/** Asks the server who it is and what time it has. */
export const askServer = (live: Live, now: () => number): Effect.Effect<Told, StepFailed> =>
  Effect.gen(function* () {
    const { AttributeIds, resolveNodeId } = live.library
    const before = now()
    const began = performance.now()
    const values = yield* readAttributes(
      live,
      statusNodes.map((node) => ({ nodeId: resolveNodeId(node), attributeId: AttributeIds.Value }))
    )
    const tookMs = performance.now() - began
    const [time, start, state, product, maker, version] = values.map(({ value }) => value?.value as unknown)
    const names = [text(maker), text(product), text(version)].filter((one) => one !== "").join(" ")
    return {
      serverAt: timeOf(time),
      startedAt: timeOf(start),
      state: typeof state === "number" ? state : undefined,
      product: names === "" ? "a server that does not tell who made it" : names,
      ourAt: before + tookMs / 2,
      tookMs
    }
  }).pipe(
    Effect.mapError(({ message }) =>
      failed(`the server does not tell its own state: ${message}`, "look into the server's own log")
    )
  )

/** Who it is, and whether it runs. */
export const serverStep = ({ product, state, startedAt }: Told): Effect.Effect<Found<void>, StepFailed> => {
  const since = startedAt === undefined ? "" : ` since ${new Date(startedAt).toISOString()}`
  const word = state === undefined ? "in a state that it does not tell" : (states[state] ?? `in state ${state}`)
  const facts = { product, state: state ?? null, startedAt: startedAt ?? null }
  const said = `${product}, ${word}${since}`
  if (state === 0 || state === undefined) return Effect.succeed({ value: undefined, said, facts })
  return Effect.succeed({ value: undefined, said, facts, doubt: "start it, or look into its own log" })
}

/** Devices' clocks may be off by so much before a person is to look: rules widen by what was measured. */
const clockOffMs = 5000

const offWords = (ms: number): string =>
  ms < 1000 ? `${Math.round(ms)} ms` : ms < 120_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`

/** How far the server's clock is off. */
export const clockStep = ({ serverAt, ourAt, tookMs }: Told): Effect.Effect<Found<void>, StepFailed> => {
  if (serverAt === undefined)
    return Effect.succeed({
      value: undefined,
      said: "the server has no time",
      doubt: "set its clock by NTP: until then what it tells is dated when it comes"
    })
  const offsetMs = serverAt - ourAt
  const uncertaintyMs = tookMs / 2
  const facts = { offsetMs: Math.round(offsetMs), uncertaintyMs: Math.round(uncertaintyMs) }
  const way = offsetMs < 0 ? "behind" : "ahead of"
  const said = `it is ${offWords(Math.abs(offsetMs))} ${way} ours, give or take ${offWords(uncertaintyMs)}`
  return Effect.succeed({
    value: undefined,
    said,
    facts,
    ...(Math.abs(offsetMs) - uncertaintyMs > clockOffMs
      ? { doubt: "set the server's clock by NTP, and this machine's" }
      : {})
  })
}
