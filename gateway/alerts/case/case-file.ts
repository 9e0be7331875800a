import { createHash } from "node:crypto"
import { Effect, Schema } from "effect"
import { Alert } from "../../domain/alert.ts"
import type { Campus } from "../../domain/campus.ts"
import { EpochMs } from "../../domain/ids.ts"
import { Incident } from "../../domain/incident.ts"
import type { SecurityLog } from "../../log/security-log.ts"
import { canonicalJson } from "../../settings/canonical-json.ts"
import { timelineOf } from "./timeline.ts"

/** What is printed large on everything that leaves the gateway: nobody is to take an exercise for the real thing. */
export const RealityMark = Schema.Literals(["REAL", "DRILL", "TEST"]).annotate({ identifier: "RealityMark" })
export type RealityMark = typeof RealityMark.Type

/** A case with all that belongs to it, as it is exported. */
export const CaseFile = Schema.Struct({
  incident: Incident,
  mark: RealityMark,
  site: Schema.Struct({ name: Schema.String, timeZone: Schema.String }),
  /** Where its alerts ask somebody to look, each place once. */
  where: Schema.Array(Schema.String),
  /** As the log has them now, with their evidence and the steps of their procedures. */
  alerts: Schema.Array(Alert),
  timeline: Schema.Array(
    Schema.Struct({
      at: EpochMs,
      seq: Schema.optionalKey(Schema.Finite),
      kind: Schema.String,
      text: Schema.String
    })
  ),
  timelineCut: Schema.Boolean.annotate({ description: "Whether more was recorded than is listed; the log has all" })
}).annotate({ identifier: "CaseFile" })
export type CaseFile = typeof CaseFile.Type

/** Drill and test by what it turned out to be, or else by what it was opened as. */
export const markOfCase = ({ reality, disposition }: Incident): RealityMark => {
  if (disposition?.kind === "drill" || (disposition?.kind !== "test" && reality === "exercise")) return "DRILL"
  return disposition?.kind === "test" || reality === "test" ? "TEST" : "REAL"
}

export interface CaseSurroundings {
  readonly log: Pick<SecurityLog["Service"], "entries" | "alert">
  readonly campus: Campus | undefined
  /** Where an alert asks somebody to look, in words. */
  readonly whereOf: (alert: Alert) => string
}

/** Puts a case together from the log. */
export const caseFileOf = Effect.fn("Incidents.caseFile")(function* (
  incident: Incident,
  { log, campus, whereOf }: CaseSurroundings
) {
  const found = yield* Effect.forEach(incident.alerts, ({ id }) => log.alert(id))
  const alerts = found.filter((alert) => alert !== undefined).sort((a, b) => a.occurredAt - b.occurredAt)
  const { items, cut } = yield* timelineOf(log, incident, alerts, campus)
  const file: CaseFile = {
    incident,
    mark: markOfCase(incident),
    site: { name: campus?.site.name ?? "", timeZone: campus?.site.timeZone ?? "UTC" },
    where: [...new Set(alerts.map(whereOf))],
    alerts,
    timeline: items,
    timelineCut: cut
  }
  return file
})

/**
 * SHA-256 over the canonical JSON (keys in order, no blanks) of a case as it is written on the wire: who has the JSON can
 * work it out again, and compare it with what is printed on the report.
 */
export const hashOfExport = (wire: string): string =>
  createHash("sha256")
    .update(canonicalJson(JSON.parse(wire)))
    .digest("hex")
