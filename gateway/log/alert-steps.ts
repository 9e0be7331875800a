import type Database from "better-sqlite3"
import type { AlertTransition, Outcome, Priority } from "../domain/alert.ts"
import type { EpochMs } from "../domain/ids.ts"
import { marks } from "./marks.ts"

/** One step of an alert's life, as far as figures need it. */
export interface AlertStep {
  readonly transition: AlertTransition
  readonly at: EpochMs
  readonly alert: string
  readonly condition: string
  readonly key: string
  readonly title: string
  readonly priority: Priority
  readonly door: string | null
  readonly rule: string
  readonly raisedAt: EpochMs
  /** After the step: it is shelved or out of service, and makes no sound. */
  readonly silent: number
  readonly acknowledged: number
  readonly active: number
  readonly closed: number
  readonly outcome: Outcome | null
  /** How often it has come while it chattered; null: it does not. */
  readonly chattered: number | null
  /** Until when it is shelved. */
  readonly shelvedUntil: EpochMs | null
}

/** A flood that began or ended. */
export interface FloodStep {
  readonly tag: "FloodBegan" | "FloodEnded"
  readonly at: EpochMs
  readonly since: EpochMs | null
  readonly count: number
}

/** The entries that figures of alerts are made of; the index below answers a question that says it in these very words. */
export const concernsAlerts = `(kind = 'Alert' OR (kind = 'Event' AND device IS NULL AND door IS NULL))`

const ofAlert = `
  json_extract(body, '$.change.transition') AS transition, json_extract(body, '$.change.at') AS at, alert,
  json_extract(body, '$.change.alert.condition') AS condition, json_extract(body, '$.change.alert.key') AS key,
  json_extract(body, '$.change.alert.title') AS title, json_extract(body, '$.change.alert.priority') AS priority,
  door, json_extract(body, '$.change.alert.rule') AS rule, json_extract(body, '$.change.alert.raisedAt') AS raisedAt,
  (json_type(body, '$.change.alert.shelved') IS NOT NULL OR json_type(body, '$.change.alert.outOfService') IS NOT NULL) AS silent,
  json_extract(body, '$.change.alert.acknowledged') AS acknowledged, json_extract(body, '$.change.alert.active') AS active,
  json_extract(body, '$.change.alert.closed') AS closed, json_extract(body, '$.change.alert.outcome') AS outcome,
  json_extract(body, '$.change.alert.chattering.times') AS chattered,
  json_extract(body, '$.change.alert.shelved.until') AS shelvedUntil`

/** Steps that no figure counts: pictures, notes, and what goes back to panels. */
const uncounted = ["evidence-kept", "evidence-missing", "noted", "write-back", "acknowledged-at-panel"]

/** The steps of alerts behind `after` up to `upTo`, oldest first, at most so many. */
export const alertSteps = (
  database: Database.Database,
  span: { readonly after: number; readonly upTo: number },
  limit: number
): ReadonlyArray<AlertStep> =>
  database
    .prepare<Array<number | string>, AlertStep>(
      `SELECT ${ofAlert} FROM entry WHERE ${concernsAlerts} AND kind = 'Alert' AND seq > ? AND seq <= ?
       AND json_extract(body, '$.change.transition') NOT IN (${marks(uncounted.length)}) ORDER BY seq LIMIT ?`
    )
    .all(span.after, span.upTo, ...uncounted, limit)

/** The floods that began or ended behind `after` up to `upTo`, oldest first. */
export const floodSteps = (
  database: Database.Database,
  span: { readonly after: number; readonly upTo: number }
): ReadonlyArray<FloodStep> =>
  database
    .prepare<[number, number], FloodStep>(
      `SELECT json_extract(body, '$.event._tag') AS tag, json_extract(body, '$.event.at') AS at,
       json_extract(body, '$.event.since') AS since, json_extract(body, '$.event.count') AS count
       FROM entry WHERE ${concernsAlerts} AND kind = 'Event' AND seq > ? AND seq <= ?
       AND json_extract(body, '$.event._tag') IN ('FloodBegan', 'FloodEnded') ORDER BY seq`
    )
    .all(span.after, span.upTo)

/** An alert that was open for long. */
export interface StaleAlert {
  readonly id: string
  readonly title: string
  readonly priority: Priority
  readonly raisedAt: EpochMs
}

/** The alerts that were raised at or before `raisedBefore`, and open at `at`, the oldest first. */
export const openSince = (
  database: Database.Database,
  { raisedBefore, at }: { readonly raisedBefore: EpochMs; readonly at: EpochMs }
): ReadonlyArray<StaleAlert> =>
  database
    .prepare<[number, number], StaleAlert>(
      `SELECT id, json_extract(body, '$.title') AS title, json_extract(body, '$.priority') AS priority,
       json_extract(body, '$.raisedAt') AS raisedAt FROM alert
       WHERE json_extract(body, '$.raisedAt') <= ? AND (closed = 0 OR json_extract(body, '$.closedAt') > ?)
       ORDER BY raisedAt, id`
    )
    .all(raisedBefore, at)
