/**
 * The campus's OPC UA servers, in a thread of their own. Started by `opcuaDevicesApart` with what they are as its data; told
 * what the campus senses, in order; ends in good order when it is asked to.
 */
import { parentPort, workerData } from "node:worker_threads"
import { Effect, Exit, Scope } from "effect"
import type { ApartAnswer, ApartData, ApartRequest } from "./apart.ts"
import { opcuaDevicesOf } from "./campus-devices.ts"

const { campus, places, pki, users } = workerData as ApartData
let { world } = workerData as ApartData
const scope = Scope.makeUnsafe()

const answer = (told: ApartAnswer): void => parentPort?.postMessage(told)
const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const started = Effect.runPromise(
  opcuaDevicesOf({
    campus,
    world: () => world,
    now: Date.now,
    place: (link) => places[link],
    applicationUri: (link) => `urn:gatehouse:simulated-panel:${link}`,
    pki,
    users: (link) => users[link],
    // Whom the gateway trusts is what matters here; who may come in is shown by the password.
    trustsEverybody: true,
    securityModes: ["SignAndEncrypt"]
  }).pipe(Scope.provide(scope))
)

/** One after the other: what is sensed later is said later. */
let last: Promise<unknown> = started

const work = (nth: number, run: () => Promise<unknown>): void => {
  last = last.then(run).then(
    () => answer({ _tag: "Done", nth }),
    (cause: unknown) => answer({ _tag: "Failed", nth, reason: wordsOf(cause) })
  )
}

parentPort?.on("message", (request: ApartRequest) => {
  switch (request._tag) {
    case "Say":
      return work(request.nth, async () => {
        const { say } = await started
        world = request.world
        await Effect.runPromise(say(request.signals))
      })
    case "Stop":
      return work(request.nth, async () => {
        await Effect.runPromise(Scope.close(scope, Exit.void))
        parentPort?.close()
      })
  }
})

started.then(
  () => answer({ _tag: "Started" }),
  (cause: unknown) => answer({ _tag: "NotStarted", reason: wordsOf(cause) })
)
