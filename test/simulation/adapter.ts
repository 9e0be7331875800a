import { Effect, Schema } from "effect"
import { type Adapter, type LinkContext, LinkLost } from "../../adapters/adapter.ts"
import { kept, type Peer } from "./peer.ts"

/** An adapter whose links are lines to simulated peers. All that it knows of the gateway is the contract. */
export const simulatedAdapter = (
  peers: ReadonlyMap<string, Peer>,
  flawed: (context: LinkContext) => LinkContext = (context) => context
): Adapter<unknown> => ({
  protocol: "simulated",
  Settings: Schema.Unknown,
  hasConditions: true,
  link: (_settings, given) =>
    Effect.scoped(
      Effect.gen(function* () {
        const context = flawed(given)
        const peer = peers.get(context.link)
        if (peer === undefined || peer.isDown) return yield* new LinkLost({ reason: "nobody answers" })
        let lost: ((reason: string) => void) | undefined
        let before: string | undefined
        const line = yield* Effect.acquireRelease(
          Effect.sync(() =>
            peer.begin(context, (reason) => {
              before = reason
              lost?.(reason)
            })
          ),
          (begun) => Effect.sync(() => peer.end(begun))
        )
        const greeting = peer.greeting()
        if (greeting.length > 0) {
          yield* kept(context, greeting).pipe(Effect.mapError(({ reason }) => new LinkLost({ reason })))
        }
        for (const device of context.devices) yield* context.able(device.id, peer.abilities(device))
        yield* context.online
        yield* Effect.sync(() => peer.open(line))
        return yield* Effect.callback<never, LinkLost>((resume) => {
          lost = (reason) => resume(Effect.fail(new LinkLost({ reason })))
          if (before !== undefined) lost(before)
        })
      })
    )
})
