import Database from "better-sqlite3"

/** What the floors read of a message. */
export interface Press {
  readonly action: string
}

/** Keeps one message; calls back once it is on disk. */
export type Keep = (topic: string, press: Press, kept: () => void) => void

/**
 * The floors' store: one row a message with two indexes, as durable as the log (WAL, synchronous=FULL). Whatever came in
 * meanwhile is one commit. Each message that is on disk is said on standard output by its action word.
 */
export const openFloorStore = (file: string): Keep => {
  const database = new Database(file)
  database.pragma("journal_mode = WAL")
  database.pragma("synchronous = FULL")
  database.exec(`
    CREATE TABLE event (seq INTEGER PRIMARY KEY, device TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
      body TEXT NOT NULL) STRICT;
    CREATE INDEX event_device ON event (device, seq);
    CREATE INDEX event_kind ON event (kind, seq);
  `)
  const insert = database.prepare("INSERT INTO event (device, kind, at, body) VALUES (?, ?, ?, ?)")
  let waiting: Array<{ readonly topic: string; readonly press: Press; readonly kept: () => void }> = []
  const commit = database.transaction((batch: typeof waiting) => {
    for (const { topic, press } of batch) {
      const at = Date.now()
      insert.run(topic, "press", at, JSON.stringify({ topic, at, site: "road", link: "mqtt", point: "button", press }))
    }
  })
  const flush = (): void => {
    const batch = waiting
    waiting = []
    commit(batch)
    for (const { kept } of batch) kept()
    process.stdout.write(`${batch.map(({ press }) => press.action).join("\n")}\n`)
  }
  return (topic, press, kept) => {
    waiting.push({ topic, press, kept })
    if (waiting.length === 1) setImmediate(flush)
  }
}
