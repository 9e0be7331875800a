import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Deferred, Effect, Fiber } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import {
  evidenceDirectory,
  evidenceFile,
  hashOfPicture,
  openEvidenceFiles
} from "../../gateway/evidence/evidence-files.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { jpegOf } from "./pictures.ts"

let directory: ReturnType<typeof temporaryDirectory>
beforeEach(() => {
  directory = temporaryDirectory("evidence-files")
})
afterEach(() => directory.dispose())

const picture = jpegOf(1)
const hash = hashOfPicture(picture)
const fileIn = (dataDir: string) => evidenceFile(evidenceDirectory(dataDir), hash, "image/jpeg")

const keep = (files: ReturnType<typeof openEvidenceFiles>, bytes: Uint8Array = picture) =>
  Effect.runPromise(files.keep(bytes, "image/jpeg", (kept) => Effect.succeed(kept)))

const listed = async (files: ReturnType<typeof openEvidenceFiles>) => {
  const found: Array<string> = []
  for await (const file of files.walk()) found.push(file.hash)
  return found.toSorted()
}

/** Only root may mount the small file system that can be filled. */
const canMount = process.getuid?.() === 0 && spawnSync("mount", ["--version"]).status === 0

describe("a picture on disk", () => {
  it("is there before anybody is told, in a directory and a file that only we can read", async () => {
    const files = openEvidenceFiles(directory.path)
    const there = await Effect.runPromise(
      files.keep(picture, "image/jpeg", () => Effect.sync(() => existsSync(fileIn(directory.path))))
    )
    expect(there).toBe(true)
    expect(statSync(fileIn(directory.path)).mode & 0o777).toBe(0o600)
    expect(statSync(evidenceDirectory(directory.path)).mode & 0o777).toBe(0o700)
    expect((await Effect.runPromise(files.read(hash)))?.bytes).toEqual(Buffer.from(picture))
    expect(await listed(files)).toEqual([hash])
  })

  it("that a failing disk has cut short is written anew", async () => {
    const files = openEvidenceFiles(directory.path)
    await keep(files)
    truncateSync(fileIn(directory.path), 10)
    await keep(files)
    expect((await Effect.runPromise(files.read(hash)))?.bytes).toEqual(Buffer.from(picture))
  })

  it("kept twice at once is one file, and what a crash left half written is cleared away", async () => {
    const files = openEvidenceFiles(directory.path)
    await Promise.all([keep(files), keep(files), keep(files, jpegOf(2))])
    const folder = join(evidenceDirectory(directory.path), hash.slice(0, 2))
    writeFileSync(join(folder, `.${hash}.999999.1.new`), "half")
    expect(await listed(files)).toEqual([hash, hashOfPicture(jpegOf(2))].toSorted())
    expect(readdirSync(folder).filter((name) => name.endsWith(".new"))).toEqual([])
  })

  it("is not removed while it is being kept anew, nor when it was since the cutoff", async () => {
    const files = openEvidenceFiles(directory.path)
    await keep(files)
    const old = new Date(1_000_000)
    utimesSync(fileIn(directory.path), old, old)
    const cutoff = 2_000_000
    const told = Deferred.makeUnsafe<void>()
    const remove = Effect.runSync(Effect.sync(() => files.remove(hash, "image/jpeg", cutoff)))
    const keeping = Effect.runFork(files.keep(picture, "image/jpeg", () => Deferred.await(told)))
    expect(await Effect.runPromise(remove)).toBe(false)
    Deferred.doneUnsafe(told, Effect.void)
    await Effect.runPromise(Fiber.join(keeping))
    expect(await Effect.runPromise(remove)).toBe(false)
    utimesSync(fileIn(directory.path), old, old)
    expect(await Effect.runPromise(remove)).toBe(true)
    expect(existsSync(fileIn(directory.path))).toBe(false)
  })

  it.skipIf(!canMount)("on a full disk is refused in words, and nothing of it is left", async () => {
    const small = join(directory.path, "small")
    mkdirSync(small)
    spawnSync("mount", ["-t", "tmpfs", "-o", "size=128k", "tmpfs", small])
    try {
      const files = openEvidenceFiles(small)
      const large = Buffer.concat([picture, Buffer.alloc(500_000)])
      const refused = await Effect.runPromise(
        files.keep(large, "image/jpeg", () => Effect.succeed("kept")).pipe(Effect.flip)
      )
      expect(refused.reason).toBe("the disk is full (ENOSPC)")
      expect(await listed(files)).toEqual([])
      const left = readdirSync(evidenceDirectory(small), { recursive: true, encoding: "utf8" })
      expect(left).toEqual([hashOfPicture(large).slice(0, 2)])
      expect(await keep(files)).toBe(hash)
    } finally {
      spawnSync("umount", [small])
    }
  })
})
