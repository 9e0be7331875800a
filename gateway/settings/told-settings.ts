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
}

/** A configuration that was read here, as data. */
export const toldOf = ({ settings, problems, problem }: Checked): ToldSettings => ({
  settings,
  problems,
  restartPlaces: settings === undefined ? [] : restartPaths.map((path) => problem(path, ""))
})

/** What stands in the way of putting a configuration in force without a restart. */
export const obstaclesOf = (inForce: Settings, { settings, restartPlaces }: ToldSettings): ReadonlyArray<Problem> =>
  settings === undefined
    ? []
    : needsRestart(inForce, settings).flatMap(({ path, was }) => {
        const place = restartPlaces[restartPaths.findIndex((one) => one.join(".") === path.join("."))]
        const message = `${path.join(".")} cannot change while the gateway runs (it is ${was}): restart it, or undo this`
        return place === undefined ? [] : [{ ...place, message }]
      })
