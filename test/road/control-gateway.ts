/**
 * The gateway with its protection taken out: every report is called settled at once and kept a moment later, as a
 * subscriber does that works in `on("message")`. The kill run must lose messages with it, or it proves nothing.
 */
import { Effect } from "effect"
import type { Adapter } from "../../adapters/adapter.ts"
import { adapters } from "../../adapters/adapters.ts"
import { runGateway } from "../../gateway/app.ts"
import { installed } from "../../gateway/installed.ts"
import { loadSettings } from "../../gateway/settings/load-settings.ts"

/** How long a careless gateway lets a message wait after it has acknowledged it. */
const keptLaterMs = 50

const careless = (adapter: Adapter<unknown>): Adapter<unknown> => ({
  ...adapter,
  link: (settings, context) =>
    adapter.link(settings, {
      ...context,
      report: (report, settled) => {
        setImmediate(settled)
        setTimeout(() => context.report(report, () => {}), keptLaterMs)
      }
    })
})

const catalogue = Object.fromEntries(Object.entries(adapters).map(([name, adapter]) => [name, careless(adapter)]))
const settings = loadSettings([process.argv[2] ?? ""], installed)
await Effect.runPromise(Effect.scoped(runGateway(settings, catalogue).pipe(Effect.andThen(Effect.never))))
