import type { Plan } from "../../domain/plan.ts"
import type { FloodCampus } from "../../alerts/flood-causes.ts"
import type { GapKind } from "../../domain/gap.ts"
import type { NotificationState } from "../../domain/notification.ts"
import type { AlertCondition, AlertTransition, Outcome, Priority } from "../../domain/alert.ts"
import type { ArmingState } from "../../domain/arming.ts"
import type { CommandOutcome, CommandState } from "../../domain/command-record.ts"
import type { DoorCommand } from "../../domain/command.ts"
import type { DoorMode, DoorStanding, LockPhysicalState, DoorPhysicalState } from "../../domain/door.ts"
import type { LinkState } from "../../domain/link.ts"
import type { WriteBackKind, WriteBackState } from "../../domain/panel-condition.ts"

import type { Checklist, Incident } from "./incident-wire.ts"

/** An ISO 8601 instant: times are epoch milliseconds inside the gateway and ISO on the wire. */
export type Instant = string

/** One measured fact behind an alert. */
export interface Reason {
  readonly seq?: number
  readonly at: Instant
  readonly text: string
}

/** Which frame: of which camera, and how far from which happening it was wanted. */
interface FrameOf {
  readonly camera: string
  readonly offsetSeconds: number
  readonly occurredAt: Instant
}

/** A frame that is kept; its picture lies under its hash. */
export interface KeptFrame extends FrameOf {
  readonly takenAt: Instant
  readonly hash: string
}

/** A frame of an alert: kept, missing with the reason, or still to come. */
export type Frame = KeptFrame | (FrameOf & { readonly missing: string }) | (FrameOf & { readonly dueAt: Instant })

/** An officer's act on its way to a panel; absent `kind`: an acknowledgement. */
export interface WriteBack {
  readonly kind?: WriteBackKind
  readonly state: WriteBackState
  readonly by: string
  readonly note?: string
  readonly detail?: string
}

/** A condition of a panel behind an alert, and how far officers' acts have come there. */
export interface PanelCondition {
  readonly device: string
  readonly id: string
  readonly branch?: string
  readonly acked: boolean
  readonly ackedBy?: string
  readonly comment?: string
  readonly writeBack?: WriteBack
  /** Notes and shelving, oldest first. */
  readonly besides?: ReadonlyArray<WriteBack>
}

/** Why an alert makes no sound for a while, and until when. */
export interface Shelving {
  readonly by: string
  readonly reason: string
  readonly until: Instant
  readonly oneShot?: true
  /** How often the condition came meanwhile. */
  readonly meanwhile: number
}

/** Why an alert makes no sound: what it is about is worked on, or was when it came last. */
export interface OutOfService {
  readonly key: string
  readonly by: string
  readonly reason: string
  readonly until: Instant
  readonly meanwhile: number
  /** The work is over, and the condition was normal by then. */
  readonly endedAt?: Instant
}

/** Something that is not protected right now. */
export interface Gap {
  readonly id: string
  readonly kind: GapKind
  readonly severity: Priority
  readonly title: string
  readonly door?: string
  readonly device?: string
  readonly area?: string
  readonly since?: Instant
  readonly owner: string
  readonly reason: string
  readonly until?: Instant
  readonly todo: string
}

/** An alert as the API and the stream send it. `where` comes from the lists only. */
export interface Alert {
  readonly id: string
  readonly condition: AlertCondition
  readonly key: string
  readonly door?: string
  readonly device?: string
  readonly area?: string
  readonly where?: string
  readonly priority: Priority
  readonly validationLevel: number
  readonly title: string
  readonly active: boolean
  readonly acknowledged: boolean
  readonly closed: boolean
  readonly resolvedByLateEvidence: boolean
  readonly count: number
  readonly occurredAt: Instant
  readonly raisedAt: Instant
  readonly updatedAt: Instant
  readonly acknowledgedBy?: string
  readonly acknowledgedAt?: Instant
  /** Who has it in hand. */
  readonly claimed?: { readonly by: string; readonly at: Instant }
  readonly shelved?: Shelving
  readonly outOfService?: OutOfService
  /** What its rule says to do. */
  readonly procedure?: string
  /** Its procedure, step by step. */
  readonly checklist?: Checklist
  /** What is not told by itself while this one is active. */
  readonly holdsBack?: ReadonlyArray<{ readonly title: string }>
  readonly chattering?: { readonly times: number }
  readonly closedBy?: string
  readonly closedAt?: Instant
  readonly outcome?: Outcome
  readonly rule: string
  readonly why: ReadonlyArray<Reason>
  readonly evidence?: ReadonlyArray<Frame>
  readonly panelConditions?: ReadonlyArray<PanelCondition>
}

/** A fact or an event of the log: the console reads its tag, its time and the few words that it shows. */
export interface Happening {
  readonly _tag: string
  readonly at?: Instant
  readonly [field: string]: unknown
}

/** One step of an alert's life. */
export interface AlertChange {
  readonly transition: AlertTransition
  readonly at: Instant
  readonly by: string
  readonly note?: string
  readonly why: ReadonlyArray<Reason>
  readonly alert: Alert
}

/** One step of a case's life, as far as a line of the log tells it. */
export interface IncidentStep {
  readonly transition: string
  readonly at: Instant
  readonly by: string
  readonly note?: string
  readonly incident: Incident
}

