import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fold, initial } from "../../gateway/correlation/fold.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import type { Fact } from "../../gateway/domain/fact.ts"
import { openForWriting } from "../../gateway/log/database.ts"
import { LogRecorder } from "../log/log-recorder.ts"

const directories: Array<string> = []

/** A log on disk that holds these facts and what the fold makes of them; `snapshotAfter`: a snapshot behind so many of them. */
export const logOf = (
  facts: ReadonlyArray<Fact>,
  snapshotAfter?: number
): { dataDir: string; situation: Situation } => {
  const dataDir = mkdtempSync(join(tmpdir(), "gatehouse-explain-"))
  directories.push(dataDir)
  const database = openForWriting(join(dataDir, "gatehouse.db"), "test", 0)
  const recorder = new LogRecorder(database, "test")
  let situation: Situation = initial
  let seq = 0
  const snapshots: Array<{ readonly seq: number; readonly at: number; readonly situation: Situation }> = []
  facts.forEach((fact, nth) => {
    const folded = fold(situation, seq + 1, fact)
    situation = folded.situation
    seq += recorder.append(seq + 1, fact.at, fact, folded.decisions)
    if (nth + 1 === snapshotAfter) snapshots.push({ seq, at: fact.at, situation })
  })
  recorder.commit()
  for (const one of snapshots) recorder.keepSnapshot(one.seq, one.at, one.situation)
  database.close()
  return { dataDir, situation }
}

/** Removes every log that was made. */
export const removeLogs = (): void => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
}
