import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { SiteId } from "../../gateway/domain/ids.ts"
import { entriesOf } from "../../gateway/log/entries.ts"
import type { Entry } from "../../gateway/log/entry.ts"
import type { RecordedLog } from "../../gateway/log/recorded-log.ts"
import type { Alert } from "../../gateway/domain/alert.ts"
import { replay, type Replayed } from "../../gateway/replay/replay.ts"
import { campuses, course, type Step } from "../correlation/course.ts"
import { type Folding, play } from "../correlation/play-course.ts"

/** The same courses in every run: a failure here is a fault in the code and never in the weather. */
const always = { seed: 20_260_302, numRuns: 150 } as const

/** A log in memory, of what was folded, a few entries a page. */
const logOf = (foldings: ReadonlyArray<Folding>): RecordedLog => {
  const entries = foldings.flatMap(({ seq, fact, decisions }) =>
    entriesOf(SiteId.make("test"), seq, fact.at, fact, decisions)
  )
  const alerts = new Map<string, Alert>()
  for (const entry of entries) if (entry._tag === "Alert") alerts.set(entry.change.alert.id, entry.change.alert)
  const place = ({ seq, recordedAt }: Entry) => ({ seq, at: recordedAt })
  return {
    site: "test",
    span: { first: place(entries[0]!), last: place(entries.at(-1)!) },
    seqAt: (at) => entries.find(({ recordedAt }) => recordedAt >= at)?.seq ?? entries.length + 1,
    snapshotBefore: () => undefined,
    *pages(from) {
      for (let next = from; next <= entries.length; next += 7) {
        yield entries.slice(next - 1, next + 6).filter(({ _tag }) => _tag !== "Event")
      }
    },
    alert: (id) => alerts.get(id),
    close: () => {}
  }
}

const replayed = (log: RecordedLog, campus: (typeof campuses)[number]): Replayed => {
  const steps = replay(log, { from: 0, to: Number.MAX_SAFE_INTEGER }, { campus, version: "changed" })
  for (let next = steps.next(); ; next = steps.next()) if (next.done === true) return next.value
}

const withoutConfigs = (steps: ReadonlyArray<Step>): ReadonlyArray<Step> =>
  steps.filter(({ _tag }) => _tag !== "Configured")

describe("a replay, over any course of events", () => {
  it("as it was configured calls as the gateway did, call by call", () => {
    fc.assert(
      fc.property(course, fc.constantFrom(...campuses), (steps, campus) => {
        const { agreement } = replayed(logOf(play(steps, "prompt")), campus)
        expect(agreement.onlyRecorded).toEqual([])
        expect(agreement.onlyReplayed).toEqual([])
        expect(agreement.agreeing).toBe(agreement.recorded)
      }),
      always
    )
  })

  it("with the configuration that was in force all the time differs in nothing", () => {
    fc.assert(
      fc.property(course, (steps) => {
        const log = logOf(play(withoutConfigs(steps), "prompt"))
        const { difference, withoutAlert } = replayed(log, campuses[0]!)
        const { added, removed, moved, realIncidents } = difference
        expect({ added, removed, moved, realIncidents, withoutAlert }).toEqual({
          added: 0,
          removed: 0,
          moved: 0,
          realIncidents: [],
          withoutAlert: 0
        })
      }),
      always
    )
  })

  it("accounts for every call of both courses, whatever is changed", () => {
    fc.assert(
      fc.property(course, fc.constantFrom(...campuses), (steps, campus) => {
        const log = logOf(play(steps, "prompt"))
        const { difference, agreement } = replayed(log, campus)
        const { added, removed, moved, unchanged, addedCalls, removedCalls, movedCalls } = difference
        expect([addedCalls.length, removedCalls.length, movedCalls.length]).toEqual([added, removed, moved])
        expect(removed + moved + unchanged).toBe(agreement.agreeing)
        for (const { alert, calledAt = Infinity, at } of difference.realIncidents) {
          expect(log.alert(alert)?.outcome).toBe("real")
          expect(calledAt).toBeGreaterThan(at)
        }
      }),
      always
    )
  })
})
