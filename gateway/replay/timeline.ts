import { Schema } from "effect"
import { EpochMs } from "../domain/ids.ts"
import type { Difference } from "./difference.ts"
import type { Span } from "./span.ts"

/** Calls of one kind that one course has close to one another: as a picture of both courses draws them. */
export const CallsAt = Schema.Struct({
  course: Schema.Literals(["recorded", "changed"]),
  kind: Schema.Literals(["removed", "added", "moved", "unchanged"]),
  /** The first of them. */
  at: EpochMs,
  calls: Schema.Finite
}).annotate({ identifier: "CallsAt" })
export type CallsAt = typeof CallsAt.Type

/** Into so many parts the span is cut: more than anybody can tell apart in a picture. */
const parts = 240

type Lists = Pick<Difference, "removedCalls" | "addedCalls" | "movedCalls" | "unchangedCalls">

const callsOf = ({ removedCalls, addedCalls, movedCalls, unchangedCalls }: Lists) =>
  [
    ["recorded", "removed", removedCalls],
    ["changed", "added", addedCalls],
    ["recorded", "moved", movedCalls.map(({ before }) => before)],
    ["changed", "moved", movedCalls.map(({ after }) => after)],
    ["recorded", "unchanged", unchangedCalls],
    ["changed", "unchanged", unchangedCalls]
  ] as const

/** Every call of both courses, however many there are. */
export const timelineOf = (difference: Lists, { from, to }: Span): ReadonlyArray<CallsAt> =>
  callsOf(difference).flatMap(([course, kind, calls]) => {
    const found = new Map<number, CallsAt>()
    for (const { at } of calls.toSorted((a, b) => a.at - b.at)) {
      const part = Math.floor((parts * (at - from)) / Math.max(1, to - from))
      const known = found.get(part)
      found.set(part, known === undefined ? { course, kind, at, calls: 1 } : { ...known, calls: known.calls + 1 })
    }
    return [...found.values()]
  })
