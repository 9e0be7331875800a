import type { CompleteDoorTimes, DoorMode } from "../domain/door.ts"
import type { EpochMs } from "../domain/ids.ts"
import { appended } from "./lists.ts"
import { type Cover, type DoorMemory, type ExitRequest, type Grant, isAwaited } from "./door-memory.ts"
import type { ExitVerdict, GrantVerdict, ScheduleVerdict } from "./door-verdict.ts"

/** What makes an opening rightful: the door's mode, a grant, a request to exit. */
export type Known = Pick<DoorMemory, "mode" | "modeAt" | "modeBefore" | "scheduled" | "grants" | "exits" | "lockedAt">

const opensFreely: ReadonlySet<DoorMode> = new Set(["Unlocked", "LockedOpen", "Accessed"])
const refusesGrants: ReadonlySet<DoorMode> = new Set(["LockedDown", "Blocked"])

/** Whether the door may stand open. An access (Accessed) is one passage: its opening is timed like any other. */
export const mayStandOpen = (mode: DoorMode): boolean => mode === "Unlocked" || mode === "LockedOpen"

/** The mode the door was in at `at`, as far back as the change before. */
export const modeThen = (door: Known, at: EpochMs): DoorMode => (at >= door.modeAt ? door.mode : door.modeBefore)

/** ONVIF Blocked and LockedDown: a valid credential does not open the door. */
export const refusedGrants = (door: Known, at: EpochMs): boolean => refusesGrants.has(modeThen(door, at))

/**
 * ONVIF masks forced-open while the mode lets the door be opened. The mode and the contact come on two roads: a mode
 * that was told just after the opening covers it too, and who was let in just before a mode ended gets the entry time.
 */
export const coverByMode = (door: Known, at: EpochMs, seq: number, times: CompleteDoorTimes): Cover | undefined => {
  const mode = freeingMode(door, at, times)
  return mode === undefined ? undefined : { by: "mode", at, seq, text: `The door's mode was ${mode}` }
}

const freeingMode = (door: Known, at: EpochMs, times: CompleteDoorTimes): DoorMode | undefined => {
  const then = modeThen(door, at)
  if (opensFreely.has(then)) return then
  if (at < door.modeAt) {
    return opensFreely.has(door.mode) && at >= door.modeAt - times.reorderGraceMs ? door.mode : undefined
  }
  const more = door.modeBefore === "Accessed" ? times.entrySeconds * 1000 : times.reorderGraceMs
  return opensFreely.has(door.modeBefore) && at <= door.modeAt + more ? door.modeBefore : undefined
}

/** Whether the door is unlocked by its schedule now. What locks a door down comes before any schedule. */
export const unlockedBySchedule = ({ scheduled, mode }: Pick<Known, "scheduled" | "mode">): boolean =>
  scheduled?.from !== undefined && scheduled.until === undefined && !refusesGrants.has(mode)

/**
 * What the newest scheduled unlock is to an opening at `at`. The lock keeps the schedule by its own clock: as far off as
 * a message may be late it still counts.
 */
export const scheduleVerdict = (door: Known, at: EpochMs, times: CompleteDoorTimes): ScheduleVerdict => {
  const { from, until } = door.scheduled ?? {}
  if (from === undefined) return "awaits the first person"
  if (refusedGrants(door, at)) return "refused"
  if (at < from - times.reorderGraceMs) return "after"
  return until !== undefined && at > until + times.reorderGraceMs ? "over" : "covers"
}

const coverBySchedule = (door: Known, at: EpochMs, seq: number, times: CompleteDoorTimes): Cover | undefined =>
  scheduleVerdict(door, at, times) === "covers"
    ? { by: "schedule", at, seq, text: "The door was unlocked by its schedule" }
    : undefined

/** How long a grant covers its first opening: the unlock time, the entry time on top, and more for those who need it. */
export const grantSpanMs = (times: CompleteDoorTimes, extended: boolean): number =>
  unlockMs(times, extended) + times.entrySeconds * 1000

export const unlockMs = (times: CompleteDoorTimes, extended: boolean): number =>
  (times.grantSeconds + (extended ? times.extendedGrantSeconds : 0)) * 1000

