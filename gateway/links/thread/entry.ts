/** Where a thread of an adapter begins: it loads the adapter, and runs its links for the gateway until it is ended. */
import { enableCompileCache } from "node:module"
import { setPriority } from "node:os"
import { parentPort, workerData } from "node:worker_threads"
import { Context, Effect, References } from "effect"
import type { Adapter } from "../../../adapters/adapter.ts"
import { diagnostics } from "../../diagnostics.ts"
import { Host } from "./host.ts"
import type { ThreadStart, ToThread } from "./messages.ts"
import { clockIn } from "./shared-cells.ts"

enableCompileCache()
// A third of the share of the gateway's own thread, which keeps what all devices say and tells of alerts. Elsewhere it is
// the whole process that would get it.
if (process.platform === "linux") setPriority(5)
const { module, name, cells, logLevel } = workerData as ThreadStart
const port = parentPort
if (port === null) throw new Error("this is no program: the gateway starts it as a thread")
// What is said meanwhile waits at the port.
const { [name]: adapter } = (await import(module)) as Readonly<Record<string, Adapter<unknown>>>
if (adapter === undefined) throw new Error(`${module} exports no ${name}`)
const services = await Effect.runPromise(Effect.provide(Effect.context<never>(), diagnostics))
const host = new Host(adapter, port, clockIn(cells), Context.add(services, References.MinimumLogLevel, logLevel))
port.on("message", (message: ToThread) => host.hear(message))
