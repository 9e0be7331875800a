import { createHash } from "node:crypto"
import { statSync, unlinkSync } from "node:fs"
import { mkdir, open, readdir, readFile, rename, stat, unlink, utimes } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Data, Effect, Semaphore } from "effect"
import { EvidenceHash, type PictureType } from "../domain/evidence.ts"
import type { EpochMs } from "../domain/ids.ts"

const endings: Readonly<Record<PictureType, string>> = { "image/jpeg": ".jpg", "image/png": ".png" }

/** The picture cannot be written or read: disk full, no permission, an I/O error. */
export class EvidenceUnavailable extends Data.TaggedError("EvidenceUnavailable")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason
  }
}

/** A picture on disk. */
export interface KeptFile {
  readonly hash: EvidenceHash
  readonly mediaType: PictureType
  /** When it was kept the last time. */
  readonly keptAt: EpochMs
}

/** Files written at the same time: the rest of the process has to get at the disk and at the threads beside it too. */
const writesAtOnce = 3

/** Pictures that wait for the disk take no more memory than this; a disk that falls behind so far loses some. */
const waitingBytesMax = 512 * 1024 * 1024

const hashPattern = /^[0-9a-f]{64}$/

/** A hash as somebody writes it; `undefined` when it is none, and no file's name is made of it. */
export const hashIn = (text: string): EvidenceHash | undefined =>
  hashPattern.test(text) ? EvidenceHash.make(text) : undefined

export const hashOfPicture = (bytes: Uint8Array): EvidenceHash =>
  EvidenceHash.make(createHash("sha256").update(bytes).digest("hex"))

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "EIO"

const isAbsent = (error: unknown): boolean => codeOf(error) === "ENOENT"

const unavailable = (error: unknown): EvidenceUnavailable => {
  const code = codeOf(error)
  const full = code === "ENOSPC" || code === "EDQUOT"
  const what = error instanceof Error ? error.message : String(error)
  return new EvidenceUnavailable({ reason: full ? `the disk is full (${code})` : `its file failed (${what})` })
}

/** Where a picture lies: `evidence/ab/ab12….jpg` in the data directory. */
export const evidenceDirectory = (dataDir: string): string => join(dataDir, "evidence")
const folderOf = (directory: string, hash: EvidenceHash): string => join(directory, hash.slice(0, 2))
export const evidenceFile = (directory: string, hash: EvidenceHash, mediaType: PictureType): string =>
  join(folderOf(directory, hash), `${hash}${endings[mediaType]}`)

