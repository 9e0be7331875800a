/**
 * The gateway with a protection taken out, or the kill run proves nothing.
 *
 *     node test/road/control-gateway.ts careless|late|forgetful <config>
 *
 * `careless`: every report is called settled at once and kept a moment later, as a subscriber does that works in
 * `on("message")`; it must lose. `late`: what is kept is acknowledged a moment later, so that each kill has the broker send
 * a good many messages again; it must not have one twice. `forgetful`: the same, and what comes again is not known again;
 * it must have some twice.
 */
import { Effect } from "effect"
import type { Adapter, LinkContext, ReportFn } from "../../adapters/adapter.ts"
import { adapters } from "../../adapters/adapters.ts"
import { runGateway } from "../../gateway/app.ts"
import { installed } from "../../gateway/installed.ts"
import { loadSettings } from "../../gateway/settings/load-settings.ts"

/** How long a careless gateway lets a message wait after it has acknowledged it, and a late one before. */
const laterMs = 100

const careless =
  (context: LinkContext): ReportFn =>
  (report, settled) => {
    setImmediate(settled)
    setTimeout(() => context.report(report, () => {}), laterMs)
  }

const late =
  (context: LinkContext): ReportFn =>
  (report, settled) =>
    context.report(report, (refusal) => void setTimeout(() => settled(refusal), laterMs))

const forgetful =
  (context: LinkContext): ReportFn =>
  ({ observations, receivedAt }, settled) =>
    late(context)({ observations, receivedAt }, settled)

const reportOf: Readonly<Record<string, (context: LinkContext) => ReportFn>> = { careless, late, forgetful }

const [which = "", config = ""] = process.argv.slice(2)
const report = reportOf[which]
if (report === undefined) throw new Error(`${which} is no control; expected ${Object.keys(reportOf).join(" or ")}`)

const without = (adapter: Adapter<unknown>): Adapter<unknown> => ({
  ...adapter,
  link: (settings, context) => adapter.link(settings, { ...context, report: report(context) })
})

const catalogue = Object.fromEntries(Object.entries(adapters).map(([name, adapter]) => [name, without(adapter)]))
const settings = loadSettings([config], installed)
await Effect.runPromise(Effect.scoped(runGateway(settings, catalogue).pipe(Effect.andThen(Effect.never))))
