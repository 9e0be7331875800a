import { isDeepStrictEqual } from "node:util"
import { Schema } from "effect"
import type { Campus, Device } from "../domain/campus.ts"
import { EpochMs } from "../domain/ids.ts"
import type { RecordedLog } from "../log/recorded-log.ts"
import { Agreement, agreementOf } from "./agreement.ts"
import type { Call, HeardCall } from "./calls.ts"
import { type Change, type CourseTold, type ReplayProgress, runCourse } from "./course-run.ts"
import type { Span } from "./span.ts"
import { Difference, differenceOf } from "./difference.ts"
import { CallsAt, timelineOf } from "./timeline.ts"

/** What a changed configuration would have made of the recorded facts, and how far the replay is to be trusted. */
export const Replayed = Schema.Struct({
  /** The span as far as the log holds it. */
  from: EpochMs,
  to: EpochMs,
  /** Facts folded within the span, and before it for the state at its beginning. */
  facts: Schema.Finite,
  factsBefore: Schema.Finite,
  /** Officers' acts and pictures that, as changed, are of no alert. */
  withoutAlert: Schema.Finite,
  /** Nothing is changed that a replay shows: it shows no other profiles, links or channels. */
  alike: Schema.optionalKey(Schema.Literal(true)),
  /** Devices that the changed configuration does not have any more, and how many facts are of them. */
  lostDevices: Schema.Array(Schema.Struct({ device: Schema.String, facts: Schema.Finite })),
  /** Devices that would be read by another profile, link or address: what they said is taken as it was read then. */
  readOtherwise: Schema.Array(Schema.String),
  agreement: Agreement,
  difference: Difference,
  /** All calls of both courses as a picture draws them, also where the lists of calls are shortened. */
  timeline: Schema.Array(CallsAt)
}).annotate({ identifier: "Replayed" })
export type Replayed = typeof Replayed.Type

/** A replayed call under the id that the log has for it, with what officers made of it. */
const asRecorded = (call: HeardCall, recorded: HeardCall | undefined): HeardCall => {
  if (recorded?.alert === undefined) return call
  const { alert, outcome } = recorded
  return { ...call, alert, ...(outcome === undefined ? {} : { outcome }) }
}

/** What decides how a device's messages are read. */
const reading = ({ link, profile, address, parameters }: Device) => ({ link, profile, address, parameters })

const readOtherwise = (before: Campus | undefined, after: Campus | undefined): ReadonlyArray<string> => {
  const known = new Map((before?.devices ?? []).map((device) => [device.id, device]))
  return (after?.devices ?? []).flatMap((device) => {
    const other = known.get(device.id)
    return other === undefined || isDeepStrictEqual(reading(device), reading(other)) ? [] : [device.id]
  })
}

/** Recorded calls that nothing in the course as it was configured stands for. */
const unreplayed = (before: ReadonlyArray<HeardCall>, onlyRecorded: ReadonlyArray<Call>): ReadonlyArray<HeardCall> => {
  const replayed = new Set(before.map(({ alert }) => alert))
  return onlyRecorded.flatMap((call) =>
    call.alert === undefined || replayed.has(call.alert) ? [] : [{ ...call, own: call.alert }]
  )
}

/** Holds the course as it was configured against the log, and the course as changed against that one. */
export const compared = (configured: CourseTold, changed: CourseTold): Replayed => {
  const { span, facts, factsBefore } = configured
  const { agreement, recordedOf } = agreementOf(configured.recorded, configured.calls, span)
  const before = configured.calls.map((call) => asRecorded(call, recordedOf(call)))
  const difference = differenceOf(before, changed.calls, unreplayed(before, agreement.onlyRecorded))
  const alike =
    difference.added + difference.removed + difference.moved === 0 &&
    isDeepStrictEqual(configured.campus, changed.campus)
  const strange = new Set(configured.strangers.map(({ device }) => device))
  return {
    ...span,
    facts,
    factsBefore,
    withoutAlert: Math.max(0, changed.withoutAlert - configured.withoutAlert),
    ...(alike ? { alike } : {}),
    lostDevices: changed.strangers.filter(({ device }) => !strange.has(device)),
    readOtherwise: readOtherwise(configured.campus, changed.campus),
    agreement,
    difference,
    timeline: timelineOf(difference, span)
  }
}

/** Of each list of calls the first so many; every sum stays whole, and so does the timeline. */
export const shortened = (replayed: Replayed, most: number): Replayed => {
  const { agreement, difference } = replayed
  return {
    ...replayed,
    agreement: {
      ...agreement,
      onlyRecorded: agreement.onlyRecorded.slice(0, most),
      onlyReplayed: agreement.onlyReplayed.slice(0, most)
    },
    difference: {
      ...difference,
      byRule: difference.byRule.slice(0, most),
      byDoor: difference.byDoor.slice(0, most),
      addedCalls: difference.addedCalls.slice(0, most),
      removedCalls: difference.removedCalls.slice(0, most),
      movedCalls: difference.movedCalls.slice(0, most),
      unchangedCalls: difference.unchangedCalls.slice(0, most)
    }
  }
}

/** Both courses one after the other, on this thread. */
export function* replay(log: RecordedLog, span: Span, change: Change): Generator<ReplayProgress, Replayed> {
  const configured = yield* runCourse(log, span)
  return compared(configured, yield* runCourse(log, span, change))
}
