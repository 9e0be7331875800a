import { describe, expect, it } from "vitest"
import { applyFinding } from "../../gateway/alerts/alert-life.ts"
import { applyOfficer, type OfficerFact } from "../../gateway/alerts/officer-acts.ts"
import type { Lived } from "../../gateway/alerts/turned.ts"
import type { Alert, AlertTransition } from "../../gateway/domain/alert.ts"
import type { Finding } from "../../gateway/domain/finding.ts"
import { DoorId } from "../../gateway/domain/ids.ts"

const birth = { seq: 7, nth: 0, configVersion: "v1" }
const key = "door:east"

const active = (more: Partial<Extract<Finding, { _tag: "ConditionActive" }>> = {}): Finding => ({
  _tag: "ConditionActive",
  condition: "DoorForcedOpen",
  key,
  at: 100,
  why: [{ at: 100, seq: 6, text: "The door opened" }],
  rule: "door.forced",
  priority: 2,
  title: "Door forced open: East door",
  door: DoorId.make("east"),
  ...more
})

const about = { condition: "DoorForcedOpen", key, at: 110, why: [{ at: 110, text: "a reason" }] } as const
const normal: Finding = { _tag: "ConditionNormal", ...about }
const late: Finding = { _tag: "LateEvidence", ...about }
const partly: Finding = { _tag: "LateEvidence", ...about, partly: true }

const must = (lived: Lived | undefined): Alert => {
  if (lived === undefined) throw new Error("nothing was told")
  return lived.alert
}

const raised = must(applyFinding(undefined, active(), birth, 105))

const officer = (_tag: OfficerFact["_tag"], by = "ada"): OfficerFact => {
  const act = { at: 200, alert: raised.id, by }
  switch (_tag) {
    case "AlertAcknowledged":
    case "AcknowledgementUndone":
    case "AlertClaimed":
    case "AlertReleased":
      return { _tag, ...act }
    case "AlertNoted":
      return { _tag, ...act, note: "looked at the camera" }
    case "AlertClosed":
      return { _tag, ...act, outcome: "nuisance-hardware", reason: "the latch" }
  }
}

const step = (alert: Alert, finding: Finding) => must(applyFinding(alert, finding, birth, 120))

const acknowledged = applyOfficer(raised, officer("AlertAcknowledged")).alert
const returned = step(raised, normal)

/** The states an open alert can be in, by name. */
const states = {
  "active and new": raised,
  "active and acknowledged": acknowledged,
  "returned and new": returned,
  "returned and acknowledged": step(acknowledged, normal),
  "explained late and new": step(raised, late),
  "explained late and acknowledged": step(acknowledged, late)
} as const

type State = keyof typeof states

const stateOf = (alert: Alert): State | "closed" => {
  if (alert.closed) return "closed"
  const condition = alert.active ? "active" : alert.resolvedByLateEvidence ? "explained late" : "returned"
  return `${condition} and ${alert.acknowledged ? "acknowledged" : "new"}` as State
}

const steps = {
  "is told again": (alert: Alert) => applyFinding(alert, active(), birth, 120),
  "happens again": (alert: Alert) => applyFinding(alert, active({ momentary: true }), birth, 120),
  "returns to normal": (alert: Alert) => applyFinding(alert, normal, birth, 120),
  "is explained late": (alert: Alert) => applyFinding(alert, late, birth, 120),
  "is explained in part": (alert: Alert) => applyFinding(alert, partly, birth, 120),
  "is acknowledged": (alert: Alert) => applyOfficer(alert, officer("AlertAcknowledged", "ben")),
  "is noted": (alert: Alert) => applyOfficer(alert, officer("AlertNoted")),
  "is closed": (alert: Alert) => applyOfficer(alert, officer("AlertClosed"))
} as const

type Row = readonly [State, keyof typeof steps, AlertTransition | "nothing", State | "closed"]

