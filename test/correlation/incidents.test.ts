import { HashMap } from "effect"
import { describe, expect, it } from "vitest"
import { endOfBusinessDay } from "../../gateway/correlation/business-days.ts"
import { freeze } from "../../gateway/correlation/snapshot.ts"
import type { Campus } from "../../gateway/domain/campus.ts"
import { AlertId, DoorId, IncidentId } from "../../gateway/domain/ids.ts"
import type { CaseAlert, CaseFields, Incident } from "../../gateway/domain/incident.ts"
import { type Calendar, CalendarId, DayType, LocalDate } from "../../gateway/domain/schedule.ts"
import { campusOf, dawn, Stage } from "./door-stage.ts"

const dayMs = 86_400_000

const of = (id: string): CaseAlert => ({
  id: AlertId.make(id),
  title: "Door forced open: East door",
  priority: 1,
  validationLevel: 2,
  occurredAt: dawn - 5000,
  door: DoorId.make("east"),
  by: "",
  at: 0
})

const opens = (stage: Stage, alerts: ReadonlyArray<string> = ["A-1"], fields: CaseFields = {}): string => {
  stage.enter({ _tag: "IncidentOpened", by: "R. Alvarez", alerts: alerts.map(of), fields })
  return stage.cases.at(-1)?.incident.id ?? "none"
}

const changes = (stage: Stage, id: string, revision: number, fields: CaseFields, by = "R. Alvarez"): void =>
  stage.enter({ _tag: "IncidentFieldsChanged", incident: IncidentId.make(id), by, revision, fields })

const open = (stage: Stage): ReadonlyArray<Incident> => HashMap.toValues(stage.situation.incidents)
const last = (stage: Stage): Incident => {
  const incident = stage.cases.at(-1)?.incident
  if (incident === undefined) throw new Error("nothing was told of a case")
  return incident
}

describe("a case", () => {
  it("is opened from alerts and takes from them what nobody has said yet; its id is its place in the log", () => {
    const stage = new Stage().at(0)
    const id = opens(stage)
    expect(id).toMatch(/^I-\d+$/)
    expect(open(stage)).toMatchObject([
      { id, title: "Door forced open: East door", occurredAt: dawn - 5000, reportedAt: dawn, author: "R. Alvarez" }
    ])
  })

  it("has an alert that no other open case has", () => {
    const stage = new Stage().at(0)
    const first = opens(stage, ["A-1", "A-2"])
    opens(stage, ["A-2"])
    expect(open(stage)).toHaveLength(1)
    opens(stage, ["A-3"])
    const second = IncidentId.make(last(stage).id)
    stage.enter({ _tag: "IncidentAlertAdded", incident: second, by: "R. Alvarez", added: of("A-1") })
    expect(last(stage).alerts.map((alert) => alert.id)).toEqual(["A-3"])
    const away = { incident: IncidentId.make(first), alert: AlertId.make("A-1"), reason: "another matter" }
    stage.enter({ _tag: "IncidentAlertRemoved", by: "R. Alvarez", ...away })
    stage.enter({ _tag: "IncidentAlertAdded", incident: second, by: "J. Brandt", added: of("A-1") })
    expect(last(stage).alerts).toMatchObject([{ id: "A-3" }, { id: "A-1", by: "J. Brandt" }])
  })

  it("is changed over the revision that was seen; of two who write at once the first counts", () => {
    const stage = new Stage().at(0)
    const id = opens(stage)
    changes(stage, id, 0, { narrative: "The door was found open." })
    changes(stage, id, 0, { narrative: "Nothing was found." }, "J. Brandt")
    expect(last(stage)).toMatchObject({ revision: 1, narrative: "The door was found open." })
    changes(stage, id, 1, { occurredUntil: dawn + 60_000 })
    changes(stage, id, 2, { occurredUntil: null })
    expect(last(stage)).not.toHaveProperty("occurredUntil")
    expect(last(stage).revision).toBe(3)
  })

  it("keeps people and notes, and lets people go from it again", () => {
    const stage = new Stage().at(0)
    const incident = IncidentId.make(opens(stage))
    stage.enter({ _tag: "IncidentPersonAdded", incident, by: "R. Alvarez", name: "محمد العربي", role: "witness" })
    stage.enter({ _tag: "IncidentPersonAdded", incident, by: "R. Alvarez", name: "A. Wrong", role: "subject" })
    const wrong = last(stage).people[1]?.id ?? 0
    stage.enter({ _tag: "IncidentPersonRemoved", incident, by: "R. Alvarez", person: wrong, reason: "mistaken" })
    stage.enter({ _tag: "IncidentNoted", incident, by: "J. Brandt", note: "The glass is whole." })
    expect(last(stage).people.map(({ name }) => name)).toEqual(["محمد العربي"])
    expect(last(stage).notes).toMatchObject([{ text: "The glass is whole.", by: "J. Brandt", at: dawn }])
  })

  it("leaves the situation when it is closed, and comes back whole when it is taken up again", () => {
    const stage = new Stage().at(0)
    const incident = IncidentId.make(opens(stage))
    changes(stage, incident, 0, { narrative: "The wind." })
    const disposition = { kind: "nuisance", cause: "the closer is worn" } as const
    stage.enter({ _tag: "IncidentClosed", incident, by: "R. Alvarez", disposition, reason: "seen to" })
    expect(open(stage)).toEqual([])
    const was = last(stage)
    expect(was).toMatchObject({ closed: true, closedBy: "R. Alvarez", disposition })
    stage.enter({ _tag: "IncidentReopened", incident, by: "S. Chen", reason: "a witness came", was })
    stage.enter({ _tag: "IncidentReopened", incident, by: "J. Brandt", reason: "me too", was })
    expect(stage.cases.filter(({ transition }) => transition === "reopened")).toHaveLength(1)
    expect(open(stage)).toMatchObject([{ closed: false, narrative: "The wind.", revision: 1 }])
    expect(open(stage)[0]).not.toHaveProperty("disposition")
  })

  it("is the same after a restart", () => {
    const stage = new Stage().at(0)
    const id = opens(stage)
    changes(stage, id, 0, { nature: "Burglary" })
    const before = freeze(stage.situation).incidents
    stage.killedUntil(60)
    expect(freeze(stage.situation).incidents).toEqual(before)
  })
})

