import type { HashMap } from "effect"
import type { Alert } from "../domain/alert.ts"
import type { AreaStanding } from "../domain/arming.ts"
import type { Campus } from "../domain/campus.ts"
import type { KnownCertificate } from "../domain/certificate.ts"
import type { CommandRecord } from "../domain/command-record.ts"
import type { RefusedConfig } from "../domain/configuration.ts"
import type { ChannelStanding } from "../domain/escalation.ts"
import type { TestAlert } from "./test-alert.ts"
import type { DoorMode, DoorPhysicalState, DoorStanding, LockPhysicalState } from "../domain/door.ts"
import type { Incident } from "../domain/incident.ts"
import type { Flood } from "../domain/flood.ts"
import type { LinkState } from "../domain/link.ts"
import type { Bypass, Maintenance } from "../domain/out-of-service.ts"
import type { PointValue } from "../domain/observation.ts"
import type { ConsoleStanding } from "../domain/console.ts"
import type { Shift } from "../domain/shift.ts"
import type { ThreatLevel } from "../domain/threat-level.ts"
import type { Escalating } from "./escalation/escalating.ts"
import type { Table } from "./table.ts"

/** What a point last said. `since`: when this value began, as far as can be proved. */
export interface PointState {
  readonly reading: PointValue
  readonly since: number
  readonly seq: number
  /** The device's own time of its newest message about this point, for what arrives in the wrong order. */
  readonly deviceTime?: number
  /** The device's own times at which its newest values began, the present one last: how long they lasted, what is told twice. */
  readonly deviceSince?: ReadonlyArray<number>
}

export interface DeviceState {
  readonly availability: "online" | "offline" | "unknown"
  readonly reason: string
  readonly since: number
  readonly lastHeardAt: number | undefined
  /** Its clock is off, ahead of ours by so much when that was found; absent: nothing is known against it. */
  readonly skewed?: { readonly offsetMs: number; readonly since: number }
}

/** A door as the board shows it: what its machine remembers, as far as it is anybody else's. Ask `memoryOf` for the rest. */
export interface DoorState {
  readonly standing: DoorStanding
  readonly position: DoorPhysicalState
  readonly lock: LockPhysicalState
  readonly mode: DoorMode
  readonly since: number
}

/** Where the report of a day is. */
export interface GapReportRef {
  readonly date: string
  readonly seq: number
}

/** A command given to a door, as it is followed. */
export interface FollowedCommand extends CommandRecord {
  readonly idempotencyKey?: string
  /** The reading that shows it done, while the device has not answered yet. */
  readonly shown?: NonNullable<CommandRecord["proof"]>
}

/**
 * All state that matters, as a value: the fold of the log so far. Nothing in it is ever changed in place.
 */
export interface Situation {
  readonly seq: number
  /** The fold's clock: `at` of the newest fact. */
  readonly at: number
  readonly configVersion: string
  readonly campus: Campus | undefined
  /** The configuration that was wanted last, where it was wrong; absent while what is written is in force. */
  readonly refusedConfig?: RefusedConfig | undefined
  readonly points: Table<PointState>
  readonly devices: Table<DeviceState>
  readonly doors: Table<DoorState>
  readonly links: HashMap.HashMap<string, LinkState>
  /** The certificates that links rest on, by whose they are. */
  readonly certificates: HashMap.HashMap<string, KnownCertificate>
  /** The newest commands of each door that has had one, oldest first. */
  readonly commands: HashMap.HashMap<string, ReadonlyArray<FollowedCommand>>
  /** Areas that are armed at times, or were told to be, by id. Of any other, nobody has said anything. */
  readonly arming: HashMap.HashMap<string, AreaStanding>
  /** What an officer has set; `undefined`: the lowest. Ask `threatLevelAt`. */
  readonly threat: ThreatLevel | undefined
  /** Alerts come faster than people can look at them; absent while they do not. */
  readonly flood?: Flood | undefined
  /** Alerts not yet closed, by id. */
  readonly alerts: HashMap.HashMap<string, Alert>
  /** Cases not yet closed, by id. */
  readonly incidents: HashMap.HashMap<string, Incident>
  /** Cameras whose picture does not change, by id, and since when that is known. */
  readonly frozen: HashMap.HashMap<string, number>
  /** How far alerts have been told to people, by alert: of those that asked for somebody under a policy. */
  readonly escalations: HashMap.HashMap<string, Escalating>
  /** How each channel does that has been used or tested, by its id. */
  readonly channels: HashMap.HashMap<string, ChannelStanding>
  /** Where the newest test alert is; absent: none was raised yet. */
  readonly testAlert?: TestAlert | undefined
  /** What is worked on, by `door:<id>`, `device:<id>` or `area:<id>`. */
  readonly maintenance: HashMap.HashMap<string, Maintenance>
  /** Points of doors that are not believed, by their references. */
  readonly bypasses: HashMap.HashMap<string, Bypass>
  /** The newest daily reports of gaps, oldest first: of which day, and the log entry that holds it. */
  readonly gapReports: ReadonlyArray<GapReportRef>
  /** Consoles with which something is amiss, as far as they said so. */
  readonly consoles: ReadonlyArray<ConsoleStanding>
  /** Who works. Ask `onShiftAt`. */
  readonly shift: Shift
  /** The fold's private memory: deadlines, indexes. */
  readonly inner: unknown
}
