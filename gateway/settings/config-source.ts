import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import type { Effect } from "effect"
import type { Settings } from "./load-settings.ts"
import { configFiles } from "./sources.ts"
import type { ToldSettings } from "./told-settings.ts"

/** Where a running gateway's configuration comes from, and how it is read anew. */
export interface ConfigSource {
  /** What the files and directories are called, for people. */
  readonly name: string
  /** Reads and checks it, as a start does; fails with why nothing could be read. */
  readonly read: Effect.Effect<ToldSettings, string>
  /**
   * How the files look from outside: equal as long as nobody has written to any of them, put another in its place, or
   * added or removed one. `beside`: the directories of profiles and rule packs, and the drawings, in force.
   */
  readonly mark: (beside: ReadonlyArray<string>) => string
  /** The mark at the start: what has changed since is news. */
  readonly began: string
  /** Calls whenever the process is told to read its configuration anew (SIGHUP); the answer ends that. */
  readonly onHangUp: (listener: () => void) => () => void
}

/** Inode, size and both times to the nanosecond: a file that was replaced, or written within a tick, is another one. */
const markOf = (file: string): string => {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? `${file} gone` : `${file} ${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`
}

const isDrawing = (path: string): boolean => /\.svg$/i.test(path)

const filesIn = (directory: string): ReadonlyArray<string> => {
  try {
    return readdirSync(directory)
      .filter((name) => /\.ya?ml$/.test(name))
      .map((name) => join(directory, name))
      .sort()
  } catch {
    // A directory that is away is told by the reader, in words.
    return []
  }
}

/** Directories that a configuration names, and whose files are part of it; and the drawings of its plans. */
export const besideOf = ({
  profilesDirectory,
  rulesDirectory,
  drawings
}: Pick<Settings, "profilesDirectory" | "rulesDirectory" | "drawings">): ReadonlyArray<string> => [
  profilesDirectory,
  rulesDirectory,
  ...drawings.files
]

/** The configuration in these files and directories, with what `beside` it the one in force names. */
export const sourceOf = (
  paths: ReadonlyArray<string>,
  beside: ReadonlyArray<string>,
  {
    read,
    onHangUp
  }: Pick<ConfigSource, "onHangUp"> & {
    readonly read: (paths: ReadonlyArray<string>) => Effect.Effect<ToldSettings, string>
  }
): ConfigSource => {
  const mark = (named: ReadonlyArray<string>): string =>
    [...paths, ...configFiles(paths), ...named.flatMap(filesIn), ...named.filter(isDrawing)].map(markOf).join("\n")
  return { name: paths.join(", "), read: read(paths), mark, began: mark(beside), onHangUp }
}
