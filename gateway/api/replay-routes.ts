import { Clock, Effect, Schema } from "effect"
import type { ConfigProblem } from "../domain/configuration.ts"
import type { Span } from "../replay/span.ts"
import { ReplayState } from "../replay/replays.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { invalidRequest, Problem } from "./problem.ts"
import type { Sources, TaggedFailure } from "./sources.ts"

const instant = (what: string) =>
  Schema.String.pipe(
    Schema.check(
      Schema.isPattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)$/, {
        expected: `${what}: an instant in ISO 8601 with its offset, such as 2026-11-03T07:00:00Z`
      })
    )
  )

const ReplayBody = Schema.Struct({
  from: instant("from"),
  to: Schema.optionalKey(instant("to")).annotate({ description: "Absent: until now" }),
  change: Schema.NonEmptyString.annotate({
    description:
      "YAML. Sections of a configuration (doors, schedules, rules …): an item takes the place of the one in force with " +
      "its id, key by key. With a site section it is a whole configuration"
  })
})

/** The times of every door of a campus of ten thousand. */
const changeMaxBytes = 2 * 1024 * 1024

const ReplayItems = Schema.Struct({ items: Schema.Array(ReplayState) })

/** Each thing that is wrong, at its line and column of the text that came. */
const wrongChange = (message: string, problems: ReadonlyArray<ConfigProblem>): Problem =>
  new Problem({
    kind: "change-wrong",
    title: "The changed configuration is wrong",
    status: 422,
    detail: message,
    errors: problems.map(({ file, line, column, message: wrong }) => ({
      path: `${file}:${line}:${column}`,
      message: wrong
    }))
  })

const spanOf = (body: typeof ReplayBody.Type, now: number): Effect.Effect<Span, TaggedFailure> => {
  const from = Date.parse(body.from)
  const to = body.to === undefined ? now : Date.parse(body.to)
  const faults = [
    ...(Number.isNaN(from) ? [{ path: "from", message: "There is no such day or time" }] : []),
    ...(Number.isNaN(to) ? [{ path: "to", message: "There is no such day or time" }] : []),
    ...(from >= to ? [{ path: "to", message: "Expected an instant after from" }] : [])
  ]
  return faults.length === 0 ? Effect.succeed({ from, to }) : Effect.fail(invalidRequest("body", faults))
}

/** What another configuration would have made of the recorded log. */
export const replayRoutes = ({ replays }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "post",
    path: "/replays",
    right: "replay",
    summary: "Replay the recorded log with a changed configuration; one at a time, and nothing is written",
    body: ReplayBody,
    bodyMaxBytes: changeMaxBytes,
    answer: ReplayState,
    status: 202,
    problems: [409, 422],
    handle: ({ by, body }) =>
      Clock.currentTimeMillis.pipe(
        Effect.flatMap((now) => spanOf(body, now)),
        Effect.flatMap((span) => replays.start({ by, ...span, change: body.change })),
        Effect.mapError((failure) =>
          "problems" in failure
            ? wrongChange("Mend what is wrong and try again; see errors.", failure.problems)
            : failure
        )
      )
  }),
  endpoint({
    method: "get",
    path: "/replays",
    right: "replay",
    summary: "The newest replays and how far they have come, newest first, without their results",
    answer: ReplayItems,
    handle: () => Effect.sync(() => ({ items: replays.all().map(({ result: _result, ...state }) => state) }))
  }),
  endpoint({
    method: "get",
    path: "/replays/{id}",
    right: "replay",
    summary: "One replay, with its result once it is done",
    answer: ReplayState,
    problems: [404],
    handle: ({ param }) => replays.one(param("id"))
  }),
  endpoint({
    method: "delete",
    path: "/replays/{id}",
    right: "replay",
    summary: "Cancel a replay; one that is over stays as it is",
    status: 204,
    problems: [404],
    handle: ({ param }) => replays.cancel(param("id"))
  })
]
