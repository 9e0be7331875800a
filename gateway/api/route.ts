import type { RequestHandler } from "express"
import { Cause, type Context, Effect, Exit } from "effect"
import type { Endpoint } from "./endpoint.ts"
import type { Guard } from "./guard.ts"
import type { Caller } from "./rights.ts"
import { wireJson } from "../domain/wire.ts"

/** Who calls an open route. */
const nobody: Caller = { name: "", role: "viewer", only: [] }

/**
 * The one bridge from express to Effect. An officer who leaves interrupts the work; a failure goes to express's error
 * handler, which knows how to tell it. The guard throws when nobody we know calls, or somebody who may not.
 */
export const routeOf = (context: Context.Context<never>, line: Endpoint, guard: Guard): RequestHandler => {
  const runFork = Effect.runForkWith(context)
  return (request, response, next) => {
    const caller = line.right === undefined ? nobody : guard.admit(request, line.right)
    if (line.right !== undefined && line.media === "text/event-stream") {
      response.once(
        "close",
        guard.lasts(request, line.right, () => response.destroy())
      )
    }
    const fiber = runFork(line.run(caller, request, response))
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
