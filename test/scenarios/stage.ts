import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { scenarioParts } from "../../gateway/cli/scenario-runner.ts"
import type { ScenarioOutcome } from "../../gateway/cli/test.ts"
import { installed } from "../../gateway/installed.ts"
import { loadSettings, type Settings } from "../../gateway/settings/load-settings.ts"

/** The settings of a campus, with the adapters and profiles of this build. */
export const read = (paths: ReadonlyArray<string>): Settings => loadSettings(paths, installed)

export const parts = scenarioParts(read)

/** Runs one file; what it says of itself. */
export const runFile = async (file: string): Promise<ScenarioOutcome> => {
  const [outcome] = await parts.run(file)
  if (outcome === undefined) throw new Error(`${file} has no outcome`)
  return outcome
}

/** Runs a scenario that is written in the test; places in its problems read `scenario.yaml:<line>:<column>`. */
export const runText = async (text: string): Promise<ScenarioOutcome> => {
  const directory = mkdtempSync(join(tmpdir(), "gatehouse-scenario-"))
  try {
    const file = join(directory, "scenario.yaml")
    writeFileSync(file, text)
    const outcome = await runFile(file)
    return { ...outcome, problems: outcome.problems.map((problem) => problem.replaceAll(`${directory}/`, "")) }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
