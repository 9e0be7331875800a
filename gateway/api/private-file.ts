import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs"

/** Writes a file that only we can read: beside, flushed, then renamed, so that after a crash it is whole or absent. */
export const writePrivately = (dataDir: string, file: string, text: string): void => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const beside = `${file}.${process.pid}.new`
  const handle = openSync(beside, "w", 0o600)
  try {
    writeSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(beside, file)
}

/** What a file of ours holds; `undefined` while there is none. Throws when it is there and cannot be read. */
export const readPrivately = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8")
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined
    throw error
  }
}

/** What a file of ours holds, which is made where there is none. Throws as `readPrivately` and `writePrivately` do. */
export const keptPrivately = (dataDir: string, file: string, made: () => string): string => {
  const kept = readPrivately(file)
  if (kept !== undefined) return kept
  const text = made()
  writePrivately(dataDir, file, text)
  return text
}