const table: ReadonlyArray<Row> = [
  ["active and new", "is told again", "updated", "active and new"],
  ["active and acknowledged", "is told again", "updated", "active and acknowledged"],
  ["returned and new", "is told again", "reactivated", "active and new"],
  ["returned and acknowledged", "is told again", "reactivated", "active and new"],
  ["explained late and new", "is told again", "reactivated", "active and new"],
  ["explained late and acknowledged", "is told again", "reactivated", "active and new"],

  ["active and new", "happens again", "reactivated", "active and new"],
  ["active and acknowledged", "happens again", "reactivated", "active and new"],
  ["returned and new", "happens again", "reactivated", "active and new"],
  ["returned and acknowledged", "happens again", "reactivated", "active and new"],
  ["explained late and new", "happens again", "reactivated", "active and new"],
  ["explained late and acknowledged", "happens again", "reactivated", "active and new"],

  ["active and new", "returns to normal", "returned-to-normal", "returned and new"],
  ["active and acknowledged", "returns to normal", "returned-to-normal", "returned and acknowledged"],
  ["returned and new", "returns to normal", "nothing", "returned and new"],
  ["returned and acknowledged", "returns to normal", "nothing", "returned and acknowledged"],
  ["explained late and new", "returns to normal", "nothing", "explained late and new"],
  ["explained late and acknowledged", "returns to normal", "nothing", "explained late and acknowledged"],

  ["active and new", "is explained late", "resolved-by-late-evidence", "explained late and new"],
  ["active and acknowledged", "is explained late", "resolved-by-late-evidence", "explained late and acknowledged"],
  ["returned and new", "is explained late", "resolved-by-late-evidence", "explained late and new"],
  ["returned and acknowledged", "is explained late", "resolved-by-late-evidence", "explained late and acknowledged"],
  ["explained late and new", "is explained late", "nothing", "explained late and new"],
  ["explained late and acknowledged", "is explained late", "nothing", "explained late and acknowledged"],

  ["active and new", "is explained in part", "updated", "active and new"],
  ["active and acknowledged", "is explained in part", "updated", "active and acknowledged"],
  ["returned and new", "is explained in part", "updated", "returned and new"],
  ["returned and acknowledged", "is explained in part", "updated", "returned and acknowledged"],
  ["explained late and new", "is explained in part", "nothing", "explained late and new"],
  ["explained late and acknowledged", "is explained in part", "nothing", "explained late and acknowledged"],

  ["active and new", "is acknowledged", "acknowledged", "active and acknowledged"],
  ["active and acknowledged", "is acknowledged", "noted", "active and acknowledged"],
  ["returned and new", "is acknowledged", "acknowledged", "returned and acknowledged"],
  ["returned and acknowledged", "is acknowledged", "noted", "returned and acknowledged"],
  ["explained late and new", "is acknowledged", "acknowledged", "explained late and acknowledged"],
  ["explained late and acknowledged", "is acknowledged", "noted", "explained late and acknowledged"],

  ["active and new", "is noted", "noted", "active and new"],
  ["active and acknowledged", "is noted", "noted", "active and acknowledged"],
  ["returned and new", "is noted", "noted", "returned and new"],
  ["returned and acknowledged", "is noted", "noted", "returned and acknowledged"],
  ["explained late and new", "is noted", "noted", "explained late and new"],
  ["explained late and acknowledged", "is noted", "noted", "explained late and acknowledged"],

  ["active and new", "is closed", "closed", "closed"],
  ["active and acknowledged", "is closed", "closed", "closed"],
  ["returned and new", "is closed", "closed", "closed"],
  ["returned and acknowledged", "is closed", "closed", "closed"],
  ["explained late and new", "is closed", "closed", "closed"],
  ["explained late and acknowledged", "is closed", "closed", "closed"]
]

describe("an open alert", () => {
  it("has a row in this table for every state and every step", () => {
    expect(table).toHaveLength(Object.keys(states).length * Object.keys(steps).length)
    for (const [name, alert] of Object.entries(states)) expect(stateOf(alert)).toBe(name)
  })

  it.each(table)("that is %s and %s: %s, then %s", (state, by, transition, after) => {
    const lived = steps[by](states[state])
    expect(lived?.change.transition ?? "nothing").toBe(transition)
    expect(stateOf(lived?.alert ?? states[state])).toBe(after)
    expect(lived?.change.alert).toBe(lived?.alert)
  })
})

describe("a condition without an open alert", () => {
  it("raises one when it comes, and is no news when it goes or is explained", () => {
    expect(applyFinding(undefined, active(), birth, 105)?.change.transition).toBe("raised")
    for (const finding of [normal, late, partly]) expect(applyFinding(undefined, finding, birth, 105)).toBeUndefined()
  })

  it("makes an alert that says when it happened, when it was raised, why, and under which configuration", () => {
    expect(raised).toMatchObject({
      id: "A-7",
      occurredAt: 100,
      raisedAt: 105,
      raisedBy: 7,
      rule: "door.forced",
      configVersion: "v1",
      validationLevel: 1,
      count: 1,
      why: [{ at: 100, seq: 6, text: "The door opened" }]
    })
    expect(must(applyFinding(undefined, active(), { ...birth, nth: 1 }, 105)).id).toBe("A-7.2")
  })
})

