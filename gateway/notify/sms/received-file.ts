import { randomUUID } from "node:crypto"
import { accessSync, constants, copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs"
import { basename, dirname, join } from "node:path"

/** Whether files can be taken out of a file's folder: else each start would read them anew. */
export const canBeTaken = (path: string): boolean => {
  try {
    accessSync(dirname(path), constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Moves a file into a folder, which is made where it is missing; what has its name there already stays. */
export const moveInto = (path: string, folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o750 })
  const wanted = join(folder, basename(path))
  const to = existsSync(wanted) ? `${wanted}.${randomUUID()}` : wanted
  try {
    renameSync(path, to)
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EXDEV")) throw error
    copyFileSync(path, to)
    rmSync(path)
  }
}

/** Takes a file away for good: into a folder, or, without one, altogether. */
export const takeAway = (path: string, folder: string | undefined): void =>
  folder === undefined ? rmSync(path, { force: true }) : moveInto(path, folder)
