import { Schema } from "effect"
import { slotOf } from "../correlation/draft.ts"
import { Outcome } from "../domain/alert.ts"
import { AlertId, EpochMs } from "../domain/ids.ts"
import { Call, type HeardCall, told } from "./calls.ts"
import { match, type Pair } from "./matching.ts"

/** The same happening called for an officer at another time, or with another priority. */
export const Move = Schema.Struct({
  before: Call,
  after: Call,
  differs: Schema.Array(Schema.Literals(["time", "priority", "held-back", "name"]))
}).annotate({ identifier: "Move" })
export type Move = typeof Move.Type

/** A recorded alert that officers closed as real, and what becomes of it. */
export const RealIncident = Schema.Struct({
  alert: AlertId,
  title: Schema.String,
  /** When it called first, as recorded. */
  at: EpochMs,
  /** When it calls first, as changed; absent: never, it is missed. */
  calledAt: Schema.optionalKey(EpochMs)
}).annotate({ identifier: "RealIncident" })
export type RealIncident = typeof RealIncident.Type

const counts = {
  added: Schema.Finite,
  removed: Schema.Finite,
  moved: Schema.Finite,
  unchanged: Schema.Finite
}

/** How many calls of one rule, or of one door, differ. */
export const Share = Schema.Struct({ of: Schema.String, ...counts }).annotate({ identifier: "Share" })
export type Share = typeof Share.Type

/** What a changed configuration would have made of the same facts. */
export const Difference = Schema.Struct({
  ...counts,
  /** Removed calls of alerts that officers closed so. */
  nuisanceSaved: Schema.Struct({
    "nuisance-hardware": Schema.Finite,
    "nuisance-user": Schema.Finite,
    "test-drill": Schema.Finite
  }),
  /** Of the alerts that officers closed as real, those that are missed or called later. */
  realIncidents: Schema.Array(RealIncident),
  byRule: Schema.Array(Share),
  byDoor: Schema.Array(Share),
  addedCalls: Schema.Array(Call),
  removedCalls: Schema.Array(Call),
  movedCalls: Schema.Array(Move),
  unchangedCalls: Schema.Array(Call)
}).annotate({ identifier: "Difference" })
export type Difference = typeof Difference.Type

type Counted = keyof typeof counts

/** What is held back has no time or priority of its own. */
const differs = ({ before, after }: Pair): Move["differs"] =>
  before.heldBack === after.heldBack
    ? [
        ...(before.at === after.at ? [] : (["time"] as const)),
        ...(before.priority === after.priority ? [] : (["priority"] as const)),
        // What it is about, or what it is called.
        ...(slotOf(before) === slotOf(after) ? [] : (["name"] as const))
      ]
    : ["held-back"]

const byTime = (a: Call, b: Call): number => a.at - b.at || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)

/** Shares of whatever a call is counted under, those that differ most first; calls under nothing are left out. */
const sharesBy = (
  counted: ReadonlyArray<readonly [Counted, Call]>,
  underOf: (call: Call) => string | undefined
): ReadonlyArray<Share> => {
  const shares = new Map<string, { -readonly [K in keyof Share]: Share[K] }>()
  for (const [what, call] of counted) {
    const under = underOf(call)
    if (under === undefined) continue
    const share = shares.get(under) ?? { of: under, added: 0, removed: 0, moved: 0, unchanged: 0 }
    share[what]++
    shares.set(under, share)
  }
  const weight = ({ added, removed, moved }: Share): number => added + removed + moved
  return [...shares.values()].sort((a, b) => weight(b) - weight(a) || (a.of < b.of ? -1 : 1))
}

/**
 * Of each real alert its first call, and the first call that stands for it as changed. One that the replay does not make
 * as it was configured either is held against the changed course all the same.
 */
const realIncidents = (before: ReadonlyArray<HeardCall>, pairs: ReadonlyArray<Pair>): ReadonlyArray<RealIncident> => {
  const calledAt = new Map<string, EpochMs>()
  for (const pair of pairs) {
    const { alert } = pair.before
    if (alert === undefined) continue
    // The alert that stands for it has called already.
    const at = pair.after.heldBack === true ? pair.before.at : pair.after.at
    calledAt.set(alert, Math.min(calledAt.get(alert) ?? Infinity, at))
  }
  const incidents = new Map<string, RealIncident>()
  for (const { alert, title, at, outcome } of before) {
    if (outcome !== "real" || alert === undefined || incidents.has(alert)) continue
    const called = calledAt.get(alert)
    incidents.set(alert, { alert, title, at, ...(called === undefined ? {} : { calledAt: called }) })
  }
  return [...incidents.values()].filter(({ at, calledAt: called }) => called === undefined || called > at)
}

const savedOf = (removed: ReadonlyArray<Call>, outcome: Outcome): number =>
  removed.filter((call) => call.outcome === outcome).length

/**
 * What differs between the calls of two courses, both in the order of time. Those before carry the outcomes of the
 * recorded alerts.
 */
export const differenceOf = (
  before: ReadonlyArray<HeardCall>,
  after: ReadonlyArray<HeardCall>,
  unreplayed: ReadonlyArray<HeardCall> = []
): Difference => {
  const matched = match(before, after)
  // What is held back in both courses, or where the other one has nothing, calls nobody and is no difference.
  const pairs = matched.pairs.filter((pair) => pair.before.heldBack === undefined || pair.after.heldBack === undefined)
  const onlyBefore = matched.onlyBefore.filter(({ heldBack }) => heldBack === undefined)
  const onlyAfter = matched.onlyAfter.filter(({ heldBack }) => heldBack === undefined)
  const moves = pairs.map((pair) => ({ before: told(pair.before), after: told(pair.after), differs: differs(pair) }))
  const moved = moves.filter((move) => move.differs.length > 0).sort((a, b) => byTime(a.before, b.before))
  const unchanged = moves.filter((move) => move.differs.length === 0)
  const [added, removed] = [onlyAfter.map(told).sort(byTime), onlyBefore.map(told).sort(byTime)]
  const real = unreplayed.filter(({ outcome }) => outcome === "real")
  const withUnreplayed = [
    [...before, ...real].sort(byTime),
    real.length === 0 ? pairs : [...pairs, ...match(real, after).pairs]
  ] as const
  const counted = [
    ...added.map((call) => ["added", call] as const),
    ...removed.map((call) => ["removed", call] as const),
    // What is held back is counted with the alert that holds it; on its own it is its own rule's.
    ...moved.map((move) => ["moved", move.before.heldBack === true ? move.after : move.before] as const),
    ...unchanged.map((move) => ["unchanged", move.before] as const)
  ]
  return {
    added: added.length,
    removed: removed.length,
    moved: moved.length,
    unchanged: unchanged.length,
    nuisanceSaved: {
      "nuisance-hardware": savedOf(removed, "nuisance-hardware"),
      "nuisance-user": savedOf(removed, "nuisance-user"),
      "test-drill": savedOf(removed, "test-drill")
    },
    realIncidents: realIncidents(...withUnreplayed),
    byRule: sharesBy(counted, ({ rule }) => rule),
    byDoor: sharesBy(counted, ({ door }) => door),
    addedCalls: added,
    removedCalls: removed,
    movedCalls: moved,
    unchangedCalls: unchanged.map(({ before: call }) => call).sort(byTime)
  }
}