/** How far a notification has come, as far as a line of the log tells it. */
export interface NotificationStep {
  readonly state: string
  readonly at: Instant
  readonly person?: string
  readonly channel: string
  readonly detail?: string
}

interface Common {
  readonly seq: number
  readonly recordedAt: Instant
  readonly device?: string
  readonly door?: string
  readonly alert?: string
}

/** One line of the security log. */
export type Entry = Common &
  (
    | { readonly _tag: "Fact"; readonly fact: Happening; readonly event?: Happening }
    | { readonly _tag: "Event"; readonly cause: number; readonly event: Happening }
    | { readonly _tag: "Alert"; readonly cause: number; readonly change: AlertChange }
    | { readonly _tag: "Incident"; readonly cause: number; readonly change: IncidentStep }
    | { readonly _tag: "Notification"; readonly cause: number; readonly notification: NotificationStep }
  )

/** Who was told of an alert; `telling` is null while nobody is asked. */
export interface NotificationsTold {
  readonly telling: { readonly policy: string; readonly round: number; readonly dueAt?: Instant } | null
  readonly items: ReadonlyArray<{
    readonly id: string
    readonly step: number
    readonly round: number
    readonly person?: string
    readonly name?: string
    readonly channel: string
    readonly state: NotificationState
    readonly queuedAt: Instant
    readonly at: Instant
    readonly attempts: number
    readonly detail?: string
  }>
}

/** The stream's sign of life, every 10 s. `accepting` is false while the store refuses. */
export interface Heartbeat {
  readonly at: Instant
  readonly head: number
  readonly accepting: boolean
}

/** A command given to a door, and how far it has come. */
export interface CommandTold {
  readonly id: string
  readonly command: DoorCommand
  readonly by: string
  readonly reason?: string
  readonly at: Instant
  readonly state: CommandState
  readonly answer?: { readonly at: Instant; readonly outcome: CommandOutcome; readonly detail?: string }
  readonly proof?: { readonly at: Instant; readonly mode: DoorMode; readonly position: DoorPhysicalState }
}

/** A door as the door board shows it. */
export interface Door {
  readonly id: string
  readonly name: string
  readonly area: string
  readonly where: string
  readonly standing: DoorStanding
  readonly position: DoorPhysicalState
  readonly lock: LockPhysicalState
  readonly mode: DoorMode
  readonly since: Instant | null
  /** What it can be told now; when nothing, `noCommands` says why. */
  readonly commands: ReadonlyArray<DoorCommand>
  readonly noCommands?: string
  readonly lastCommand?: CommandTold
}

/** A device and whether it is there. */
export interface Device {
  readonly id: string
  readonly name?: string
  readonly link: string
  readonly availability: "online" | "offline" | "unknown"
  readonly reason: string
  readonly since: Instant | null
}

/** An area, whether it is armed, and what decides that. */
export interface Area {
  readonly id: string
  readonly name: string
  readonly where: string
  readonly in?: string
  readonly state: ArmingState
  /** null: nobody has ever said when it is armed. */
  readonly since: Instant | null
  readonly because: string
  readonly override?: { readonly until: Instant; readonly by: string; readonly reason: string }
}

/** The site's threat level, and who set it. */
export interface ThreatLevel {
  readonly level: string
  /** Lowest first. */
  readonly levels: ReadonlyArray<string>
  readonly by?: string
  readonly reason?: string
  readonly until?: Instant
}

/** A link and its state. */
export interface Link {
  readonly id: string
  readonly state: LinkState
  /** What its settings leave unprotected. */
  readonly weaknesses?: ReadonlyArray<string>
}

/** The campus, as far as the console needs it: where things are and what they are called, and in which time zone. */
export interface Campus extends FloodCampus {
  readonly site: { readonly id: string; readonly name: string; readonly timeZone: string }
  readonly areas: ReadonlyArray<{ readonly id: string; readonly name: string; readonly in?: string }>
  readonly doors: ReadonlyArray<
    {
      readonly id: string
      readonly name: string
      readonly area: string
      readonly times?: Readonly<Record<string, number>>
    } & FloodCampus["doors"][number]
  >
  readonly devices: ReadonlyArray<{ readonly name?: string } & FloodCampus["devices"][number]>
  readonly cameras: ReadonlyArray<{ readonly id: string; readonly name: string; readonly device?: string }>
  readonly plans?: ReadonlyArray<Plan>
  readonly people?: ReadonlyArray<{ readonly id: string; readonly name: string }>
  /** `clery: false`: no Clery log is kept there. */
  readonly incidents?: { readonly clery?: boolean }
  readonly rules?: ReadonlyArray<{ readonly id: string }>
  readonly schedules?: ReadonlyArray<{ readonly id: string }>
}

/** Alerts come faster than people can look at them. */
export interface Flood {
  readonly since: Instant
  /** How many new ones came since. */
  readonly count: number
}

/** What became of several alerts that were to be acknowledged for one reason. */
export interface AcknowledgedSeveral {
  readonly acknowledged: ReadonlyArray<Alert>
  readonly refused: ReadonlyArray<{ readonly id: string; readonly why: string }>
}

/** Why an alert was raised, and what happened around it. */
export interface Explanation {
  readonly alert: Alert
  readonly reasons: ReadonlyArray<Reason>
  readonly timeline: ReadonlyArray<Entry>
}

/** A page of a list; `next` is the cursor of the one after it. */
export interface Page<Item> {
  readonly items: ReadonlyArray<Item>
  readonly next?: string | number | null
}