const flushDirectory = async (folder: string): Promise<void> => {
  const handle = await open(folder, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Beside, flushed, then renamed and that flushed too: after a crash the picture is whole or absent. */
const write = async (folder: string, file: string, beside: string, bytes: Uint8Array): Promise<void> => {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (made !== undefined) {
    const parent = dirname(folder)
    for (const above of [parent, dirname(parent)]) await flushDirectory(above)
  }
  try {
    const handle = await open(beside, "w", 0o600)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, file)
  } catch (error) {
    await unlink(beside).catch(() => {})
    throw error
  }
  await flushDirectory(folder)
}

const statOf = async (file: string): Promise<{ readonly mtimeMs: EpochMs; readonly size: number } | undefined> => {
  try {
    return await stat(file)
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

const namesIn = async (folder: string): Promise<ReadonlyArray<string>> => {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isAbsent(error) || codeOf(error) === "ENOTDIR") return []
    throw error
  }
}

const types = Object.entries(endings) as ReadonlyArray<readonly [PictureType, string]>

/** What a file's name says; `undefined` for what is no picture of ours. */
const named = (name: string): { readonly hash: EvidenceHash; readonly mediaType: PictureType } | undefined => {
  const type = types.find(([, ending]) => name.endsWith(ending))
  const hash = type === undefined ? undefined : hashIn(name.slice(0, -type[1].length))
  return type === undefined || hash === undefined ? undefined : { hash, mediaType: type[0] }
}

/**
 * The pictures on disk, each under the hash of its bytes, readable by us alone. Equal pictures are one file.
 */
export const openEvidenceFiles = (dataDir: string) => {
  const directory = evidenceDirectory(dataDir)
  /** Pictures that are being kept: between the file and the fact that names it, nobody may remove the file. */
  const keeping = new Map<EvidenceHash, number>()
  const disk = Semaphore.makeUnsafe(writesAtOnce)
  let waitingBytes = 0
  let written = 0

  const hold = (hash: EvidenceHash, by: 1 | -1): void => {
    const holders = (keeping.get(hash) ?? 0) + by
    if (holders === 0) keeping.delete(hash)
    else keeping.set(hash, holders)
  }

  const put = async (hash: EvidenceHash, mediaType: PictureType, bytes: Uint8Array): Promise<void> => {
    const file = evidenceFile(directory, hash, mediaType)
    // One that a failing disk cut short is written anew.
    if ((await statOf(file))?.size === bytes.byteLength) {
      const now = new Date()
      return utimes(file, now, now)
    }
    const folder = folderOf(directory, hash)
    written++
    await write(folder, file, join(folder, `.${hash}.${process.pid}.${written}.new`), bytes)
  }

  /** Every picture there is, folder by folder. What a crash left unfinished is cleared away on the way. */
  async function* walk(): AsyncGenerator<KeptFile> {
    for (const folder of await namesIn(directory)) {
      for (const name of await namesIn(join(directory, folder))) {
        const path = join(directory, folder, name)
        const picture = named(name)
        const keptAt = picture === undefined ? undefined : (await statOf(path))?.mtimeMs
        if (picture !== undefined && keptAt !== undefined) yield { ...picture, keptAt }
        else if (name.endsWith(".new") && !name.includes(`.${process.pid}.`)) await unlink(path)
      }
    }
  }

  return {
    /** Writes a picture, then runs `then` with its hash; until that is over the file stays. */
    keep: <A, E>(
      bytes: Uint8Array,
      mediaType: PictureType,
      then: (hash: EvidenceHash) => Effect.Effect<A, E>
    ): Effect.Effect<A, E | EvidenceUnavailable> =>
      Effect.suspend(() => {
        const size = bytes.byteLength
        if (waitingBytes + size > waitingBytesMax) {
          return Effect.fail(new EvidenceUnavailable({ reason: "the disk cannot keep up with the pictures" }))
        }
        waitingBytes += size
        let held: EvidenceHash | undefined
        const write = Effect.suspend(() => {
          const hash = hashOfPicture(bytes)
          held = hash
          hold(hash, 1)
          return Effect.tryPromise({ try: () => put(hash, mediaType, bytes), catch: unavailable }).pipe(Effect.as(hash))
        })
        return write.pipe(
          Semaphore.withPermit(disk),
          Effect.ensuring(Effect.sync(() => (waitingBytes -= size))),
          Effect.flatMap(then),
          Effect.ensuring(Effect.sync(() => (held === undefined ? undefined : hold(held, -1))))
        )
      }),
    /** A picture by its hash; `undefined` when it is not there. */
    read: (
      hash: EvidenceHash
    ): Effect.Effect<
      { readonly bytes: Uint8Array; readonly mediaType: PictureType } | undefined,
      EvidenceUnavailable
    > =>
      Effect.tryPromise({
        try: async () => {
          for (const [mediaType] of types) {
            try {
              return { mediaType, bytes: await readFile(evidenceFile(directory, hash, mediaType)) }
            } catch (error) {
              if (!isAbsent(error)) throw error
            }
          }
          return undefined
        },
        catch: unavailable
      }),
    walk,
    /** Removes a picture unless it was kept anew since the cutoff, or is at this very moment; answers whether it did. */
    remove: (
      hash: EvidenceHash,
      mediaType: PictureType,
      cutoff: EpochMs
    ): Effect.Effect<boolean, EvidenceUnavailable> =>
      Effect.try({
        try: () => {
          const file = evidenceFile(directory, hash, mediaType)
          // Synchronous: nothing can come between the look and the act.
          if (keeping.has(hash) || statSync(file).mtimeMs >= cutoff) return false
          unlinkSync(file)
          return true
        },
        catch: unavailable
      })
  }
}

export type EvidenceFiles = ReturnType<typeof openEvidenceFiles>