/**
 * What this grant is to an opening at `at`.
 *
 * Its first opening may come until the entry time has run out. A further one, with the door closed in between, is
 * covered only while the lock is still released, and not once the lock has told that it locked again: until then
 * nobody needs force to open the door, so it is no forced opening, whoever passes (tailgating is another rule's
 * matter). The entry time is for a person who has pulled the handle already; it does not serve a second one.
 *
 * The grant may be dated up to the reorder grace after the opening: it comes on another road than the contact, often
 * without a time of its own.
 */
export const grantVerdict = (door: Known, grant: Grant, at: EpochMs, times: CompleteDoorTimes): GrantVerdict => {
  if (at < (grant.earliest ?? grant.at) - times.reorderGraceMs) return "after"
  if (grant.officer === undefined && refusedGrants(door, at)) return "refused"
  if (grant.usedAt === undefined) return at <= grant.until ? "covers" : "over"
  if (at > grant.unlockedUntil) return "used"
  const lockedAgain = door.lockedAt !== undefined && door.lockedAt > grant.usedAt && door.lockedAt <= at
  return lockedAgain ? "locked again" : "covers"
}

/** The grants that cover an opening at `at`, oldest first. */
export const grantsFor = (door: Known, at: EpochMs, times: CompleteDoorTimes): ReadonlyArray<Grant> =>
  door.grants.length === 0
    ? door.grants
    : door.grants.filter((grant) => grantVerdict(door, grant, at, times) === "covers")

const wasGivenBy = (at: EpochMs, { at: given, earliest = given }: Grant): boolean => earliest <= at

/** The newest that was given before, which explains more than one that was given just after: that one is somebody else's. */
const coveringGrant = (door: Known, at: EpochMs, times: CompleteDoorTimes): Grant | undefined => {
  let after: Grant | undefined
  for (let nth = door.grants.length - 1; nth >= 0; nth--) {
    const grant = door.grants[nth]
    if (grant === undefined || grantVerdict(door, grant, at, times) !== "covers") continue
    if (wasGivenBy(at, grant)) return grant
    after ??= grant
  }
  return after
}

const coverByGrant = (door: Known, at: EpochMs, times: CompleteDoorTimes): Cover | undefined => {
  const grant = coveringGrant(door, at, times)
  if (grant === undefined) return undefined
  const text = grant.officer === undefined ? "Access was granted" : `${grant.officer} let somebody in`
  return { by: "grant", at: grant.at, seq: grant.seq, text }
}

/**
 * What a request to exit is to an opening at `at`. It covers it while it is on, however long ago it began: a detector that
 * still sees somebody, a button that is held. Once it is over, only its rising edge counts, `rexValidSeconds` before the
 * opening until `rexLateSeconds` after it. A lockdown changes nothing here: leaving is never forced entry.
 */
export const exitVerdict = (
  { from, earliest = from, until, rose }: ExitRequest,
  at: EpochMs,
  times: CompleteDoorTimes
): ExitVerdict => {
  if (earliest <= at && (until === undefined || at <= until)) return "covers"
  if (!rose) return "not seen to begin"
  if (from < at - times.rexValidSeconds * 1000) return "over"
  return earliest <= at + times.rexLateSeconds * 1000 ? "covers" : "after"
}

/** The newest that came before, which explains more than one that came late; of those the oldest. */
const coveringExit = (door: Known, at: EpochMs, times: CompleteDoorTimes): ExitRequest | undefined => {
  let late: ExitRequest | undefined
  for (let nth = door.exits.length - 1; nth >= 0; nth--) {
    const exit = door.exits[nth]
    if (exit === undefined || exitVerdict(exit, at, times) !== "covers") continue
    if ((exit.earliest ?? exit.from) <= at) return exit
    late = exit
  }
  return late
}

const coverByExit = (door: Known, at: EpochMs, times: CompleteDoorTimes): Cover | undefined => {
  const exit = coveringExit(door, at, times)
  if (exit === undefined) return undefined
  // Out of a queue, it came as near to the opening as it may have: nobody can say that it was late.
  const { from, earliest = from, seq } = exit
  return { by: "rex", at: Math.min(from, Math.max(earliest, at)), seq, text: "Exit was requested" }
}

