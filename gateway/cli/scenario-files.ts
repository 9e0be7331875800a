import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"

const scenarioFile = /\.ya?ml$/

/** The scenario files behind files and directories, in order of their names. Throws when there is none. */
export const scenarioFiles = (paths: ReadonlyArray<string>): ReadonlyArray<string> => {
  const files = paths.flatMap((path) => {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) throw new Error(`${path}: there is no such file or directory`)
    if (!stat.isDirectory()) return [path]
    return readdirSync(path)
      .filter((name) => scenarioFile.test(name))
      .sort()
      .map((name) => join(path, name))
  })
  if (files.length === 0) throw new Error(`there is no scenario file (.yaml) in ${paths.join(", ")}`)
  return files
}
