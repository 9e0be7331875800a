import { Effect, Schedule } from "effect"
import type { Observation } from "../../gateway/domain/observation.ts"
import type { LinkContext, NotKept } from "../adapter.ts"

type Gap = Extract<Observation, { _tag: "Gap" }>

/**
 * Completes when the gap is on disk. A store that refuses is asked again until it keeps: a gap forgotten is a door
 * shown as closed that nobody was watching.
 */
export const keepGap = (
  context: LinkContext,
  cause: Gap["cause"],
  detail: string,
  more: Pick<Gap, "devices" | "count" | "from" | "to"> = {}
): Effect.Effect<void> =>
  Effect.callback<void, NotKept>((resume) => {
    context.report({ observations: [{ _tag: "Gap", cause, detail, ...more }], receivedAt: context.now() }, (refusal) =>
      resume(refusal === undefined ? Effect.void : Effect.fail(refusal))
    )
  }).pipe(
    Effect.retry(Schedule.spaced("1 second")),
    Effect.orDie,
    Effect.andThen(Effect.sync(() => context.count("gaps")))
  )