/** A grant, or a request to exit: what came before the opening comes first. */
const coverByPerson = (door: Known, at: EpochMs, times: CompleteDoorTimes): Cover | undefined => {
  const grant = coverByGrant(door, at, times)
  if (grant !== undefined && grant.at <= at) return grant
  const exit = coverByExit(door, at, times)
  return exit !== undefined && exit.at <= at ? exit : (grant ?? exit)
}

/** Why an opening at `at` would be rightful, as far as is known now. */
export const coverOf = (door: Known, at: EpochMs, seq: number, times: CompleteDoorTimes): Cover | undefined =>
  coverByMode(door, at, seq, times) ?? coverBySchedule(door, at, seq, times) ?? coverByPerson(door, at, times)

/**
 * Which of the grants that cover an opening it uses up: those given before it. Who is let in while somebody else goes through
 * has a right of their own still; only where nothing else explains the opening was it theirs.
 */
export const grantsUsed = (
  covering: ReadonlyArray<Grant>,
  at: EpochMs,
  cover: Cover | undefined
): ReadonlyArray<Grant> => {
  const before = covering.filter((one) => wasGivenBy(at, one))
  return before.length > 0 || (cover !== undefined && cover.by !== "grant") ? before : covering
}

/**
 * An opening that waited in a queue happened at some instant from `earliest` on. The one, if there is any, at which it
 * would be rightful; else `at`, when it was heard of. Nobody is accused of what a queue may have made of it.
 */
export const rightfulInstant = (
  door: Known,
  at: EpochMs,
  earliest: EpochMs | undefined,
  times: CompleteDoorTimes
): EpochMs => {
  if (earliest === undefined) return at
  const within = (instant: EpochMs): EpochMs => Math.min(at, Math.max(earliest, instant))
  // Each grant and request covers one span around its own time: what touches the opening's span does so nearest there.
  const instants = [
    at,
    earliest,
    ...[...door.grants.map((one) => one.at), ...door.exits.map((one) => one.from)].map(within)
  ]
  return instants.find((instant) => coverOf(door, instant, 0, times) !== undefined) ?? at
}

/** What is in order of time, with one more, which mostly is the newest. */
const inOrder = <A>(items: ReadonlyArray<A>, added: A, atOf: (item: A) => EpochMs): ReadonlyArray<A> => {
  const all = appended(items, added)
  const last = items.at(-1)
  return last === undefined || atOf(last) <= atOf(added) ? all : all.sort((a, b) => atOf(a) - atOf(b))
}

/** Enough for a crowd at one reader within one unlock time. */
const grantsKept = 8

/** Adds a grant. A badge shown twice is one right: of one credential's waiting grants only the newest goes on waiting. */
export const withGrant = (grants: ReadonlyArray<Grant>, added: Grant): ReadonlyArray<Grant> => {
  const all = inOrder(grants, added, ({ at }) => at)
  const isOvertaken = ({ credential, fate }: Grant, place: number): boolean =>
    fate === "waiting" &&
    all.some((later, nth) => nth > place && later.fate === "waiting" && later.credential === credential)
  const told =
    added.fate === "waiting" && isAwaited(grants) && all.some(isOvertaken)
      ? all.map((grant, place) => (isOvertaken(grant, place) ? { ...grant, fate: "over" as const } : grant))
      : all
  return told.length > grantsKept ? told.slice(-grantsKept) : told
}

/** Enough ended requests for an opening that is heard of seconds late. */
const endedExitsKept = 8

/** Adds a request to exit, unless its point is on already. */
export const withExit = (exits: ReadonlyArray<ExitRequest>, added: ExitRequest): ReadonlyArray<ExitRequest> => {
  const isOn = exits.some(({ point, until }) => point === added.point && until === undefined)
  if (isOn && added.until === undefined) return exits
  const all = inOrder(exits, added, ({ from }) => from)
  if (all.length <= endedExitsKept) return all
  let surplus = all.filter(({ until }) => until !== undefined).length - endedExitsKept
  return all.filter(({ until }) => until === undefined || surplus-- <= 0)
}

/** The point's request is over at `at`. */
export const withoutExit = (
  exits: ReadonlyArray<ExitRequest>,
  point: string,
  at: EpochMs
): ReadonlyArray<ExitRequest> =>
  exits.map((exit) =>
    exit.point === point && exit.until === undefined ? { ...exit, until: Math.max(at, exit.from) } : exit
  )
