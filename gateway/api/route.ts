import type { RequestHandler } from "express"
import { Cause, type Context, Effect, Exit } from "effect"
import type { Endpoint } from "./endpoint.ts"
import type { Guard } from "./guard.ts"
import type { Caller } from "./rights.ts"
import { wireJson } from "./wire.ts"

/** Who calls an open route. */
const nobody: Caller = { name: "", role: "viewer", only: [] }

/**
 * The one bridge from express to Effect. An officer who leaves interrupts the work; a failure goes to express's error
 * handler, which knows how to tell it. `admit` throws when nobody we know calls, or somebody who may not.
 */
export const routeOf = (context: Context.Context<never>, line: Endpoint, admit: Guard["admit"]): RequestHandler => {
  const runFork = Effect.runForkWith(context)
  return (request, response, next) => {
    const caller = line.right === undefined ? nobody : admit(request, line.right)
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
