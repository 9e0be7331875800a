import { createHash } from "node:crypto"
import { Effect, Schedule } from "effect"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"
import type { Delivery, LinkContext, NotKept } from "../../adapter.ts"

type Gap = Extract<Observation, { _tag: "Gap" }>

/** A report holds no more observations than intake takes of one message. */
const reportSize = 200

/** What the transport knows of the message that the observations are of. */
export type Message = Omit<Delivery, "slot"> & { readonly slot: string }

/**
 * Reports the observations of one message, in as many reports as it takes. `settled` is called once all of them are on
 * disk, or with the first refusal; at once where there are none.
 */
export const reportAll = (
  { report }: Pick<LinkContext, "report">,
  observations: ReadonlyArray<Observation>,
  receivedAt: EpochMs,
  message: Message | undefined,
  settled: (refusal?: NotKept) => void
): void => {
  const count = Math.ceil(observations.length / reportSize)
  if (count === 0) return settled()
  let open = count
  let refused: NotKept | undefined
  for (let nth = 0; nth < count; nth++) {
    const some = observations.slice(nth * reportSize, (nth + 1) * reportSize)
    const delivery = message === undefined ? {} : { delivery: { ...message, slot: `${message.slot} ${nth}` } }
    report({ observations: some, receivedAt, ...delivery }, (refusal) => {
      refused ??= refusal
      if (--open === 0) settled(refused)
    })
  }
}

/** Completes when the observations are on disk. */
export const keep = (
  context: Pick<LinkContext, "report" | "now">,
  observations: ReadonlyArray<Observation>
): Effect.Effect<void, NotKept> =>
  Effect.callback<void, NotKept>((resume) =>
    reportAll(context, observations, context.now(), undefined, (refusal) =>
      resume(refusal === undefined ? Effect.void : Effect.fail(refusal))
    )
  )

/**
 * Completes when the gap is on disk. A store that refuses is asked again until it keeps: a gap forgotten is a door shown as
 * closed that nobody was watching.
 */
export const keepGap = (
  context: Pick<LinkContext, "report" | "now" | "count">,
  cause: Gap["cause"],
  detail: string,
  more: Pick<Gap, "devices" | "count" | "from" | "to"> = {}
): Effect.Effect<void> =>
  keep(context, [{ _tag: "Gap", cause, detail, ...more }]).pipe(
    Effect.retry(Schedule.spaced("1 second")),
    Effect.orDie,
    Effect.andThen(Effect.sync(() => context.count("gaps")))
  )

/** What tells a message's content from another's. */
export const digestOf = (content: unknown): string =>
  createHash("sha1").update(JSON.stringify(content)).digest("base64")
