import type { Decision } from "../correlation/decision.ts"
import type { Alert } from "../domain/alert.ts"
import type { Fact } from "../domain/fact.ts"
import type { Incident } from "../domain/incident.ts"
import type { AlertId, EpochMs, IncidentId } from "../domain/ids.ts"
import { SiteId } from "../domain/ids.ts"
import type { DeliveryRow } from "./deliveries.ts"
import type { Entry } from "./entry.ts"
import { type EntryCell, pushCells } from "./entry-rows.ts"
import { entriesOf } from "./entries.ts"
import type { KeyRow } from "./native-keys.ts"

/** An alert as its row holds it. */
export type AlertRow = readonly [id: AlertId, raisedBy: number, closed: 0 | 1, door: string | null, body: string]

/** A case as its row holds it, and the alerts that belong to it. */
export interface IncidentRows {
  readonly row: readonly [id: IncidentId, opened: EpochMs, closed: 0 | 1, body: string]
  readonly alerts: ReadonlyArray<AlertId>
}

/** What one commit writes, as plain values: it may be made on one thread and written by another. */
export interface LogBatch {
  /** The cells of each entry that stand before its JSON, one entry after another: see `entryColumns`. */
  readonly cells: ReadonlyArray<EntryCell>
  /** The JSON of each entry, in the same order. */
  readonly bodies: ReadonlyArray<string>
  readonly alerts: ReadonlyArray<AlertRow>
  readonly incidents: ReadonlyArray<IncidentRows>
  readonly keys: ReadonlyArray<KeyRow>
  readonly deliveries: ReadonlyArray<DeliveryRow>
}

const alertRow = (alert: Alert): AlertRow => [
  alert.id,
  alert.raisedBy,
  alert.closed ? 1 : 0,
  alert.door ?? null,
  JSON.stringify(alert)
]

const incidentRows = (incident: Incident): IncidentRows => ({
  row: [incident.id, incident.opened, incident.closed ? 1 : 0, JSON.stringify(incident)],
  alerts: incident.alerts.map(({ id }) => id)
})

/** Makes a batch: `append` each fact with what the fold concluded from it, then take `batch`. */
export class BatchMaker {
  readonly #site: SiteId
  readonly #cells: Array<EntryCell> = []
  readonly #bodies: Array<string> = []
  readonly #entries: Array<Entry> = []
  readonly #alerts: Array<AlertRow> = []
  readonly #incidents: Array<IncidentRows> = []

  constructor(site: string) {
    this.#site = SiteId.make(site)
  }

  /** All that were appended, and the JSON of each. */
  get entries(): ReadonlyArray<Entry> {
    return this.#entries
  }

  get bodies(): ReadonlyArray<string> {
    return this.#bodies
  }

  /** Takes a fact and its decisions as entries from `seq` on; answers how many these are. */
  append(seq: number, recordedAt: EpochMs, fact: Fact, decisions: ReadonlyArray<Decision>): number {
    const entries = entriesOf(this.#site, seq, recordedAt, fact, decisions)
    for (const entry of entries) {
      this.#entries.push(entry)
      pushCells(this.#cells, entry)
      this.#bodies.push(JSON.stringify(entry))
      if (entry._tag === "Alert") this.#alerts.push(alertRow(entry.change.alert))
      if (entry._tag === "Incident") this.#incidents.push(incidentRows(entry.change.incident))
    }
    return entries.length
  }

  /** What was appended, with what is to be remembered of its messages. */
  batch({ keys, deliveries }: Partial<Pick<LogBatch, "keys" | "deliveries">> = {}): LogBatch {
    return {
      cells: this.#cells,
      bodies: this.#bodies,
      alerts: this.#alerts,
      incidents: this.#incidents,
      keys: keys ?? [],
      deliveries: deliveries ?? []
    }
  }
}
