import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { expect, test } from "vitest"
import { AlertId, CameraId } from "../../gateway/domain/ids.ts"
import { openEvidenceFiles } from "../../gateway/evidence/evidence-files.ts"
import { verifyWithEvidence } from "../../gateway/evidence/verify-evidence.ts"
import { openIntake } from "../intake/open-intake.ts"
import { temporaryDirectory } from "../road/peers.ts"
import { jpegOf } from "./pictures.ts"

test("a log is held against the pictures it names: one that is gone or another is told, one that has expired is not missed", async () => {
  const directory = temporaryDirectory("verify-evidence")
  const files = openEvidenceFiles(directory.path)
  const { intake, close } = await openIntake(join(directory.path, "gatehouse.db"), Date.now)
  const which = { alert: AlertId.make("A-1"), camera: CameraId.make("cam"), offsetSeconds: 0, occurredAt: 1 } as const
  const keep = (n: number) =>
    Effect.runPromise(
      files.keep(jpegOf(n), "image/jpeg", (hash) =>
        intake
          .enter({ _tag: "EvidenceKept", ...which, takenAt: 2, hash, bytes: 1, mediaType: "image/jpeg" })
          .pipe(Effect.as(hash))
      )
    )
  const hashes = [await keep(1), await keep(2), await keep(3)] as const
  const look = () => verifyWithEvidence(directory.path, { evidence: true })
  const fileOf = (hash: string) => join(directory.path, "evidence", hash.slice(0, 2), `${hash}.jpg`)
  try {
    expect(look()).toMatchObject({ pictures: 3, faults: [] })
    rmSync(fileOf(hashes[0]))
    writeFileSync(fileOf(hashes[1]), jpegOf(9))
    expect(look().faults).toEqual([
      `the picture ${hashes[0]} of alert A-1 (entry 2) is missing or cannot be read`,
      `the picture ${hashes[1]} of alert A-1 (entry 3) is not what was kept`
    ])
    expect(verifyWithEvidence(directory.path, { evidence: false }).faults).toEqual([])
    for (const hash of hashes.slice(0, 2)) {
      await Effect.runPromise(intake.enter({ _tag: "EvidenceExpired", alert: which.alert, hash }))
    }
    expect(look()).toMatchObject({ pictures: 1, faults: [] })
    await keep(1)
    expect(look()).toMatchObject({ pictures: 2, faults: [] })
  } finally {
    await close()
    directory.dispose()
  }
})
