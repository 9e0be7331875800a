import { Effect, Queue, type Scope } from "effect"
import mqtt, { type IClientOptions } from "mqtt"
import type { LinkContext } from "../adapter.ts"
import type { Ask } from "./mapping.ts"

/** More than so many that wait are not sent: an edge node is asked again a minute later. */
const waitingMax = 200

/** A broker that is slower than this gets the question the next time. */
const withinMs = 5000

/** Sends what is to be asked; never fails. */
export type Asker = (asks: ReadonlyArray<Ask> | undefined) => void

/** Lets `send` carry the questions, one batch at a time, off the path of what is heard. Each that fails is counted. */
export const makeAsker = (
  context: LinkContext,
  send: (asks: ReadonlyArray<Ask>) => Effect.Effect<void, Error>
): Effect.Effect<Asker, never, Scope.Scope> =>
  Effect.gen(function* () {
    const waiting = yield* Queue.dropping<Ask>(waitingMax)
    yield* Queue.takeAll(waiting).pipe(
      Effect.flatMap((asks) =>
        send(asks).pipe(
          Effect.tap(() => Effect.sync(() => context.count("asked", asks.length))),
          Effect.catch((error) => {
            context.count("not_asked", asks.length)
            return Effect.logWarning(`link ${context.link} could not ask ${asks[0]?.topic}: ${error.message}`)
          })
        )
      ),
      Effect.forever,
      Effect.forkScoped
    )
    return (asks) => {
      for (const ask of asks ?? []) Queue.offerUnsafe(waiting, ask)
    }
  })

/**
 * Asks over a connection of its own, open no longer than it takes: a broker that does not let us publish may cut the
 * client that tries, and that must never be the one that listens.
 */
export const askingAt = (url: string, options: IClientOptions) => (asks: ReadonlyArray<Ask>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mqtt.connect(url, { ...options, clean: true, reconnectPeriod: 0, connectTimeout: withinMs })),
    (client) =>
      Effect.callback<void, Error>((resume) => {
        client.on("error", (error) => resume(Effect.fail(error)))
        client.on("close", () => resume(Effect.fail(new Error("the broker closed the connection"))))
        client.on("connect", () => {
          // At QoS 1, so that it has gone out before the connection ends.
          Promise.all(
            asks.map(({ topic, payload }) => client.publishAsync(topic, Buffer.from(payload), { qos: 1 }))
          ).then(
            () => resume(Effect.void),
            (error: Error) => resume(Effect.fail(error))
          )
        })
      }).pipe(
        Effect.timeoutOrElse({ duration: withinMs, orElse: () => Effect.fail(new Error("the broker did not answer")) })
      ),
    (client) => Effect.callback<void>((resume) => void client.end(true, {}, () => resume(Effect.void)))
  )
