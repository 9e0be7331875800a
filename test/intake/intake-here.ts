import type Database from "better-sqlite3"
import { Effect, Layer } from "effect"
import { type IntakeOptions, intakeOver } from "../../gateway/intake/intake-layer.ts"
import { openForReading, openForWriting } from "../../gateway/log/database.ts"
import { storeOver } from "../../gateway/log/log-store.ts"

const opened = (open: () => Database.Database) =>
  Effect.acquireRelease(Effect.sync(open), (database) => Effect.sync(() => database.close()))

/** An intake that writes its log on the test's own thread: in virtual time nothing may come from another. */
export const intakeHere = ({ file, ...options }: IntakeOptions) =>
  Layer.effectContext(
    Effect.gen(function* () {
      const database = yield* opened(() => openForWriting(file, options.site, options.now()))
      const reading = yield* opened(() => openForReading(file))
      return yield* intakeOver({ store: storeOver(database), reading }, options)
    })
  )
