import { Effect } from "effect"
import type { LinkContext, Report } from "../../adapter.ts"

/** A store that refuses is asked again after this. */
const againMs = 1000

/** Completes when the store has answered each of them; answers those it did not keep, in their order. */
const offer = (
  context: Pick<LinkContext, "report">,
  reports: ReadonlyArray<Report>
): Effect.Effect<ReadonlyArray<Report>> =>
  Effect.callback<ReadonlyArray<Report>>((resume) => {
    const refused: Array<Report> = []
    let open = reports.length
    if (open === 0) return resume(Effect.succeed(refused))
    for (const report of reports) {
      context.report(report, (refusal) => {
        if (refusal !== undefined) refused.push(report)
        open--
        if (open === 0) resume(Effect.succeed(refused))
      })
    }
  })

/**
 * Completes when all of the reports are on disk. The protocol has no acknowledgement: what the device has told, only we
 * still have. So what is refused is held and offered again until it is kept; `meanwhile` runs before each further try.
 */
export const keepAll = Effect.fnUntraced(function* (
  context: Pick<LinkContext, "report" | "count">,
  reports: ReadonlyArray<Report>,
  meanwhile: Effect.Effect<void> = Effect.void
): Effect.fn.Return<void> {
  let left = yield* offer(context, reports)
  while (left.length > 0) {
    context.count("held", left.length)
    yield* Effect.sleep(againMs)
    yield* meanwhile
    left = yield* offer(context, left)
  }
})
