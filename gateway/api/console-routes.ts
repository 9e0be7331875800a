import { Effect, Result, Schema } from "effect"
import { ConsoleId, silenceMs, UnwatchedWhy } from "../domain/console.ts"
import { EpochMs } from "../domain/ids.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { invalidRequest } from "./problem.ts"
import type { Sources } from "./sources.ts"

const VolumeBody = Schema.Struct({
  percent: Schema.Int.pipe(
    Schema.check(
      Schema.isBetween({ minimum: 10, maximum: 100 }, { expected: "percent: a whole number from 10 to 100" })
    )
  )
})

const WatchBody = Schema.Struct({
  unwatched: Schema.optionalKey(UnwatchedWhy).annotate({ description: "Why nobody looks; absent: somebody does" })
})

const SilencedAnswer = Schema.Struct({ until: EpochMs }).annotate({ identifier: "Silenced" })

const decodeId = Schema.decodeUnknownResult(ConsoleId)

const idOf = (text: string): Effect.Effect<ConsoleId, ReturnType<typeof invalidRequest>> => {
  const decoded = decodeId(text)
  return Result.isSuccess(decoded)
    ? Effect.succeed(decoded.success)
    : Effect.fail(invalidRequest("query", [{ path: "id", message: 'Expected a console\'s name such as "c-1f0a93"' }]))
}

/** What consoles tell of themselves: silence, volume, and whether anybody looks. Each is a fact. */
export const consoleRoutes = ({ intake, now }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "post",
    path: "/consoles/{id}/silence",
    right: "acknowledge",
    summary: "Have a console make no sound for 60 s; never longer, and never without a trace",
    answer: SilencedAnswer,
    handle: Effect.fnUntraced(function* ({ by, param }) {
      const until = now() + silenceMs
      yield* intake.enter({ _tag: "AlarmSilenced", console: yield* idOf(param("id")), by, until })
      return { until }
    })
  }),
  endpoint({
    method: "post",
    path: "/consoles/{id}/volume",
    right: "acknowledge",
    summary: "Say how loud a console is from now on, percent of its loudest",
    body: VolumeBody,
    status: 204,
    handle: Effect.fnUntraced(function* ({ by, param, body: { percent } }) {
      yield* intake.enter({ _tag: "AlarmVolumeSet", console: yield* idOf(param("id")), by, percent })
    })
  }),
  endpoint({
    method: "post",
    path: "/consoles/{id}/watch",
    right: "see",
    summary: "Say whether anybody looks at a console while a critical alert waits",
    body: WatchBody,
    status: 204,
    handle: Effect.fnUntraced(function* ({ by, param, body: { unwatched: why } }) {
      const console = yield* idOf(param("id"))
      yield* intake.enter(
        why === undefined ? { _tag: "ConsoleWatched", console, by } : { _tag: "ConsoleUnwatched", console, by, why }
      )
    })
  })
]
