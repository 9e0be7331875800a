import type { Effect } from "effect"
import type { AcknowledgedSeveral, ShelveFor } from "../alerts/alerts.ts"
import type { Incidents } from "../alerts/incidents.ts"
import type { Procedures } from "../alerts/procedures.ts"
import type { ArmingOrder, ThreatOrder } from "../commands/areas.ts"
import type { Choices, Order } from "../commands/commands.ts"
import type { Alert, Outcome } from "../domain/alert.ts"
import type { Door } from "../domain/campus.ts"
import type { CommandRecord } from "../domain/command-record.ts"
import type { Gap } from "../domain/gap.ts"
import type { PointRef } from "../domain/ids.ts"
import type { Bypass, Maintenance, ServicedThing } from "../domain/out-of-service.ts"
import type { GapReport } from "../gaps/gaps.ts"
import type { Servicing } from "../gaps/servicing.ts"
import type { LinkState } from "../domain/link.ts"
import type { Answers, Ask } from "../explain/ask.ts"
import type { Person } from "../domain/person.ts"
import type { Intake } from "../intake/intake.ts"
import type { Entry } from "../log/entry.ts"
import type { Inbound } from "../notify/inbound/inbound.ts"
import type { OutboxStanding } from "../notify/notifier.ts"
import type { PushRegistrations } from "../notify/push/registrations.ts"
import type { Journal } from "../log/journal/journal.ts"
import type { AlertQuery, SecurityLog } from "../log/security-log.ts"
import type { EvidenceCounts, EvidencePicture } from "../evidence/evidence.ts"
import type { TestedChannel } from "../notify/notifier.ts"
import type { Reloaded } from "../settings/configuration.ts"
import type { Replays } from "../replay/replays.ts"
import type { ChannelSettings } from "../settings/load-settings.ts"
import type { Guard } from "./guard.ts"
import type { Credentials } from "./credentials.ts"
import type { Sessions } from "./sessions.ts"
import type { SignIn } from "./sign-in.ts"
import type { Tokens } from "./tokens.ts"
import type { Consoles } from "./consoles.ts"
import type { EntryStream } from "./stream.ts"

/** Why an alert fired: each measured fact, in an officer's words, with the log entry that holds it. */
export interface AlertExplanation {
  readonly alert: Alert
  readonly reasons: ReadonlyArray<{
    readonly at: number
    readonly text: string
    readonly seq?: number
    readonly entry?: Entry
  }>
  readonly timeline: ReadonlyArray<Entry>
}

/** What the routes need of the alerts. Every failure carries a `_tag` that `problemOf` knows. */
export interface AlertSource {
  readonly list: (query: AlertQuery) => Effect.Effect<ReadonlyArray<Alert>, TaggedFailure>
  readonly one: (id: string) => Effect.Effect<Alert, TaggedFailure>
  readonly acknowledge: (id: string, by: string, note?: string) => Effect.Effect<Alert, TaggedFailure>
  readonly acknowledgeForced: (id: string, by: string, note?: string) => Effect.Effect<Alert, TaggedFailure>
  readonly acknowledgeSeveral: (
    ids: ReadonlyArray<string>,
    by: string,
    reason: string
  ) => Effect.Effect<AcknowledgedSeveral, TaggedFailure>
  readonly undoAcknowledgement: (id: string, by: string) => Effect.Effect<Alert, TaggedFailure>
  readonly claim: (
    id: string,
    by: string,
    more?: { readonly from?: string; readonly note?: string }
  ) => Effect.Effect<Alert, TaggedFailure>
  readonly release: (id: string, by: string, note?: string) => Effect.Effect<Alert, TaggedFailure>
  readonly releaseForced: (id: string, by: string, note?: string) => Effect.Effect<Alert, TaggedFailure>
  readonly close: (id: string, by: string, outcome: Outcome, reason: string) => Effect.Effect<Alert, TaggedFailure>
  readonly note: (id: string, by: string, note: string) => Effect.Effect<Alert, TaggedFailure>
  readonly shelve: (id: string, by: string, time: ShelveFor, reason: string) => Effect.Effect<Alert, TaggedFailure>
  readonly unshelve: (id: string, by: string, reason: string) => Effect.Effect<Alert, TaggedFailure>
  readonly explain: (id: string) => Effect.Effect<AlertExplanation, TaggedFailure>
}

/** A failure that names itself. */
export interface TaggedFailure {
  readonly _tag: string
}

/** What the routes need of the links. */
export interface LinkSource {
  readonly states: () => ReadonlyMap<string, LinkState>
  /** What each link counts, by link and then by name. */
  readonly counts: () => ReadonlyMap<string, Readonly<Record<string, number>>>
  /** What the other side of each link grants now, by link and then by name. */
  readonly granted: () => ReadonlyMap<string, Readonly<Record<string, number>>>
}

