import type { Request } from "express"
import { Effect } from "effect"
import { CommandRecord } from "../domain/command-record.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { invalidRequest, type Problem } from "./problem.ts"
import { CommandBody, CommandItems } from "./shapes.ts"
import type { Sources } from "./sources.ts"

/** Longer than any UUID or hash that programs make of a request. */
const keyCharacters = 128

/** The caller's key for this request (draft-ietf-httpapi-idempotency-key-header), taken as it is written. */
const keyOf = (request: Request): Effect.Effect<string | undefined, Problem> => {
  const key = request.get("idempotency-key")
  if (key === undefined || (key.length <= keyCharacters && /^[\x21-\x7e]+$/.test(key))) return Effect.succeed(key)
  const message = `Expected 1 to ${keyCharacters} visible ASCII characters`
  return Effect.fail(invalidRequest("headers", [{ path: "Idempotency-Key", message }]))
}

/** Commands to doors: give one, and see how far the newest have come. */
export const commandRoutes = ({ commands }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "post",
    path: "/doors/{id}/commands",
    right: "command-doors",
    summary:
      "Tell a door what to do; answers once it is on disk and on its way. With the same Idempotency-Key again nothing is sent twice",
    body: CommandBody,
    answer: CommandRecord,
    status: 202,
    problems: [404, 409, 422],
    handle: Effect.fnUntraced(function* ({ by, param, body, request }) {
      const door = param("id")
      const idempotencyKey = yield* keyOf(request)
      const id = yield* commands.send({ door, command: body.command, by, reason: body.reason, idempotencyKey })
      const record = (yield* commands.latest(door)).find((one) => one.id === id)
      return record ?? (yield* Effect.die(new Error(`command ${id} was sent and is not followed`)))
    })
  }),
  endpoint({
    method: "get",
    path: "/doors/{id}/commands",
    right: "see",
    summary: "The newest commands of a door, newest first, and how far each has come; the log has all",
    answer: CommandItems,
    problems: [404],
    handle: ({ param }) => Effect.map(commands.latest(param("id")), (items) => ({ items }))
  })
]
