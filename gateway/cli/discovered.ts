import type { Effect, Scope } from "effect"
import type { CredentialsRejected, LinkLost } from "../../adapters/adapter.ts"
import type { Device } from "../domain/campus.ts"
import type { LinkSettings, Settings } from "../settings/load-settings.ts"
import type { DiscoverOpcuaParts } from "./discover-opcua-found.ts"
import type { CommandFailed } from "./failure.ts"

/** A device on the broker, as it was recognised. */
export interface FoundDevice {
  readonly address: string
  readonly profile: string
  /** Other profiles that can read what it says. */
  readonly others: ReadonlyArray<string>
  /** What it has to set, where its topics are not the profile's usual ones. */
  readonly parameters: Readonly<Record<string, string>>
  /** False: only its presence was heard, on a topic that many products use. */
  readonly sure: boolean
  /** `value` is absent for a point that was announced and not heard. */
  readonly points: ReadonlyArray<{ readonly point: string; readonly kind: string; readonly value?: string }>
  readonly availability?: string
  readonly messages: number
  readonly unreadable: number
  readonly why?: string
  /** A topic it spoke on; absent when it was only announced. */
  readonly topic?: string
  /** The address of the bridge it is behind, of the same profile. */
  readonly bridge?: string
  /** The id of the configured device that it is. */
  readonly configured?: string
}

/** What Home Assistant discovery says of a point that no profile reads. */
export interface FoundProposal {
  readonly announcedBy: string
  readonly device: string
  readonly topic: string
  readonly point: string
  readonly kind: string
  /** One line of a profile's `readings`, or with a `word` of its `occurrences`; absent when the announcement's template is more than a path. */
  readonly mapping?: Readonly<Record<string, unknown>>
  readonly template?: string
}

/** What was heard on a broker. */
export interface Found {
  readonly devices: ReadonlyArray<FoundDevice>
  readonly proposals: ReadonlyArray<FoundProposal>
  readonly unrecognised: ReadonlyArray<{ readonly prefix: string; readonly topics: number; readonly messages: number }>
  /** Configured devices of which nothing was heard. */
  readonly silent: ReadonlyArray<string>
  readonly messages: number
}

/** A broker being listened to. */
export interface Hearing {
  /** What the broker did not let us subscribe to. */
  readonly refused: ReadonlyArray<string>
  /** How many devices there seem to be until now. */
  readonly count: () => number
  readonly found: () => Found
  /** Fails when the connection is lost. */
  readonly lost: Effect.Effect<never, LinkLost | CredentialsRejected>
}

/** Where and how to listen; what is given beside a link overrides the link's own. */
export interface Listen {
  readonly link: LinkSettings | undefined
  readonly url: string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  readonly devices: ReadonlyArray<Device>
  readonly profilesDirectory: string
  readonly timeZone: string
}

/** What `discover` needs of the gateway. */
export interface DiscoverParts {
  /** Throws `SettingsRefused`. */
  readonly settings: (paths: ReadonlyArray<string>) => Settings
  /** Where the broker of a link is; undefined for a link of another protocol. */
  readonly brokerOf: (link: LinkSettings) => string | undefined
  /** Listens until the scope closes, in a session that leaves nothing behind. */
  readonly listen: (
    options: Listen
  ) => Effect.Effect<Hearing, LinkLost | CredentialsRejected | CommandFailed, Scope.Scope>
  /** What `discover opcua` looks with. */
  readonly opcua: () => Promise<DiscoverOpcuaParts>
}
