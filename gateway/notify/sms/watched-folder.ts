import { type FSWatcher, type Stats, readdirSync, statSync, watch } from "node:fs"
import { join } from "node:path"
import { Effect, type Scope } from "effect"

/** A file that lies in a folder. */
export interface LyingFile {
  readonly path: string
  readonly name: string
  /** Differs when the file does, or who may read it. */
  readonly stamp: string
  readonly bytes: number
  readonly changedMs: number
}

/** A folder that others put files into, and that may come and go. */
export interface WatchedFolder {
  readonly path: string
  /** The files in it, the oldest first, without those whose name begins with a dot; none when it is not there. */
  readonly files: () => ReadonlyArray<LyingFile>
}

const stampOf = ({ ino, size, mtimeMs, ctimeMs }: Stats): string => `${ino}:${size}:${mtimeMs}:${ctimeMs}`

const lying = (folder: string, name: string): ReadonlyArray<LyingFile> => {
  const path = join(folder, name)
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats?.isFile() !== true) return []
  return [{ path, name, stamp: stampOf(stats), bytes: stats.size, changedMs: stats.mtimeMs }]
}

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT"

/**
 * Watches a folder until the scope ends: `changed` is called when something happens in it. The system stops telling when
 * the folder goes, so each `files` sees to it that the folder which is there now is the one that is watched.
 */
export const watchFolder = (folder: string, changed: () => void): Effect.Effect<WatchedFolder, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        let watched: { readonly watcher: FSWatcher; readonly made: string } | undefined
        const close = (): void => {
          watched?.watcher.close()
          watched = undefined
        }
        const follow = (): void => {
          const there = statSync(folder, { throwIfNoEntry: false })
          const made = there === undefined ? undefined : `${there.ino}:${there.birthtimeMs}`
          if (made === watched?.made) return
          close()
          if (made === undefined) return
          try {
            const watcher = watch(folder, { persistent: false }, changed)
            watcher.on("error", close)
            watched = { watcher, made }
          } catch {
            // It has gone again, or the system watches no more folders: the slow looks find what comes.
            close()
          }
        }
        return { follow, close }
      }),
      ({ close }) => Effect.sync(close)
    ),
    ({ follow }) => ({
      path: folder,
      files: () => {
        follow()
        try {
          const names = readdirSync(folder).filter((name) => !name.startsWith("."))
          return names.flatMap((name) => lying(folder, name)).toSorted((a, b) => a.changedMs - b.changedMs)
        } catch (error) {
          if (isMissing(error)) return []
          throw error
        }
      }
    })
  )
