import type { CompleteDoorTimes } from "../domain/door.ts"
import type { EpochMs } from "../domain/ids.ts"
import { coverByMode, exitVerdict, grantVerdict, type Known, modeThen, scheduleVerdict } from "./door-cover.ts"
import type { ExitRequest, Grant } from "./door-memory.ts"
import type { Ground } from "./door-verdict.ts"

const missed = (ms: number | undefined): { readonly missedByMs?: number } =>
  ms === undefined ? {} : { missedByMs: ms }

const byGrant = (door: Known, grant: Grant, at: EpochMs, times: CompleteDoorTimes): Ground => {
  const verdict = grantVerdict(door, grant, at, times)
  const ms = {
    covers: 0,
    after: (grant.earliest ?? grant.at) - times.reorderGraceMs - at,
    refused: undefined,
    over: at - grant.until,
    used: at - grant.unlockedUntil,
    "locked again": at - (door.lockedAt ?? at)
  }[verdict]
  return {
    by: "grant",
    at: grant.at,
    seq: grant.seq,
    verdict,
    ...missed(ms),
    ...(grant.credential === undefined ? {} : { credential: grant.credential }),
    ...(grant.officer === undefined ? {} : { officer: grant.officer })
  }
}

const byExit = (exit: ExitRequest, at: EpochMs, times: CompleteDoorTimes): Ground => {
  const verdict = exitVerdict(exit, at, times)
  const { from, earliest = from, until, point, seq } = exit
  const ms = {
    covers: 0,
    over: at - times.rexValidSeconds * 1000 - from,
    after: earliest - at - times.rexLateSeconds * 1000,
    "not seen to begin": until === undefined || until > at ? Math.max(0, from - at) : at - until
  }[verdict]
  return { by: "rex", point, at: from, seq, verdict, ...missed(ms) }
}

const byMode = (door: Known, at: EpochMs, seq: number, times: CompleteDoorTimes): Ground => {
  const mode = modeThen(door, at)
  const verdict = coverByMode(door, at, seq, times) !== undefined ? "covers" : mode === "Unknown" ? "unknown" : "locks"
  return { by: "mode", mode, at: door.modeAt, verdict, ...(verdict === "covers" ? { missedByMs: 0 } : {}) }
}

/** The newest scheduled unlock, of a door that has had one. */
const bySchedule = (door: Known, at: EpochMs, times: CompleteDoorTimes): ReadonlyArray<Ground> => {
  const { scheduled } = door
  if (scheduled === undefined) return []
  const verdict = scheduleVerdict(door, at, times)
  const ms = {
    covers: 0,
    "awaits the first person": undefined,
    refused: undefined,
    after: (scheduled.from ?? at) - times.reorderGraceMs - at,
    over: at - (scheduled.until ?? at) - times.reorderGraceMs
  }[verdict]
  return [{ by: "schedule", at: scheduled.from ?? scheduled.begun, verdict, ...missed(ms) }]
}

/**
 * All that could make an opening at `at` rightful, each as `coverOf` sees it, with how near it came: the mode, the schedule, then grants
 * and requests to exit, oldest first. The opening is covered just when one of them covers.
 */
export const groundsOf = (door: Known, at: EpochMs, seq: number, times: CompleteDoorTimes): ReadonlyArray<Ground> => [
  byMode(door, at, seq, times),
  ...bySchedule(door, at, times),
  ...door.grants.map((grant) => byGrant(door, grant, at, times)),
  ...door.exits.map((exit) => byExit(exit, at, times))
]
