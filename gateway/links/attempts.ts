import { Cause, Effect, Schedule } from "effect"
import type { Adapter, CredentialsRejected, LinkContext, LinkLost } from "../../adapters/adapter.ts"
import type { ConfiguredLink } from "./plan.ts"
import type { Register } from "./register.ts"

/**
 * The one reconnect policy: half a second, doubling to eight, each ±20 % so that a power cut is no stampede. What comes
 * back is heard within ten seconds; five hundred absent devices are asked sixty times a second in all.
 */
const backOff = Schedule.min([Schedule.exponential("500 millis"), Schedule.spaced("8 seconds")]).pipe(
  Schedule.jittered,
  Schedule.setInputType<LinkLost | CredentialsRejected>(),
  Schedule.while(({ input }) => input._tag === "LinkLost")
)

/**
 * A link that was online for so long has held: the back-off begins anew. One that goes up and down all the time (a broker
 * that drops us at once, two gateways with one client id) is asked less and less often, and fills no log.
 */
const heldMs = 5000

/** One attempt; its loss is told once. Answers where the link had held: the attempt after it is a new run. */
const attempt = (adapter: Adapter<unknown>, link: ConfiguredLink, context: LinkContext, register: Register) =>
  Effect.suspend(() => {
    let onlineAt: number | undefined
    const online = Effect.suspend(() => {
      onlineAt = context.now()
      return context.online
    })
    const hasHeld = (): boolean => onlineAt !== undefined && context.now() - onlineAt >= heldMs
    const tried = register.state()._tag === "Offline" || register.state()._tag === "Rejected"
    const connecting = tried ? Effect.void : register.become({ _tag: "Connecting" })
    return connecting.pipe(
      Effect.andThen(adapter.link(link.settings, { ...context, online })),
      Effect.tapError((error) =>
        error._tag === "LinkLost" ? register.become({ _tag: "Offline", reason: error.reason }) : Effect.void
      ),
      Effect.catchTag("LinkLost", (lost) => (hasHeld() ? Effect.void : Effect.fail(lost)))
    )
  })

/** What has held is asked again almost at once. */
const pauseAfterLoss = "500 millis"

/** The person may act at the broker's side, where nobody tells us: after a rejection it is asked again, seldom. */
const askAgainAfterRejection = "1 minute"

/** Keeps one link going for ever: it never fails, and a bug in an adapter stops that link alone. */
export const superviseOne = (
  adapter: Adapter<unknown>,
  link: ConfiguredLink,
  context: LinkContext,
  register: Register
) =>
  attempt(adapter, link, context, register).pipe(
    Effect.retry(backOff),
    Effect.andThen(Effect.sleep(pauseAfterLoss)),
    Effect.catchTag("CredentialsRejected", (rejected: CredentialsRejected) =>
      register
        .become({ _tag: "Rejected", reason: rejected.reason })
        .pipe(Effect.andThen(Effect.sleep(askAgainAfterRejection)))
    ),
    Effect.forever,
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.failCause(cause)
        : Effect.logError(`link ${link.id} stopped by a bug`, cause).pipe(
            Effect.andThen(
              register.become({ _tag: "Offline", reason: `stopped by a bug: ${String(Cause.squash(cause))}` })
            )
          )
    )
  )
