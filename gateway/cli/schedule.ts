import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { isDuring, nextChange, scheduleRefsOf, type Scheduled } from "../correlation/schedules.ts"
import { type Zone, zoneNamed } from "../correlation/zone.ts"
import { weekdayOf } from "../correlation/day-plan.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Settings } from "../settings/load-settings.ts"
import { usage } from "./failure.ts"
import { paint, say, sayJson } from "./output.ts"
import { settingsOrFail } from "./refused.ts"
import { columns } from "./table.ts"
import { usualConfig } from "./usual-config.ts"

/** Reads a configuration; throws `SettingsRefused`. Loaded only when the command runs. */
export type ScheduleParts = (paths: ReadonlyArray<string>) => Settings

const dayMs = 86_400_000

/** "Mon 2026-03-02 07:30", by the wall clock of a zone. */
const shown = (zone: Zone, at: EpochMs): string => {
  const local = zone.localOf(at)
  const weekday = weekdayOf(Math.floor(local / dayMs))
  const [date, time] = new Date(local).toISOString().split("T")
  return `${weekday.charAt(0).toUpperCase()}${weekday.slice(1)} ${date} ${time?.slice(0, 5)}`
}

/** The zone that a schedule is read in. */
const zoneOf = ({ schedules = [], site }: Scheduled, ref: string): Zone =>
  zoneNamed(schedules.find(({ id }) => id === ref.split("/")[0])?.timeZone ?? site.timeZone)

const overview = (campus: Scheduled, at: EpochMs): ReadonlyArray<ReadonlyArray<string>> =>
  scheduleRefsOf(campus).map((ref) => {
    const holds = isDuring(campus, ref, at)
    const next = nextChange(campus, ref, at)
    const word = holds ? paint("green", "● holds") : "○ does not"
    if (next === undefined) return [word, ref, "for good"]
    return [word, ref, `${holds ? "until" : "again from"} ${shown(zoneOf(campus, ref), next)}`]
  })

interface Change {
  readonly at: EpochMs
  readonly holds: boolean
}

const changesOf = (campus: Scheduled, ref: string, from: EpochMs, count: number): ReadonlyArray<Change> => {
  const changes: Array<Change> = []
  for (let at = nextChange(campus, ref, from); at !== undefined && changes.length < count;) {
    changes.push({ at, holds: isDuring(campus, ref, at) })
    at = nextChange(campus, ref, at)
  }
  return changes
}

const localTime = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d)?$/

/** `gatehouse schedule`: when the schedules of a configuration hold, by the wall clock; starts nothing. */
export const scheduleCommand = (load: () => Promise<ScheduleParts>) =>
  Command.make(
    "schedule",
    {
      schedule: Argument.String("schedule").pipe(
        Argument.withDescription("A schedule, or a period of one such as school-day/recess: its next changes"),
        Argument.optional
      ),
      at: Flag.String("at").pipe(
        Flag.withDescription("A day, or a time of its wall clock, instead of now: 2026-03-08T01:30"),
        Flag.filter(
          (at) => localTime.test(at) && !Number.isNaN(Date.parse(`${at.length === 10 ? `${at}T00:00` : at}Z`)),
          (at) => `a day or a local time such as 2026-03-08T01:30, not "${at}"`
        ),
        Flag.optional
      ),
      changes: Flag.Int("changes").pipe(Flag.withDescription("How many changes to show"), Flag.withDefault(10)),
      config: Flag.String("config").pipe(Flag.withDescription("The configuration"), Flag.withDefault(usualConfig)),
      json: Flag.Boolean("json").pipe(Flag.withDescription("One JSON object a line"), Flag.withDefault(false))
    },
    Effect.fn("schedule")(function* ({ schedule, at: written, changes, config, json }) {
      const { campus } = yield* settingsOrFail(yield* Effect.promise(load), config)
      const ref = Option.getOrUndefined(schedule)
      const refs = scheduleRefsOf(campus)
      if (ref !== undefined && !refs.includes(ref))
        return yield* usage(
          `there is no schedule ${ref}; there is ${refs.join(", ") || "none at all"}`,
          `npm run gatehouse -- schedule --config ${config}`
        )
      const zone = ref === undefined ? zoneNamed(campus.site.timeZone) : zoneOf(campus, ref)
      const at = Option.match(written, {
        onNone: () => Date.now(),
        onSome: (text) => zone.firstAt(Date.parse(`${text.length === 10 ? `${text}T00:00` : text}Z`))
      })
      if (ref === undefined) {
        if (json)
          for (const one of refs) {
            const next = nextChange(campus, one, at)
            const until = next === undefined ? null : new Date(next).toISOString()
            sayJson({ schedule: one, holds: isDuring(campus, one, at), until })
          }
        else for (const line of columns(overview(campus, at))) say(line)
        return
      }
      for (const change of changesOf(campus, ref, at, changes)) {
        if (json) sayJson({ at: new Date(change.at).toISOString(), holds: change.holds })
        else say(`${shown(zone, change.at)}  ${change.holds ? "begins" : "ends"}`)
      }
    })
  ).pipe(Command.withDescription("Show when schedules hold, by the wall clock of their zone: now, or at another time"))
