import { randomBytes } from "node:crypto"
import { readFileSync } from "node:fs"
import { Deferred, Effect, Exit, type Scope } from "effect"
import mqtt, { type IClientOptions, type MqttClient } from "mqtt"
import { CredentialsRejected, LinkLost } from "../adapter.ts"
import type { Message } from "./mapping.ts"
import { type MqttSettings, readSecret, SecretMissing } from "./settings.ts"

/** A broker to listen at, and who we are there. `ca`, `cert` and `key` are paths of PEM files. */
export interface BrokerAccess {
  readonly url: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  /** Absent: MQTT 5, and 3.1.1 where the broker does not know it. */
  readonly protocolVersion?: 4 | 5
}

/** Where a link's broker is. Of an embedded one this is what a client of it uses. Throws `SecretMissing`. */
export const accessOf = ({ broker, host, port, tls }: MqttSettings): BrokerAccess => {
  if (broker === "embedded") {
    const near = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host
    return { url: `${tls === undefined ? "mqtt" : "mqtts"}://${near.includes(":") ? `[${near}]` : near}:${port}` }
  }
  const { url, username, password, protocolVersion } = broker
  return {
    url,
    username,
    password: password === undefined ? undefined : readSecret(password),
    ...(broker.tls === undefined ? {} : { tls: broker.tls }),
    protocolVersion
  }
}

type ListenError = LinkLost | CredentialsRejected

/** Return codes of MQTT 3.1.1 and reason codes of MQTT 5 that refuse who we are. */
const refusesUs: ReadonlySet<number> = new Set([4, 5, 0x86, 0x87, 0x8a, 0x8c])

/** Codes by which a broker says that it does not speak this version. */
const refusesVersion: ReadonlySet<number> = new Set([1, 0x84])

/** The broker may speak an older version: it refused ours, or hung up on it without a word. */
class VersionDoubted extends LinkLost {}

const pem = (what: string, file: string): Buffer => {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new SecretMissing(`the ${what} cannot be read: ${error instanceof Error ? error.message : file}`)
  }
}

const optionsOf = ({ username, password, tls = {} }: BrokerAccess, protocolVersion: 4 | 5): IClientOptions => ({
  // Never the gateway's own id: the broker would throw the gateway out.
  clientId: `gh-discover-${randomBytes(5).toString("hex")}`,
  clean: true,
  protocolVersion,
  reconnectPeriod: 0,
  connectTimeout: 10_000,
  manualConnect: true,
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password }),
  ...(tls.ca === undefined ? {} : { ca: pem("CA's certificate", tls.ca) }),
  ...(tls.cert === undefined ? {} : { cert: pem("certificate", tls.cert) }),
  ...(tls.key === undefined ? {} : { key: pem("certificate's key", tls.key) })
})

/** A failure to connect to several addresses of one name says nothing itself. */
const reasonOf = (error: Error): string => {
  if (error instanceof AggregateError && error.message === "") {
    const [first] = error.errors as ReadonlyArray<unknown>
    return first instanceof Error ? first.message : "no address of the host answers"
  }
  return error.message
}

/** OpenSSL's names for a peer that wants a certificate, or another one than ours. */
const refusesCertificate = /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/

const errorOf = (error: Error, protocolVersion: 4 | 5): ListenError => {
  const given = "code" in error ? error.code : undefined
  if (typeof given === "string" && refusesCertificate.test(given))
    return new CredentialsRejected({ reason: `the broker refuses our certificate, or wants one (${given})` })
  const code = typeof given === "number" ? given : undefined
  if (code === undefined) return new LinkLost({ reason: reasonOf(error) })
  if (refusesUs.has(code)) return new CredentialsRejected({ reason: `the broker refuses us (${error.message})` })
  const reason = `the broker refuses the connection (${error.message})`
  return protocolVersion === 5 && refusesVersion.has(code) ? new VersionDoubted({ reason }) : new LinkLost({ reason })
}

interface Connected {
  readonly client: MqttClient
  /** Ends when the connection does. */
  readonly lost: Effect.Effect<never, ListenError>
}

