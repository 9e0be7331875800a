import type { EpochMs } from "../../gateway/domain/ids.ts"
import type { DoorOptions } from "../campus/door-machine.ts"

/** The namespace that all our panels have in common: the maker's, so to say. */
export const panelNamespace = "urn:gatehouse:access-panel"

/** A reader at one side of a door. */
export interface ReaderOptions {
  readonly token: string
  /** Token of the door it opens. */
  readonly door: string
}

/** One panel of a server. */
export interface PanelOptions {
  /** Names the panel to us; the server does not know it. */
  readonly id: string
  /** Browse names from the Objects folder to the panel, whose doors are below `Doors`; empty: the Objects folder itself. */
  readonly path: ReadonlyArray<string>
  /** Their tokens are unique at the server. */
  readonly doors: ReadonlyArray<DoorOptions>
  readonly readers: ReadonlyArray<ReaderOptions>
}

export interface User {
  readonly name: string
  readonly password: string
}

/** A server of access panels. */
export interface ServerOptions {
  /** Absent: loopback. */
  readonly host?: string
  readonly port: number
  /** The folder of its certificates: each server has one of its own. */
  readonly pki: string
  /** Absent: one that names host and port. */
  readonly applicationUri?: string
  readonly panels: ReadonlyArray<PanelOptions>
  /** Who may ask; absent: anybody. */
  readonly users?: ReadonlyArray<User>
  /** Takes every client certificate; absent: those in the folder's `trusted/certs` alone. */
  readonly trustsEverybody?: boolean
  /** How a client may speak with it; absent: all three. */
  readonly securityModes?: ReadonlyArray<"None" | "Sign" | "SignAndEncrypt">
  /** The time that the server believes it to be, epoch milliseconds; absent: the machine's. */
  readonly clock?: () => EpochMs
}
