import { Effect, HashMap } from "effect"
import type { Alert } from "../domain/alert.ts"
import type { EvidenceHash } from "../domain/evidence.ts"
import type { AlertId, EpochMs } from "../domain/ids.ts"
import type { Intake } from "../intake/intake.ts"
import type { SecurityLog, StoreUnavailable } from "../log/security-log.ts"
import type { EvidenceFiles, KeptFile } from "./evidence-files.ts"

const dayMs = 24 * 3600 * 1000

/** Alerts read at a time: the gateway does other things in between. */
const pageOfAlerts = 100

interface ExpiryOptions {
  readonly intake: Intake["Service"]
  readonly log: SecurityLog["Service"]
  readonly files: EvidenceFiles
  readonly keepDays: number
  readonly now: () => EpochMs
}

const picturesOf = (alert: Alert): ReadonlyArray<EvidenceHash> =>
  (alert.evidence ?? []).flatMap((frame) => ("hash" in frame ? [frame.hash] : []))

/** Which alerts still need which pictures, and which no longer do. */
interface Needs {
  readonly needed: Set<EvidenceHash>
  readonly expired: Map<EvidenceHash, Set<AlertId>>
}

/**
 * An alert's pictures are let go so long after it was closed, and after its case was, where it belongs to one: what is
 * looked into is not taken away meanwhile.
 */
const isOver = Effect.fnUntraced(function* (log: SecurityLog["Service"], alert: Alert, cutoff: EpochMs) {
  if (!alert.closed || (alert.closedAt ?? alert.updatedAt) >= cutoff) return false
  const incident = yield* log.incidentOf(alert.id)
  return incident === undefined || (incident.closed && (incident.closedAt ?? incident.updatedAt) < cutoff)
})

const sort = Effect.fnUntraced(function* (
  log: SecurityLog["Service"],
  needs: Needs,
  alert: Alert,
  cutoff: EpochMs
): Effect.fn.Return<void, StoreUnavailable> {
  if (picturesOf(alert).length === 0) return
  const over = yield* isOver(log, alert, cutoff)
  for (const hash of picturesOf(alert)) {
    if (!over) needs.needed.add(hash)
    else needs.expired.set(hash, (needs.expired.get(hash) ?? new Set()).add(alert.id))
  }
})

/** Every alert of the log, a page at a time. */
const needsOf = Effect.fnUntraced(function* (log: SecurityLog["Service"], cutoff: EpochMs) {
  const needs: Needs = { needed: new Set(), expired: new Map() }
  let before: number | undefined
  for (;;) {
    const limit = pageOfAlerts
    const page: ReadonlyArray<Alert> = yield* log.alerts({ limit, ...(before === undefined ? {} : { before }) })
    for (const alert of page) yield* sort(log, needs, alert, cutoff)
    const last = page.at(-1)?.raisedBy
    if (last === undefined) return needs
    // A fact may raise several alerts, and a page may end between them.
    for (const alert of yield* raisedWith(log, last)) yield* sort(log, needs, alert, cutoff)
    before = last
    yield* Effect.sleep(0)
  }
})

const raisedWith = (
  log: SecurityLog["Service"],
  raisedBy: number
): Effect.Effect<ReadonlyArray<Alert>, StoreUnavailable> =>
  log
    .alerts({ before: raisedBy + 1, limit: 1000 })
    .pipe(Effect.map((alerts) => alerts.filter((alert) => alert.raisedBy === raisedBy)))

/** Pictures that were kept for the last time before the cutoff: all others are younger than any alert that may let go. */
const oldFiles = async (files: EvidenceFiles, cutoff: EpochMs): Promise<ReadonlyArray<KeptFile>> => {
  const old: Array<KeptFile> = []
  for await (const file of files.walk()) if (file.keptAt < cutoff) old.push(file)
  return old
}

/**
 * Removes the pictures that only alerts have that were closed more than `keepDays` ago, and their incidents with them; each removal is a fact first. A picture
 * that an open or younger alert has too stays, and one that no alert has (a crash before its fact) leaves without a word:
 * it never was evidence. Answers how many files were removed.
 */
export const expireOnce = Effect.fn("Evidence.expire")(function* (options: ExpiryOptions) {
  const { intake, log, files, keepDays, now } = options
  const cutoff = now() - keepDays * dayMs
  const old = yield* Effect.promise(() => oldFiles(files, cutoff))
  if (old.length === 0) return 0
  const { needed, expired } = yield* needsOf(log, cutoff)
  for (const { evidence = [] } of HashMap.values(intake.situation().alerts)) {
    for (const frame of evidence) if ("hash" in frame) needed.add(frame.hash)
  }
  let removed = 0
  for (const { hash, mediaType } of old) {
    if (needed.has(hash)) continue
    for (const alert of expired.get(hash) ?? []) yield* intake.enter({ _tag: "EvidenceExpired", alert, hash })
    const gone = yield* files
      .remove(hash, mediaType, cutoff)
      .pipe(
        Effect.catchTag("EvidenceUnavailable", ({ reason }) =>
          Effect.logWarning(`the picture ${hash} could not be removed: ${reason}`).pipe(Effect.as(false))
        )
      )
    if (gone) removed++
  }
  return removed
})
