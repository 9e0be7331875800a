/**
 * A process whose log fails as no full disk does, once it is open: what it says then is what an operator reads.
 *
 *     node test/log/failing-writer.ts <database file>
 */
import Database from "better-sqlite3"
import { Effect, Scope } from "effect"
import { BatchMaker } from "../../gateway/log/log-batch.ts"
import { openThreadedStore } from "../../gateway/log/threaded-store.ts"

const [file = ""] = process.argv.slice(2)
const store = await Effect.runPromise(
  openThreadedStore({ file, site: "test", now: 0 }).pipe(Scope.provide(Scope.makeUnsafe()))
)
const other = new Database(file)
other.exec("CREATE TRIGGER broken BEFORE INSERT ON entry BEGIN SELECT RAISE(ABORT, 'the disk is broken'); END")
other.close()
const made = new BatchMaker("test")
made.append(1, 0, { _tag: "GatewayStarted", at: 0 }, [])
store.write(made.batch(), false, (refusal) => console.log(`went on: ${refusal}`))
// As a gateway that is busy meanwhile: it hears why the thread ended and that it has ended at once.
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
setInterval(() => {}, 1000)
