import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Draft } from "./draft.ts"

/** A test alert is raised so often: it goes the road of every alert, and asks nobody. */
export const testAlertEveryMs = 300_000

/** It has to be back after so long. */
export const testAlertWithinMs = 60_000

/** Where the newest test alert is. */
export interface TestAlert {
  /** Log entry of the fact that raised it. */
  readonly raised: number
  readonly raisedAt: EpochMs
  readonly state: "owed" | "sent" | "returned"
}

const key = "test-alert:"
const about = { condition: "TestAlertLost", key: "site" } as const

export const testAlertRaised = (draft: Draft): void => {
  draft.situation.testAlert = { raised: draft.seq, raisedAt: draft.now, state: "owed" }
  // One that is not back yet is not forgotten for the next one.
  draft.grace(key, Math.min(draft.dueAt(key) ?? Infinity, draft.now + testAlertWithinMs))
}

export const testAlertSent = (draft: Draft, { raised }: Extract<Fact, { _tag: "TestAlertSent" }>): void => {
  const known = draft.situation.testAlert
  if (known?.raised === raised && known.state === "owed") draft.situation.testAlert = { ...known, state: "sent" }
}

/** It is back; the next one is waited for. */
export const testAlertReturned = (draft: Draft, { raised }: Extract<Fact, { _tag: "TestAlertReturned" }>): void => {
  const known = draft.situation.testAlert
  if (known?.raised !== raised || known.state !== "sent") return
  draft.situation.testAlert = { ...known, state: "returned" }
  draft.grace(key, known.raisedAt + 2 * testAlertEveryMs)
  if (!draft.isActive(about.condition, about.key)) return
  const why = [{ at: draft.now, seq: draft.seq, text: "A test alert has come the whole road again" }]
  draft.finding({ _tag: "ConditionNormal", ...about, at: draft.now, why })
}

/** None has come back in time. */
export const testAlertMissing = (draft: Draft): void => {
  draft.endGrace(key)
  const known = draft.situation.testAlert
  const text =
    known === undefined || known.state === "returned"
      ? "No test alert was raised in its time"
      : `The test alert of entry ${known.raised} was ${known.state === "owed" ? "not sent" : "sent, and did not return"}`
  draft.finding({
    _tag: "ConditionActive",
    ...about,
    at: draft.now,
    rule: "notify.test-alert",
    priority: 2,
    title: "Alerts may not come through: the test alert is lost",
    why: [{ at: draft.now, seq: draft.seq, text }],
    evidence: false
  })
}

/** While the gateway was away none could come: the first one after a start is waited for. */
export const testAlertsBegin = (draft: Draft): void => {
  if (draft.situation.testAlert === undefined) return
  draft.grace(key, draft.now + 2 * testAlertWithinMs)
}
