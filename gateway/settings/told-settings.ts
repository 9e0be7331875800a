import { needsRestart, restartPaths } from "./config-changes.ts"
import type { Checked, Settings } from "./load-settings.ts"
import type { Problem } from "./problem.ts"

/** What reading a configuration came to, as data: it may have been read on another thread. */
export interface ToldSettings {
  /** Only where there is no error. */
  readonly settings: Settings | undefined
  readonly problems: ReadonlyArray<Problem>
  /** An error without its words at each place that only a restart can change. */
  readonly restartPlaces: ReadonlyArray<Problem>
  /** The same at the configuration as a whole. */
  readonly wholePlace: Problem
}

/** A configuration that was read here, as data. */
export const toldOf = ({ settings, problems, problem }: Checked): ToldSettings => ({
  settings,
  problems,
  restartPlaces: settings === undefined ? [] : restartPaths.map((path) => problem(path, "")),
  wholePlace: problem([], "")
})

/** Sections that hold what a site has. One that is gone is a file that was not copied, and nobody's wish. */
const holding: ReadonlyArray<string> = [
  "areas",
  "devices",
  "doors",
  "cameras",
  "schedules",
  "calendars",
  "rules",
  "packs",
  "people",
  "procedures",
  "plans",
  "channels",
  "escalations",
  "inbound"
]

/** Sections that were there and are not written any more. */
const goneFrom = (before: Settings, after: Settings, whole: Problem): ReadonlyArray<Problem> =>
  holding.flatMap((name) => {
    const had = before.sections.get(name) ?? 0
    if (had === 0 || after.sections.has(name)) return []
    const message =
      `there is no section "${name}" any more, and what it held (${had}) is in force: put back the file that had it, ` +
      `or write "${name}: ${name === "channels" ? "{}" : "[]"}" if nothing of it is meant to stay`
    return [{ ...whole, message }]
  })

/** What stands in the way of putting a configuration in force without a restart. */
export const obstaclesOf = (
  inForce: Settings,
  { settings, restartPlaces, wholePlace }: ToldSettings
): ReadonlyArray<Problem> => {
  if (settings === undefined) return []
  const restart = needsRestart(inForce, settings).flatMap(({ path, was }) => {
    const place = restartPlaces[restartPaths.findIndex((one) => one.join(".") === path.join("."))]
    const message = `${path.join(".")} cannot change while the gateway runs (it is ${was}): restart it, or undo this`
    return place === undefined ? [] : [{ ...place, message }]
  })
  return [...restart, ...goneFrom(inForce, settings, wholePlace)]
}
