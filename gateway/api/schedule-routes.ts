import { Clock, Effect, Schema } from "effect"
import { isDuring, nextChange, scheduleRefsOf } from "../correlation/schedules.ts"
import type { Campus } from "../domain/campus.ts"
import { EpochMs } from "../domain/ids.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import type { Sources } from "./sources.ts"

/** A schedule, or a named period of one, and how it stands. */
export const ScheduleItem = Schema.Struct({
  schedule: Schema.String.annotate({ description: "Its name, or a period's: school-day/recess" }),
  timeZone: Schema.String.annotate({ description: "The zone by whose wall clock it goes" }),
  holds: Schema.Boolean.annotate({ description: "Whether it holds now" }),
  until: Schema.NullOr(EpochMs).annotate({ description: "When that changes; null: never" })
}).annotate({ identifier: "ScheduleItem" })
export const ScheduleItems = Schema.Struct({ items: Schema.Array(ScheduleItem) })

const itemsOf = (campus: Campus, at: number): ReadonlyArray<typeof ScheduleItem.Type> => {
  const zones = new Map<string, string | undefined>((campus.schedules ?? []).map(({ id, timeZone }) => [id, timeZone]))
  return scheduleRefsOf(campus).map((schedule) => ({
    schedule,
    timeZone: zones.get(schedule.split("/")[0] ?? schedule) ?? campus.site.timeZone,
    holds: isDuring(campus, schedule, at),
    until: nextChange(campus, schedule, at) ?? null
  }))
}

/** Schedules: what holds now, and until when. */
export const scheduleRoutes = ({ intake }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "get",
    path: "/schedules",
    right: "see",
    summary: "Every schedule and each of its named periods: whether it holds now, and until when",
    answer: ScheduleItems,
    handle: () =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const { campus } = intake.situation()
        return { items: campus === undefined ? [] : itemsOf(campus, now) }
      })
  })
]
