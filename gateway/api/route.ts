import type { RequestHandler } from "express"
import { Cause, type Context, Effect, Exit } from "effect"
import type { Endpoint } from "./endpoint.ts"
import { wireJson } from "./wire.ts"

/**
 * The one bridge from express to Effect. An officer who leaves interrupts the work; a failure goes to express's error
 * handler, which knows how to tell it. `callerOf` throws when nobody we know calls.
 */
export const routeOf = (
  context: Context.Context<never>,
  line: Endpoint,
  callerOf: (request: Parameters<RequestHandler>[0]) => string
): RequestHandler => {
  const runFork = Effect.runForkWith(context)
  return (request, response, next) => {
    const by = line.open ? "" : callerOf(request)
    const fiber = runFork(line.run(by, request, response))
    response.once("close", () => {
      if (!response.writableFinished) fiber.interruptUnsafe()
    })
    fiber.addObserver((exit) => {
      if (response.headersSent) return void response.end()
      if (Exit.isSuccess(exit)) {
        if (line.status === 204) return void response.status(204).end()
        return void response
          .status(line.status)
          .type(line.media)
          .set("Cache-Control", "no-store")
          .send(wireJson(exit.value))
      }
      if (Cause.hasInterruptsOnly(exit.cause)) return void response.end()
      next(Cause.squash(exit.cause))
    })
  }
}
