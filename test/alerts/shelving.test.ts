import { describe, expect, it } from "vitest"
import { applyFinding } from "../../gateway/alerts/alert-life.ts"
import { applyOfficer } from "../../gateway/alerts/officer-acts.ts"
import type { Lived } from "../../gateway/alerts/turned.ts"
import { applyShelving, shelvingOver } from "../../gateway/alerts/shelving.ts"
import type { Alert } from "../../gateway/domain/alert.ts"
import type { Finding } from "../../gateway/domain/finding.ts"

const birth = { seq: 7, nth: 0, configVersion: "v1" }
const about = { condition: "DoorTampered", key: "door:east", why: [{ at: 100, text: "a reason" }] } as const

const active = (more: Partial<Extract<Finding, { _tag: "ConditionActive" }>> = {}): Finding => ({
  _tag: "ConditionActive",
  ...about,
  at: 100,
  rule: "door.tamper",
  priority: 2,
  title: "Tamper: East door",
  ...more
})
const normal: Finding = { _tag: "ConditionNormal", ...about, at: 110 }
const explained: Finding = { _tag: "LateEvidence", ...about, at: 110 }

const must = (lived: Lived | undefined): Alert => {
  if (lived === undefined) throw new Error("nothing was told")
  return lived.alert
}

const raised = must(applyFinding(undefined, active(), birth, 105))
const step = (alert: Alert, finding: Finding, now = 120): Lived => applyFinding(alert, finding, birth, now)!

const shelve = (
  alert: Alert,
  more: { readonly minutes?: number; readonly oneShot?: true; readonly at?: number } = {}
) =>
  applyShelving(alert, {
    _tag: "AlertShelved",
    at: 1000,
    alert: alert.id,
    by: "ada",
    minutes: 10,
    reason: "being repaired",
    ...more
  })
const unshelve = (alert: Alert) =>
  applyShelving(alert, { _tag: "AlertUnshelved", at: 2000, alert: alert.id, by: "ben", reason: "repaired" })

const shelved = must(shelve(raised))

describe("an alert that is shelved", () => {
  it("says by whom, why and until when, and leaves the rest of it as it is", () => {
    expect(shelve(raised)?.change).toMatchObject({
      transition: "shelved",
      by: "ada",
      note: "for 10 min: being repaired"
    })
    const { shelved: shelving, updatedAt: _, ...rest } = shelved
    const { updatedAt: __, ...before } = raised
    expect(shelving).toEqual({ by: "ada", at: 1000, reason: "being repaired", until: 601_000, meanwhile: 0 })
    expect(rest).toEqual(before)
  })

  it("is never a critical one", () => {
    expect(shelve({ ...raised, priority: 1 })).toBeUndefined()
  })

  it("counts what comes meanwhile, and makes no news of it", () => {
    const returned = step(shelved, normal)
    expect(returned.change.transition).toBe("returned-to-normal")
    const again = step(returned.alert, active())
    expect(again.change.transition).toBe("updated")
    expect(again.alert).toMatchObject({ active: true, count: 2, shelved: { meanwhile: 1 } })
    expect(step(again.alert, active()).alert).toMatchObject({ count: 2, shelved: { meanwhile: 1 } })
    expect(step(again.alert, active({ momentary: true })).alert).toMatchObject({ count: 3, shelved: { meanwhile: 2 } })
  })

  it("asks for an officer at once when it becomes critical", () => {
    const { alert, change } = step({ ...shelved, acknowledged: true, acknowledgedBy: "ada" }, active({ priority: 1 }))
    expect(change).toMatchObject({ transition: "reactivated", note: "it is critical now, and shelved no longer" })
    expect(alert).toMatchObject({ priority: 1, acknowledged: false, count: 1 })
    expect(alert).not.toHaveProperty("shelved")
    expect(alert).not.toHaveProperty("acknowledgedBy")
  })

  it("is shelved anew from now on, with what has been counted", () => {
    const once = must(
      shelve({ ...shelved, shelved: { ...shelved.shelved!, meanwhile: 3 } }, { at: 5000, oneShot: true })
    )
    expect(once.shelved).toMatchObject({ at: 5000, until: 605_000, oneShot: true, meanwhile: 3 })
    expect(must(shelve(once)).shelved).not.toHaveProperty("oneShot")
  })

  it.each([
    ["it returns to normal", normal],
    ["late evidence explains it", explained]
  ])("until it is normal again is shelved no longer when %s", (_, finding) => {
    const once = must(shelve(raised, { oneShot: true }))
    expect(step(once, finding).alert).not.toHaveProperty("shelved")
    expect(step(shelved, finding).alert).toHaveProperty("shelved")
  })

  it("is shelved no longer when it is closed", () => {
    const act = { at: 200, alert: raised.id, by: "ada" } as const
    const closed = applyOfficer(shelved, { _tag: "AlertClosed", ...act, outcome: "real", reason: "the latch" }).alert
    expect(closed).not.toHaveProperty("shelved")
    expect(applyOfficer(shelved, { _tag: "AlertAcknowledged", ...act }).alert).toHaveProperty("shelved")
  })
})

describe("the end of a shelving", () => {
  it("makes an active alert news again: it asks for an officer, though it was acknowledged", () => {
    const acknowledged = { ...shelved, acknowledged: true, acknowledgedBy: "ada", acknowledgedAt: 900 }
    const { alert, change } = unshelve(acknowledged)!
    expect(change).toMatchObject({ transition: "unshelved", by: "ben", note: "repaired" })
    expect(alert).toEqual({ ...raised, updatedAt: 2000 })
  })

  it("leaves the acknowledgement of one that is back to normal", () => {
    const { alert } = unshelve({ ...shelved, active: false, acknowledged: true, acknowledgedBy: "ada" })!
    expect(alert).toMatchObject({ active: false, acknowledged: true, acknowledgedBy: "ada" })
    expect(alert).not.toHaveProperty("shelved")
  })

  it("is nothing where it is not shelved", () => {
    expect(unshelve(raised)).toBeUndefined()
  })

  it.each([
    [0, "its time is over"],
    [1, "its time is over; it came once meanwhile"],
    [4, "its time is over; it came 4 times meanwhile"]
  ])("by its time tells that it came %i times", (meanwhile, note) => {
    const { alert, change } = shelvingOver({ ...shelved, shelved: { ...shelved.shelved!, meanwhile } }, 601_000)!
    expect(change).toMatchObject({ transition: "unshelved", by: "alerts.shelving", note, at: 601_000 })
    expect(alert).not.toHaveProperty("shelved")
  })
})