describe("an alert that comes again", () => {
  it("counts how often the condition came, not how often it was told", () => {
    expect(step(raised, active()).count).toBe(1)
    expect(step(returned, active()).count).toBe(2)
    expect(step(raised, active({ momentary: true })).count).toBe(2)
  })

  it("keeps who acknowledged it first, and forgets that only when it asks anew", () => {
    const twice = applyOfficer(acknowledged, officer("AlertAcknowledged", "ben"))
    expect(twice.alert).toMatchObject({ acknowledgedBy: "ada", acknowledgedAt: 200 })
    expect(twice.change).toMatchObject({ by: "ben", note: "acknowledged as well" })
    expect(step(acknowledged, active())).toMatchObject({ acknowledgedBy: "ada" })
    const anew = step(states["returned and acknowledged"], active())
    expect(anew).not.toHaveProperty("acknowledgedBy")
    expect(anew).not.toHaveProperty("acknowledgedAt")
  })

  it("rises in priority and never falls", () => {
    expect(step(raised, active({ priority: 1 })).priority).toBe(1)
    expect(step(raised, active({ priority: 4 })).priority).toBe(2)
  })

  it("keeps the reasons that raised it, however many follow", () => {
    let alert = raised
    for (let nth = 0; nth < 500; nth++) alert = step(alert, active({ why: [{ at: nth, text: `told ${nth}` }] }))
    expect(alert.why).toHaveLength(50)
    expect(alert.why[0]?.text).toBe("The door opened")
    expect(alert.why.at(-1)?.text).toBe("told 499")
  })
})

describe("closing an alert", () => {
  it("keeps who did it, when, with what outcome and for what reason", () => {
    const { alert, change } = applyOfficer(raised, officer("AlertClosed"))
    expect(alert).toMatchObject({ closed: true, closedBy: "ada", closedAt: 200, outcome: "nuisance-hardware" })
    expect(change).toMatchObject({ transition: "closed", by: "ada", note: "the latch" })
  })
})

describe("two officers at one alert", () => {
  const claimed = applyOfficer(raised, officer("AlertClaimed")).alert

  it("are both in its course, and the first has it in hand", () => {
    const second = applyOfficer(claimed, officer("AlertClaimed", "ben"))
    expect(second.alert.claimed).toEqual({ by: "ada", at: 200 })
    expect(second.change).toMatchObject({ transition: "noted", by: "ben", note: "not claimed: ada has it in hand" })
    const taken = applyOfficer(claimed, { _tag: "AlertClaimed", at: 210, alert: raised.id, by: "ben", from: "ada" })
    expect(taken.alert.claimed).toEqual({ by: "ben", at: 210 })
    const late = applyOfficer(taken.alert, { _tag: "AlertClaimed", at: 220, alert: raised.id, by: "cy", from: "ada" })
    expect(late.alert.claimed?.by).toBe("ben")
  })

  it("leave it to who has it in hand, unless the acknowledgement is forced", () => {
    const left = applyOfficer(claimed, officer("AlertAcknowledged", "ben"))
    expect(left.alert.acknowledged).toBe(false)
    expect(left.change).toMatchObject({ transition: "noted", note: "not acknowledged: ada has it in hand" })
    const forced = applyOfficer(claimed, {
      _tag: "AlertAcknowledged",
      at: 1,
      alert: raised.id,
      by: "ben",
      forced: true
    })
    expect(forced.alert).toMatchObject({ acknowledgedBy: "ben", claimed: { by: "ada" } })
    expect(forced.change).toMatchObject({ transition: "acknowledged", note: "forced: ada has it in hand" })
    expect(applyOfficer(claimed, officer("AlertAcknowledged", "ada")).alert.acknowledgedBy).toBe("ada")
  })

  it("can let it go, and then another may have it", () => {
    const free = applyOfficer(claimed, officer("AlertReleased"))
    expect(free.alert).not.toHaveProperty("claimed")
    expect(applyOfficer(free.alert, officer("AlertClaimed", "ben")).alert.claimed?.by).toBe("ben")
    expect(applyOfficer(free.alert, officer("AlertReleased")).change.transition).toBe("noted")
  })
})

describe("an acknowledgement that was a slip", () => {
  const undo = (at: number, by = "ada") =>
    applyOfficer(acknowledged, { _tag: "AcknowledgementUndone", at, alert: raised.id, by })

  it("is undone within 10 s by who gave it, and the alert asks again", () => {
    const { alert, change } = undo(10_200)
    expect(change.transition).toBe("acknowledgement-undone")
    expect(alert.acknowledged).toBe(false)
    expect(alert).not.toHaveProperty("acknowledgedBy")
    expect(alert).not.toHaveProperty("acknowledgedAt")
  })

  it.each([
    ["after that", () => undo(10_201), "11 s have passed, and 10 s are allowed"],
    ["by another", () => undo(300, "ben"), "ada acknowledged it"],
    ["a second time", () => applyOfficer(undo(300).alert, officer("AcknowledgementUndone")), "it is not acknowledged"]
  ])("is not undone %s, and the try is noted", (_, again, why) => {
    const { alert, change } = again()
    expect(change).toMatchObject({ transition: "noted", note: `not undone: ${why}` })
    expect(alert.acknowledged).toBe(why !== "it is not acknowledged")
  })
})