const connect = Effect.fnUntraced(function* (
  broker: BrokerAccess,
  protocolVersion: 4 | 5,
  hear: (message: Message) => void
) {
  const lost = yield* Deferred.make<never, ListenError>()
  const accepted = yield* Deferred.make<void>()
  const lose = (error: ListenError): void => void Deferred.doneUnsafe(lost, Exit.fail(error))
  const client = yield* Effect.acquireRelease(
    Effect.try({
      try: () => {
        const opened = mqtt.connect(broker.url, optionsOf(broker, protocolVersion))
        let connected = false
        opened.on("connect", () => {
          connected = true
          Deferred.doneUnsafe(accepted, Exit.void)
        })
        opened.on("error", (error) => lose(errorOf(error, protocolVersion)))
        opened.on("close", () => {
          const reason = connected ? "the connection was closed" : "the broker does not answer"
          lose(connected || protocolVersion === 4 ? new LinkLost({ reason }) : new VersionDoubted({ reason }))
        })
        opened.on("message", (topic, payload, { retain }) =>
          hear({ topic, payload, retained: retain, receivedAt: Date.now() })
        )
        opened.connect()
        return opened
      },
      catch: (cause): ListenError =>
        cause instanceof SecretMissing
          ? new CredentialsRejected({ reason: cause.message })
          : new LinkLost({ reason: cause instanceof Error ? cause.message : String(cause) })
    }),
    (opened) => Effect.callback<void>((resume) => void opened.end(true, {}, () => resume(Effect.void)))
  )
  yield* Effect.raceFirst(Deferred.await(accepted), Deferred.await(lost))
  return { client, lost: Deferred.await(lost) }
})

const connectAsItCan = (
  broker: BrokerAccess,
  hear: (message: Message) => void
): Effect.Effect<Connected, ListenError, Scope.Scope> =>
  broker.protocolVersion === undefined
    ? connect(broker, 5, hear).pipe(
        Effect.catch((error) => (error instanceof VersionDoubted ? connect(broker, 4, hear) : Effect.fail(error)))
      )
    : connect(broker, broker.protocolVersion, hear)

/** The filters that the broker refuses. */
const subscribe = (
  client: MqttClient,
  filters: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<string>, LinkLost> =>
  Effect.callback((resume) => {
    const wanted = Object.fromEntries(filters.map((filter) => [filter, { qos: 0 as const, rap: false }]))
    client.subscribe(wanted, (error, _, suback) => {
      // MQTT 3.1.1, 3.9.3 and MQTT 5, 3.9.3: 0x80 and above refuse.
      const granted = suback?.granted as ReadonlyArray<unknown> | undefined
      if (granted !== undefined)
        return resume(
          Effect.succeed(filters.filter((__, nth) => typeof granted[nth] !== "number" || granted[nth] >= 0x80))
        )
      resume(Effect.fail(new LinkLost({ reason: `the subscription failed: ${error?.message ?? "no answer"}` })))
    })
  })

/** A broker being listened to, until the scope closes. */
export interface Listening {
  /** What the broker did not let us hear. */
  readonly refused: ReadonlyArray<string>
  /** Fails when the connection is lost. */
  readonly lost: Effect.Effect<never, ListenError>
}

/**
 * Listens at a broker in a session that leaves nothing behind: `filters` are asked for in their order, each list only
 * when the one before it was refused whole. Publishes nothing, and acknowledges nothing on anybody's behalf.
 */
export const listen = Effect.fnUntraced(function* (
  broker: BrokerAccess,
  filters: ReadonlyArray<ReadonlyArray<string>>,
  hear: (message: Message) => void
): Effect.fn.Return<Listening, ListenError, Scope.Scope> {
  const { client, lost } = yield* connectAsItCan(broker, hear)
  const refused: Array<string> = []
  for (const wanted of filters) {
    const not = yield* Effect.raceFirst(subscribe(client, wanted), lost)
    refused.push(...not)
    if (not.length < wanted.length) return { refused, lost }
  }
  return yield* new CredentialsRejected({ reason: `the broker lets us hear nothing: not ${refused.join(", ")}` })
})
