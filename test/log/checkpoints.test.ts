import { statSync } from "node:fs"
import { join } from "node:path"
import Database from "better-sqlite3"
import { Effect, Exit, Scope } from "effect"
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest"
import { type Checkpoints, checkpointsOf } from "../../gateway/log/checkpoints.ts"
import { temporaryDirectory } from "../road/peers.ts"

describe("the write-ahead log", () => {
  const directory = temporaryDirectory("checkpoints")
  const file = join(directory.path, "log.db")
  let database: Database.Database
  let scope: Scope.Closeable
  let checkpoints: Checkpoints

  beforeEach(async () => {
    database = new Database(file)
    database.pragma("journal_mode = WAL")
    database.exec("CREATE TABLE IF NOT EXISTS entry (seq INTEGER PRIMARY KEY, body TEXT)")
    database.pragma("wal_checkpoint(TRUNCATE)")
    scope = Scope.makeUnsafe()
    checkpoints = await Effect.runPromise(checkpointsOf(database, file).pipe(Scope.provide(scope)))
  })
  afterEach(async () => {
    await Effect.runPromise(Scope.close(scope, Exit.void))
    database.close()
  })
  afterAll(() => directory.dispose())

  test("is moved into the database beside its writer, once much is committed", async () => {
    const insert = database.prepare("INSERT INTO entry (body) VALUES (?)")
    const commit = database.transaction((entries: number) => {
      for (let nth = 0; nth < entries; nth++) insert.run("x".repeat(1000))
    })
    const before = statSync(file).size
    for (let nth = 0; nth < 40; nth++) commit(100)
    // SQLite by itself would have moved it by now.
    expect(statSync(file).size).toBe(before)
    for (let nth = 0; nth < 40; nth++) checkpoints.committed(100)
    const whole = Number(database.pragma("page_count", { simple: true })) * 4096
    await expect.poll(() => statSync(file).size, { timeout: 10_000 }).toBe(whole)
  })
})
