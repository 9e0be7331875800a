import { Effect, Exit, Scope } from "effect"
import { afterAll, beforeAll } from "vitest"
import type { Adapter } from "../../../adapters/adapter.ts"
import { inThread } from "../../../gateway/links/thread/in-thread.ts"
import { conforms } from "../../adapter-conformance.ts"
import { controller, onvif, openDevice } from "./peers.ts"

const quiet = { initialState: "none", synchronizationUnsupported: true } as const

const scope = Scope.makeUnsafe()
let threaded: Adapter<unknown>
beforeAll(async () => {
  threaded = await Effect.runPromise(inThread(onvif, { now: Date.now, pointsOf: () => [] }).pipe(Scope.provide(scope)))
})
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

conforms(
  "onvif on a thread of its own",
  { ...onvif, link: (settings, context) => threaded.link(settings, context) },
  () => openDevice(controller, quiet),
  { vanish: true, refuse: true, ack: false }
)
