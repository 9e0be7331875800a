import type { Effect, Scope } from "effect"
import type { CredentialsRejected, LinkLost } from "../../adapters/adapter.ts"
import type { Device } from "../domain/campus.ts"
import type { LinkSettings, Settings } from "../settings/load-settings.ts"
import type { CommandFailed } from "./failure.ts"

/** A way in that a server offers. */
export interface OpcuaOffer {
  readonly mode: string
  readonly policy: string
  readonly users: ReadonlyArray<string>
  readonly level: number
}

/** The certificate that a server shows. */
export interface OpcuaCertificate {
  readonly thumbprint: string
  readonly subject: string
  readonly applicationUri: string | undefined
  readonly validFrom: string
  readonly validTo: string
}

/** What a server shows to anybody. */
export interface OpcuaShown {
  readonly offers: ReadonlyArray<OpcuaOffer>
  readonly applicationUri: string | undefined
  readonly name: string | undefined
  readonly shown: OpcuaCertificate | undefined
  readonly judgement:
    | { readonly _tag: "Trusted" }
    | { readonly _tag: "Untrusted" }
    | { readonly _tag: "Unacceptable"; readonly why: string }
    | undefined
  readonly replaces: boolean
}

/** A place where a profile fits. */
export interface OpcuaDevice {
  readonly address: string
  readonly path: string
  readonly profile: string
  readonly others: ReadonlyArray<string>
  readonly parameters: Readonly<Record<string, string>>
  readonly variables: { readonly there: number; readonly wanted: number }
  readonly eventTypes: { readonly there: number; readonly wanted: number }
  readonly points: ReadonlyArray<{ readonly point: string; readonly kind: string; readonly value: string }>
  readonly missing: ReadonlyArray<string>
  readonly configured: string | undefined
}

/** Objects that are alike, of which no profile reads anything. */
export interface OpcuaStray {
  readonly path: string
  readonly count: number
  readonly names: ReadonlyArray<string>
  readonly variables: ReadonlyArray<{
    readonly name: string
    readonly kind: string
    readonly value: string
    readonly guess: string | undefined
  }>
  readonly isDoor: boolean
  readonly notifies: boolean
  readonly namespaces: Readonly<Record<string, string>>
  readonly suggestions: ReadonlyArray<Readonly<Record<string, unknown>>>
}

/** What was found at a server until now. */
export interface OpcuaFound {
  readonly devices: ReadonlyArray<OpcuaDevice>
  readonly strays: ReadonlyArray<OpcuaStray>
  readonly eventTypes: ReadonlyArray<{
    readonly name: string
    readonly browseName: string
    readonly below: ReadonlyArray<string>
    readonly fields: ReadonlyArray<string>
  }>
  readonly notifiers: ReadonlyArray<string>
  readonly conditions: ReadonlyArray<{ readonly name: string; readonly type: string; readonly count: number }>
  readonly silent: ReadonlyArray<string>
  readonly untold: ReadonlyArray<string>
  readonly namespaces: ReadonlyArray<string>
  readonly nodes: number
  readonly stopped: ReadonlyArray<"depth" | "nodes" | "time">
}

/** How far a server is looked at. */
export interface OpcuaBounds {
  readonly depthMax: number
  readonly nodesMax: number
  readonly withinMs: number
}

/** Who we are at a server that is no link's, and how its channel is secured. Left out: what the server offers best. */
export interface OpcuaAccess {
  readonly securityMode: "None" | "Sign" | "SignAndEncrypt" | undefined
  readonly securityPolicy: string | undefined
  readonly user:
    | "anonymous"
    | { readonly username: string; readonly password: { readonly env: string } | { readonly file: string } }
    | { readonly certificate: string; readonly key: string }
    | undefined
}

/** The server that is meant. */
export interface OpcuaServer {
  readonly endpoint: string
  /** The link of the configuration that goes there. */
  readonly link: LinkSettings | undefined
  /** The folder of certificates by which it is judged. */
  readonly pki: string
  /** Whether its link secures the channel; `undefined` where it has none. */
  readonly secured: boolean | undefined
  /** The devices that are configured at it. */
  readonly devices: ReadonlyArray<Device>
}

/** A session with a server, that is being looked at. */
export interface OpcuaLooking {
  /** `SignAndEncrypt with Basic256Sha256, as gatehouse` */
  readonly as: string
  readonly count: () => number
  readonly found: () => OpcuaFound
  readonly done: Effect.Effect<void, LinkLost | CredentialsRejected>
}

/** What `discover opcua` needs of the gateway. */
export interface DiscoverOpcuaParts {
  /** Throws `SettingsRefused`. */
  readonly settings: (paths: ReadonlyArray<string>) => Settings
  /** Where a link goes to, and how; `undefined` for a link of another protocol. */
  readonly serverOf: (
    link: LinkSettings
  ) => { readonly endpoint: string; readonly pki: string; readonly secured: boolean } | undefined
  /** Asks what the server offers. Neither user nor password is sent. */
  readonly outside: (server: OpcuaServer) => Effect.Effect<OpcuaShown, LinkLost | CredentialsRejected, Scope.Scope>
  /** Opens a session, and looks until the scope closes. */
  readonly inside: (
    server: OpcuaServer,
    access: OpcuaAccess,
    shown: OpcuaShown,
    bounds: OpcuaBounds,
    settings: Settings | undefined
  ) => Effect.Effect<OpcuaLooking, LinkLost | CredentialsRejected | CommandFailed, Scope.Scope>
}
