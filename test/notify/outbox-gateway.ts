/**
 * A gateway in a process of its own, to be killed while it tells people of alerts. It starts when it is told to on its
 * standard input: by then all of its modules are loaded.
 *
 *     node test/notify/outbox-gateway.ts <config>
 */
import { Effect } from "effect"
import { readSettings, runGateway } from "../../gateway/app.ts"

await new Promise((told) => process.stdin.once("data", told))
process.stdin.destroy()
const settings = readSettings([process.argv[2] ?? ""])
await Effect.runPromise(Effect.scoped(runGateway(settings).pipe(Effect.andThen(Effect.never))))
