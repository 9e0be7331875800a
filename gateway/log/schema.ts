import type Database from "better-sqlite3"
import { concernsAlerts } from "./alert-steps.ts"
import { aboutFromIndexes, aboutTable } from "./entries-about.ts"

/** Raised when a release reads or writes the file otherwise; `upgrades` then gets a step from the version before. */
export const schemaVersion = 4

/** The messages of a link that one transaction has kept, as `Deliveries` writes them; `last` counts them. */
const deliveryTable = `
CREATE TABLE delivery (
  link TEXT NOT NULL, last INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (link, last)
) STRICT, WITHOUT ROWID;
`

/** Cases as the log last told them, and which alert belongs to which: to one at most. */
const incidentTables = `
CREATE TABLE incident (
  id TEXT PRIMARY KEY, opened INTEGER NOT NULL, closed INTEGER NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX incident_opened ON incident (closed, opened);
CREATE TABLE incident_alert (alert TEXT PRIMARY KEY, incident TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX incident_alert_of ON incident_alert (incident);
`

const schema = `
CREATE TABLE meta (
  id INTEGER PRIMARY KEY CHECK (id = 1), site TEXT NOT NULL, created_at INTEGER NOT NULL, alive_at INTEGER NOT NULL,
  filed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE entry (
  seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, recorded_at INTEGER NOT NULL, device TEXT, door TEXT, alert TEXT,
  cause INTEGER, event INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL, leaf BLOB NOT NULL
) STRICT;
CREATE INDEX entry_alert ON entry (alert, seq) WHERE alert IS NOT NULL;
${aboutTable}
CREATE TABLE alert (
  id TEXT PRIMARY KEY, raised_by INTEGER NOT NULL, closed INTEGER NOT NULL, door TEXT, body TEXT NOT NULL
) STRICT;
CREATE INDEX alert_raised ON alert (closed, raised_by);
${incidentTables}
${deliveryTable}
CREATE TABLE native_key (key TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX native_key_at ON native_key (at);
CREATE TABLE snapshot (seq INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
`

/** The step from each version to the next. */
const upgrades: { readonly [from: number]: string } = {
  1: `
    ALTER TABLE entry ADD COLUMN event INTEGER NOT NULL DEFAULT 0;
    UPDATE entry SET event = 1 WHERE kind = 'Event';
    ALTER TABLE delivery RENAME TO delivery_1;
    ${deliveryTable}
    INSERT INTO delivery (link, last, body)
      SELECT link, ordinal, json_array(json_array(slot, session, digest)) FROM delivery_1;
    DROP TABLE delivery_1;
  `,
  2: incidentTables,
  3: aboutFromIndexes
}

/**
 * No fact of a device, and not the mere passing of time, of which a busy campus has most: what concerns every door. A
 * question that says it in these very words is answered by the index below.
 */
export const concernsAll = `kind = 'Fact' AND device IS NULL AND instr(substr(body, 1, 160), '"TimePassed"') = 0`

/**
 * Makes what is only there to find entries fast. A log without it is read all the same, so that no version goes by it;
 * that of an earlier release gets it with its first start.
 */
export const makeFindable = (database: Database.Database): void => {
  database.exec(`CREATE INDEX IF NOT EXISTS entry_for_all ON entry (seq) WHERE ${concernsAll}`)
  database.exec(`CREATE INDEX IF NOT EXISTS entry_of_alerts ON entry (seq) WHERE ${concernsAlerts}`)
}

/** Makes the tables of a new log. To be called in a transaction. */
export const create = (database: Database.Database, site: string, now: number): void => {
  database.exec(schema)
  database.prepare("INSERT INTO meta (id, site, created_at, alive_at) VALUES (1, ?, ?, ?)").run(site, now, now)
}

/** Brings the tables of an earlier release's log to what this one reads and writes. To be called in a transaction. */
export const upgrade = (database: Database.Database, from: number): void => {
  for (let version = from; version < schemaVersion; version++) database.exec(upgrades[version] ?? "")
}