// 2026-03-02, dawn, is a Monday.
describe("the two business days of the Clery log", () => {
  it("end with the second business day after the report, by the site's clock", () => {
    const stage = new Stage().at(0)
    opens(stage)
    expect(last(stage).cleryDue).toBe(Date.parse("2026-03-05T00:00Z"))
  })

  it.each([
    ["of a Thursday is due on Monday", "2026-03-05T10:00Z", "2026-03-10T00:00Z"],
    ["of a Friday evening is due on Tuesday", "2026-03-06T22:00Z", "2026-03-11T00:00Z"],
    ["of a Sunday is due on Tuesday", "2026-03-08T10:00Z", "2026-03-11T00:00Z"]
  ])("what is reported %s", (_, reported, due) => {
    expect(endOfBusinessDay(Date.parse(reported), 2, "UTC", undefined)).toBe(Date.parse(due))
  })

  it("do not count holidays, and count a day that follows another weekday's plan as that", () => {
    const on = (from: string, type?: string) => ({
      from: LocalDate.make(from),
      ...(type === undefined ? {} : { type: DayType.make(type) })
    })
    const calendar: Calendar = {
      id: CalendarId.make("year"),
      days: [on("2026-03-03"), on("2026-03-04", "half-day"), on("2026-03-07", "mon")]
    }
    expect(endOfBusinessDay(dawn, 2, "UTC", calendar)).toBe(Date.parse("2026-03-06T00:00Z"))
    expect(endOfBusinessDay(dawn + 4 * dayMs, 1, "UTC", calendar)).toBe(Date.parse("2026-03-08T00:00Z"))
  })

  it("are over when nobody has decided by then, also where the gateway did not run", () => {
    const stage = new Stage().at(0)
    opens(stage)
    stage.killedUntil(4 * 86_400).at(4 * 86_400 + 10)
    expect(stage.cases.at(-1)).toMatchObject({ transition: "clery-overdue", incident: { cleryOverdue: true } })
  })

  it("are for nothing once the entry is whole, or where the case does not belong there", () => {
    const stage = new Stage().at(0)
    const [whole, not] = [opens(stage, ["A-1"]), opens(stage, ["A-2"])]
    changes(stage, whole, 0, { clery: "belongs", nature: "Burglary" })
    expect(last(stage).cleryEnteredAt).toBeUndefined()
    changes(stage, whole, 1, { generalLocation: "Science Hall" })
    expect(last(stage).cleryEnteredAt).toBe(dawn)
    changes(stage, not, 0, { clery: "does-not-belong" })
    expect(last(stage).cleryDue).toBeUndefined()
    stage.at(10 * 86_400)
    expect(stage.cases.filter(({ transition }) => transition === "clery-overdue")).toEqual([])
  })

  it("follow the configuration: another calendar, or a campus without such a log", () => {
    const calendars: Campus["calendars"] = [
      { id: CalendarId.make("year"), days: [{ from: LocalDate.make("2026-03-04") }] }
    ]
    const stage = new Stage().at(0)
    opens(stage)
    stage.configured({ ...campusOf(), calendars, incidents: { calendar: "year" } }, "v2")
    expect(open(stage)[0]?.cleryDue).toBe(Date.parse("2026-03-06T00:00Z"))
    stage.configured({ ...campusOf(), incidents: { clery: false } }, "v3")
    expect(open(stage)[0]?.cleryDue).toBeUndefined()
    stage.at(10 * 86_400)
    expect(stage.cases.map(({ transition }) => transition)).toEqual(["opened"])
  })
})
