import { Context, type Effect, Schema } from "effect"
import type { Alert } from "../domain/alert.ts"
import type { Incident } from "../domain/incident.ts"
import type { Entry } from "./entry.ts"
import type { Frames } from "./entry-frames.ts"

/** The store cannot answer or keep: disk full, I/O error. */
export class StoreUnavailable extends Schema.TaggedError<StoreUnavailable>()("StoreUnavailable", {
  reason: Schema.String
}) {
  override get message(): string {
    return `the security log is not available: ${this.reason}`
  }
}

/**
 * Hears the entries of a commit. `bodies` are their JSON, as their rows hold it: `JSON.stringify` need not do it again.
 * `frames`: all of them as those who stream them send them; absent where nobody had asked for that when they went to the store.
 */
export type Listener = (entries: ReadonlyArray<Entry>, bodies: ReadonlyArray<string>, frames?: Frames) => void

/** Which entries; newest first unless `after` is given. */
export interface EntryQuery {
  /** `Event`: every entry with an event, be it a fact's own. */
  readonly kind?: Entry["_tag"]
  readonly door?: string
  readonly device?: string
  readonly alert?: string
  /** Only facts that concern the whole gateway: its starts, configurations, links, gaps. */
  readonly ofAll?: true
  /** Entries with a greater seq, oldest first: how a stream resumes. */
  readonly after?: number
  /** Entries with a smaller seq, newest first: how a list pages. */
  readonly before?: number
  /** At most this many, 1 to 1000. */
  readonly limit: number
}

export interface AlertQuery {
  /** Left out: both. */
  readonly closed?: boolean
  readonly door?: string
  /** Alerts whose raisedBy is smaller, newest first. */
  readonly before?: number
  readonly limit: number
}

/** Which cases, newest first. */
export interface IncidentQuery {
  /** Left out: both. */
  readonly closed?: boolean
  /** One of its alerts is at this door. */
  readonly door?: string
  /** One of its alerts is in one of these areas. */
  readonly areas?: ReadonlyArray<string>
  readonly disposition?: string
  readonly clery?: string
  /** It occurred, or was reported where that is asked for, in this time; the end is not part of it. */
  readonly from?: number
  readonly to?: number
  readonly by?: "occurred" | "reported"
  /** Cases whose `opened` is smaller. */
  readonly before?: number
  readonly limit: number
}

/**
 * The read side of the security log. Writing is intake's alone. All reads are synchronous SQLite reads on a
 * connection of their own and see only what is committed.
 */
export class SecurityLog extends Context.Service<
  SecurityLog,
  {
    readonly entries: (query: EntryQuery) => Effect.Effect<ReadonlyArray<Entry>, StoreUnavailable>
    readonly entry: (seq: number) => Effect.Effect<Entry | undefined, StoreUnavailable>
    readonly alerts: (query: AlertQuery) => Effect.Effect<ReadonlyArray<Alert>, StoreUnavailable>
    readonly alert: (id: string) => Effect.Effect<Alert | undefined, StoreUnavailable>
    readonly incidents: (query: IncidentQuery) => Effect.Effect<ReadonlyArray<Incident>, StoreUnavailable>
    readonly incident: (id: string) => Effect.Effect<Incident | undefined, StoreUnavailable>
    /** The case that an alert belongs to. */
    readonly incidentOf: (alert: string) => Effect.Effect<Incident | undefined, StoreUnavailable>
    /** Position of the newest entry; 0 when empty. */
    readonly head: () => number
    /**
     * Calls `listener` with the entries of each batch, in order, after their commit and synchronously with it: it must
     * return at once and not throw. The answer ends the subscription. `wantsFrames` is asked with each batch that goes to the
     * store.
     */
    readonly subscribe: (listener: Listener, wantsFrames?: () => boolean) => () => void
  }
>()("gateway/SecurityLog") {}
