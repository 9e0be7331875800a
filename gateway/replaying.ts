import { join } from "node:path"
import type { ReplayParts } from "./cli/replay.ts"
import type { ConfigProblem } from "./domain/configuration.ts"
import { installed } from "./installed.ts"
import { openRecordedLog } from "./log/recorded-log.ts"
import { Replays } from "./replay/replays.ts"
import { replayInThreads } from "./replay/threads.ts"
import { checkChange } from "./settings/changed-settings.ts"
import { loadSettings, type Settings } from "./settings/load-settings.ts"
import { SettingsRefused } from "./settings/settings-refused.ts"
import type { Problem } from "./settings/problem.ts"
import { readSources, readText } from "./settings/sources.ts"

/** What `gatehouse replay` runs with. */
export const replayParts: ReplayParts = {
  changed: (rules, config) => {
    const base = (): Settings => loadSettings([config], installed)
    const { settings, problems } = checkChange(base, readSources([rules]), installed)
    if (settings === undefined) throw new SettingsRefused({ problems })
    return settings
  },
  open: openRecordedLog,
  replay: replayInThreads
}

const placed = ({ place, message }: Problem): ConfigProblem => ({
  file: place.file,
  line: place.line,
  column: place.column,
  message
})

/** Replays of a running gateway's log, with changes to the configuration that is in force then. */
export const replaysOf = (dataDir: string, inForce: () => Settings) =>
  Replays.layer({
    file: join(dataDir, "gatehouse.db"),
    replay: replayInThreads,
    check: (text) => {
      const { settings, problems, problem } = checkChange(inForce, readText({ file: "change", text }), installed)
      const errors = problems.filter(({ severity }) => severity === "error")
      if (settings === undefined) return { problems: errors.map(placed) }
      const { campus, configVersion: version } = settings
      const { id } = inForce().campus.site
      if (campus.site.id === id) return { campus, version }
      return { problems: [placed(problem(["site", "id"], `this gateway's log is of site "${id}"`))] }
    }
  })
