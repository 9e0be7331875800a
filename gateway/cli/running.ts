import type { Effect, Scope } from "effect"
import type { Person } from "../domain/person.ts"
import type { Entry } from "../log/entry.ts"
import type { Settings } from "../settings/load-settings.ts"

/** The way in to a gateway that has started. */
export interface Entrance {
  /** Where the console is: `http://127.0.0.1:8443`. */
  readonly url: string
  /** The token made at the very first start; told once, kept only as a hash. */
  readonly firstToken: string | undefined
  /** Enrolment links, below `url`, of administrators who have no password yet; each told once. */
  readonly invitations: ReadonlyArray<{ readonly name: string; readonly path: string }>
  /** Makes a token that opens the console as this person, in place of the one before. For the demonstration alone. */
  readonly tokenOf: (person: Person) => string
}

/** A gateway that has started, as a command sees it. */
export interface RunningGateway extends Entrance {
  /** Alerts nobody has closed yet. */
  readonly openAlerts: number
  /** Completes once these links hold. */
  readonly online: (links: ReadonlyArray<string>) => Effect.Effect<void>
  /** Entries of each batch, after their commit. The answer ends the subscription. */
  readonly subscribe: (listener: (entries: ReadonlyArray<Entry>) => void) => () => void
}

/** How a command starts a gateway in its own process. */
export interface Starter {
  /** Throws `SettingsRefused`. */
  readonly settings: (paths: ReadonlyArray<string>) => Settings
  /**
   * Starts everything; stops everything, adapters first and the log last, when the scope closes. `paths`: where the settings
   * were read, to be read anew when they change; left out, they stay as they are.
   */
  readonly start: (
    settings: Settings,
    paths?: ReadonlyArray<string>
  ) => Effect.Effect<RunningGateway, Error, Scope.Scope>
}