/** What the routes need of the evidence. */
export interface EvidenceSource {
  /** A picture by its hash; `undefined` for one that is not there, and for what is no hash. */
  readonly read: (hash: string) => Effect.Effect<EvidencePicture | undefined, TaggedFailure>
  readonly counts: () => EvidenceCounts
}

/** What the routes need of the commands to doors. */
export interface CommandSource {
  /** Completes with the command's id once it is on disk and on its way. */
  readonly send: (order: Order) => Effect.Effect<string, TaggedFailure>
  /** Newest first. */
  readonly latest: (door: string) => Effect.Effect<ReadonlyArray<CommandRecord>, TaggedFailure>
  readonly choices: (door: Door) => Choices
}

/** What the routes need of the explanations. */
export interface ExplanationSource {
  readonly ask: <A extends Ask>(ask: A) => Effect.Effect<Answers[A["_tag"]], TaggedFailure>
}

/** What the routes need of the configuration. */
export interface ConfigurationSource {
  readonly reload: (by: string) => Effect.Effect<Reloaded, TaggedFailure>
}

/** What the routes need of the notifier. */
export interface NotifierSource {
  readonly test: (channel: string, by: string, person?: string) => Effect.Effect<TestedChannel, TaggedFailure>
}

/** What the routes need of the replays. */
export type ReplaySource = Pick<Replays["Service"], "start" | "all" | "one" | "cancel">

/** What the routes need to tell of areas what officers say. */
export interface AreaSource {
  readonly override: (order: ArmingOrder) => Effect.Effect<void, TaggedFailure>
  readonly endOverride: (area: string, by: string, reason: string) => Effect.Effect<void, TaggedFailure>
  readonly setThreatLevel: (order: ThreatOrder) => Effect.Effect<void, TaggedFailure>
}

/** What the routes need of the gaps, and of what people take out of service. */
export interface GapSource {
  readonly list: () => ReadonlyArray<Gap>
  readonly reports: () => ReadonlyArray<string>
  readonly report: (date: string) => Effect.Effect<GapReport, TaggedFailure>
  readonly begin: (about: ServicedThing, servicing: Servicing) => Effect.Effect<Maintenance, TaggedFailure>
  readonly end: (about: ServicedThing, by: string) => Effect.Effect<void, TaggedFailure>
  readonly bypass: (point: PointRef, servicing: Servicing) => Effect.Effect<Bypass, TaggedFailure>
  readonly endBypass: (point: PointRef, by: string) => Effect.Effect<void, TaggedFailure>
}

/** What the routes need of the procedures of alerts. */
export type ProcedureSource = Procedures["Service"]

/** What the routes need of the incidents. */
export type IncidentSource = Incidents["Service"]

/** Everything that the routes answer from. */
export interface Sources {
  readonly intake: Intake["Service"]
  readonly log: SecurityLog["Service"]
  readonly alerts: AlertSource
  readonly links: LinkSource
  /** What each link leaves unprotected by its settings, in clauses for people; a link without any may be left out. */
  readonly weaknesses: () => ReadonlyMap<string, ReadonlyArray<string>>
  /** Which consoles follow the stream. */
  readonly consoles: Consoles
  /** This process. */
  readonly process: { readonly version: string; readonly startedAt: number; readonly dataDir: string }
  /** Looks things up in the log. */
  readonly journal: Journal
  /** The drawings of the plans in force, by the plan's id. */
  readonly drawings: () => ReadonlyMap<string, { readonly svg: Uint8Array; readonly digest: string }>
  readonly evidence: EvidenceSource
  readonly commands: CommandSource
  readonly areas: AreaSource
  readonly configuration: ConfigurationSource
  readonly gaps: GapSource
  readonly notifier: NotifierSource
  readonly procedures: ProcedureSource
  readonly incidents: IncidentSource
  readonly explanations: ExplanationSource
  /** The channels as configured, and where they keep what is theirs. */
  readonly channels: { readonly settings: () => ReadonlyArray<ChannelSettings>; readonly dataDir: string }
  /** How what is owed to people goes out. */
  readonly outbox: () => OutboxStanding
  /** The devices that people register for web push. */
  readonly push: PushRegistrations
  /** Takes in what comes from outside. */
  readonly inbound: Inbound
  readonly replays: ReplaySource
  readonly guard: Guard
  readonly sessions: Sessions
  readonly tokens: Tokens
  readonly credentials: Credentials
  readonly signIn: SignIn
  /** The people of the configuration in force; none, where a token and a name are the way in. */
  readonly people: () => ReadonlyArray<Person>
  /** The gateway's clock, epoch milliseconds. */
  readonly now: () => number
  readonly stream: EntryStream
}
