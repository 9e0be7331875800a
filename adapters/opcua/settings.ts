import { Effect, Schema } from "effect"
import { isLoopback } from "../loopback.ts"
import { SecretReference } from "../secret.ts"

const orElse = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

const between = (minimum: number, maximum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum })))

/** Who we are at the server: nobody, a name with its password, or a certificate (paths of PEM files). */
export const OpcuaUser = Schema.Union([
  Schema.Literal("anonymous"),
  Schema.Struct({ username: Schema.NonEmptyString, password: SecretReference }),
  Schema.Struct({ certificate: Schema.NonEmptyString, key: Schema.NonEmptyString })
]).annotate({ identifier: "OpcuaUser" })
export type OpcuaUser = typeof OpcuaUser.Type

/** Events from this severity on (0 to 1000) have this priority. */
export const SeverityBand = Schema.Struct({ from: between(0, 1000), priority: Schema.Literals([1, 2, 3, 4]) })
export type SeverityBand = typeof SeverityBand.Type

/** Five bands of 200 (OPC 40250-1, table 10), the lowest two of them alike. */
const usualBands: ReadonlyArray<SeverityBand> = [
  { from: 0, priority: 4 },
  { from: 401, priority: 3 },
  { from: 601, priority: 2 },
  { from: 801, priority: 1 }
]

/** Today's policies; Basic128Rsa15 and Basic256 are withdrawn (OPC 10000-7) and not spoken. */
const policies = ["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"] as const

/** The `settings` of a link whose adapter is `opcua`: one OPC UA server. */
export const OpcuaSettings = Schema.Struct({
  endpoint: Schema.String.pipe(
    Schema.check(
      Schema.isPattern(/^opc\.tcp:\/\/[^/\s@?#]+(\/[^\s@?#]*)?$/, {
        expected: 'the address of a server without a user in it, such as "opc.tcp://panel-7.example:4840"'
      })
    )
  ),
  /** The server's own URI. Another server that answers at the address is turned away. */
  applicationUri: Schema.optionalKey(Schema.NonEmptyString),
  /** None must be asked for: anybody on the way could read, invent and change what doors say. */
  securityMode: orElse(Schema.Literals(["None", "Sign", "SignAndEncrypt"]), "SignAndEncrypt"),
  securityPolicy: orElse(Schema.Literals(policies), "Basic256Sha256"),
  user: orElse(OpcuaUser, "anonymous"),
  /** The folder with our certificate and those we trust; links may share it. */
  pki: orElse(Schema.NonEmptyString, "var/pki"),
  /** The folder that remembers the subscription over a restart of the gateway. */
  state: orElse(Schema.NonEmptyString, "var/opcua"),
  /** How long the server keeps our session while we are away. Anonymous links lose what comes after it. */
  sessionTimeoutSeconds: orElse(between(10, 86_400), 60),
  /** How long the server is to queue what we miss while away, so far as its queues reach. */
  subscriptionLifetimeSeconds: orElse(between(60, 7 * 86_400), 3600),
  publishingIntervalMs: orElse(between(50, 60_000), 250),
  /** Events the server is asked to queue for each source; what it grants is told. */
  queueSize: orElse(between(1, 1_000_000), 5000),
  /** Nodes that came and went are looked for this often, beside each new connection and each word of the server. */
  lookForNodesMinutes: orElse(between(1, 1440), 10),
  severity: orElse(Schema.NonEmptyArray(SeverityBand), usualBands as [SeverityBand, ...Array<SeverityBand>]),
  /** What an officer's acknowledgement does at the server. */
  acknowledge: orElse(Schema.Literals(["none", "acknowledge", "acknowledge+confirm"]), "none"),
  /** Whether officers' notes go to the server, as comments of its conditions. */
  comments: orElse(Schema.Boolean, false),
  /** Whether what officers shelve is shelved at the server, too. */
  shelving: orElse(Schema.Boolean, false)
}).annotate({ identifier: "OpcuaSettings" })
export type OpcuaSettings = typeof OpcuaSettings.Type

/** The priority of a severity: that of the highest band it reaches, the lowest band's below all. */
export const priorityOf = (bands: ReadonlyArray<SeverityBand>, severity: number): SeverityBand["priority"] => {
  const sorted = bands.toSorted((one, other) => other.from - one.from)
  return (sorted.find(({ from }) => severity >= from) ?? sorted.at(-1))?.priority ?? 4
}

const hostOf = (endpoint: string): string => /^opc\.tcp:\/\/(\[[^\]]*\]|[^:/]*)/.exec(endpoint)?.[1] ?? ""

/**
 * What such a link leaves unprotected, for people. A server takes a subscription over into a new session only for the same
 * user, and for nobody only on a secured channel (OPC 10000-4, 5.14.7). On one machine nobody is on the way.
 */
export const weaknessesOf = ({ endpoint, securityMode, user }: OpcuaSettings): ReadonlyArray<string> => {
  const weaknesses: Array<string> = []
  if (securityMode === "None" && !isLoopback(hostOf(endpoint))) {
    const password =
      typeof user === "object" && "username" in user ? ", and the password can be had by who sits in between" : ""
    weaknesses.push(
      `it is not secured: what doors say can be read and changed on the way${password}; set securityMode to SignAndEncrypt`
    )
  }
  if (user === "anonymous") {
    const refuses = securityMode === "None" ? "refuses" : "may refuse"
    weaknesses.push(
      `it has no user: the server ${refuses} to make up for what is missed while the session is gone or the gateway starts; give it a user`
    )
  }
  return weaknesses
}

/** Whether a server may let another session have the subscription at all. */
export const mayResume = ({ securityMode, user }: OpcuaSettings): boolean =>
  securityMode !== "None" || user !== "anonymous"
