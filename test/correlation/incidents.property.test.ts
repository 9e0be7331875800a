import fc from "fast-check"
import { HashMap, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { freeze, type Frozen, thaw } from "../../gateway/correlation/snapshot.ts"
import type { Situation } from "../../gateway/correlation/situation.ts"
import { StepId } from "../../gateway/domain/checklist.ts"
import { openSteps, pathOf } from "../../gateway/domain/checklist-path.ts"
import { AlertId, IncidentId } from "../../gateway/domain/ids.ts"
import type { CaseAlert, Incident } from "../../gateway/domain/incident.ts"
import { Procedure } from "../../gateway/domain/procedure.ts"
import { campusOf, dawn, Stage } from "./door-stage.ts"

/** The same acts in every run: a failure here is a fault in the code and never in the weather. */
const always = { seed: 20_261_127, numRuns: 200 } as const

const procedure = Schema.decodeUnknownSync(Procedure)({
  id: "forced",
  name: "Forced door",
  version: "1",
  for: { conditions: ["DoorForcedOpen"] },
  steps: [
    { id: "a", text: "A" },
    {
      id: "b",
      kind: "question",
      text: "B",
      answers: [
        { answer: "x", next: "c" },
        { answer: "y", next: "d" }
      ]
    },
    { id: "c", text: "C", next: "e" },
    { id: "d", text: "D", required: false },
    { id: "e", kind: "question", text: "E", answers: [{ answer: "x", next: "end" }, { answer: "y" }] },
    { id: "f", text: "F" }
  ]
})
const stepIds = procedure.steps.map(({ id }) => String(id))
const alertIds = ["A-1", "A-2", "A-3"]

const by = fc.constantFrom("R. Alvarez", "J. Brandt")
const nth = fc.nat({ max: 3 })
const act = fc.oneof(
  fc.record({ _tag: fc.constant("done" as const), step: fc.constantFrom(...stepIds), by }),
  fc.record({ _tag: fc.constant("skipped" as const), step: fc.constantFrom(...stepIds), by }),
  fc.record({ _tag: fc.constant("undone" as const), step: fc.constantFrom(...stepIds), by }),
  fc.record({
    _tag: fc.constant("answered" as const),
    step: fc.constantFrom(...stepIds),
    answer: fc.constantFrom("x", "y", "z"),
    by
  }),
  fc.record({ _tag: fc.constant("open" as const), alerts: fc.subarray(alertIds), by }),
  fc.record({ _tag: fc.constant("add" as const), nth, alert: fc.constantFrom(...alertIds), by }),
  fc.record({ _tag: fc.constant("take-out" as const), nth, alert: fc.constantFrom(...alertIds), by }),
  fc.record({ _tag: fc.constant("write" as const), nth, revision: fc.nat({ max: 4 }), clery: fc.boolean(), by }),
  fc.record({ _tag: fc.constant("close" as const), nth, by }),
  fc.record({ _tag: fc.constant("reopen" as const), nth, by }),
  fc.record({ _tag: fc.constant("pass" as const), hours: fc.nat({ max: 60 }) })
)
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never

const caseAlert = (id: string): CaseAlert => ({
  id: AlertId.make(id),
  title: id,
  priority: 2,
  validationLevel: 1,
  occurredAt: dawn,
  by: "",
  at: 0
})

const incidents = ({ situation }: Stage): ReadonlyArray<Incident> =>
  HashMap.toValues(situation.incidents).sort((a, b) => a.opened - b.opened)

const forced = (stage: Stage) => stage.alert("DoorForcedOpen")

const takeStep = (stage: Stage, said: Extract<Act, { readonly step: string }>): void => {
  const about = { alert: stage.idOf("DoorForcedOpen"), step: StepId.make(said.step), by: said.by }
  if (said._tag === "done") stage.enter({ _tag: "StepDone", ...about })
  else if (said._tag === "answered") stage.enter({ _tag: "StepAnswered", ...about, answer: said.answer })
  else if (said._tag === "skipped") stage.enter({ _tag: "StepSkipped", ...about, reason: "a reason" })
  else stage.enter({ _tag: "StepUndone", ...about })
}

/** Closed cases, as the log has them. */
type Archive = Map<string, Incident>

const keep = (
  stage: Stage,
  archive: Archive,
  did: Exclude<Act, { readonly step: string } | { _tag: "pass" }>
): void => {
  if (did._tag === "open") {
    stage.enter({ _tag: "IncidentOpened", by: did.by, alerts: did.alerts.map(caseAlert), fields: {} })
    return
  }
  if (did._tag === "reopen") {
    const was = [...archive.values()][did.nth]
    if (was !== undefined)
      stage.enter({ _tag: "IncidentReopened", incident: was.id, by: did.by, reason: "a reason", was })
    return
  }
  const incident = incidents(stage)[did.nth]?.id ?? IncidentId.make("I-none")
  const about = { incident, by: did.by }
  if (did._tag === "add") stage.enter({ _tag: "IncidentAlertAdded", ...about, added: caseAlert(did.alert) })
  if (did._tag === "take-out")
    stage.enter({ _tag: "IncidentAlertRemoved", ...about, alert: AlertId.make(did.alert), reason: "a reason" })
  if (did._tag === "write") {
    const fields = { narrative: `by ${did.by}`, clery: did.clery ? ("belongs" as const) : ("does-not-belong" as const) }
    stage.enter({ _tag: "IncidentFieldsChanged", ...about, revision: did.revision, fields })
  }
  if (did._tag === "close")
    stage.enter({ _tag: "IncidentClosed", ...about, disposition: { kind: "test" }, reason: "a reason" })
}

const play = (stage: Stage, archive: Archive, did: Act): void => {
  if (did._tag === "pass") stage.at((stage.now - dawn) / 1000 + did.hours * 3600)
  else if ("step" in did) takeStep(stage, did)
  else keep(stage, archive, did)
  for (const { incident } of stage.cases)
    if (incident.closed) archive.set(incident.id, incident)
    else archive.delete(incident.id)
}

const begun = (): Stage => new Stage({ ...campusOf(), procedures: [procedure] }).at(-60).closes().at(0).opens().at(10)

const text = (situation: Situation): string => JSON.stringify(freeze(situation))

describe("whatever several officers do to procedures and cases, in any order", () => {
  it("a step has one mark at most, every mark lies on the way, and nobody's is taken by another's", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const [stage, archive] = [begun(), new Map()]
        for (const did of acts) {
          const before = forced(stage)?.checklist?.marks ?? []
          play(stage, archive, did)
          const checklist = forced(stage)?.checklist
          if (checklist === undefined) throw new Error("the procedure is gone")
          const path = pathOf(checklist).map(({ id }) => id)
          expect(new Set(checklist.marks.map(({ step }) => step)).size).toBe(checklist.marks.length)
          for (const { step } of checklist.marks) expect(path).toContain(step)
          for (const step of openSteps(checklist)) expect(path).toContain(step.id)
          for (const mark of before)
            expect([mark, undefined]).toContainEqual(checklist.marks.find((m) => m.step === mark.step))
        }
      }),
      always
    )
  })

  it("an alert is in one open case at most, a revision follows the one before, and a closed case is out of the way", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const [stage, archive] = [begun(), new Map()]
        for (const did of acts) {
          const before = new Map(incidents(stage).map(({ id, revision }) => [id, revision]))
          play(stage, archive, did)
          const open = incidents(stage)
          const alerts = open.flatMap((incident) => incident.alerts.map(({ id }) => id))
          expect(new Set(alerts).size).toBe(alerts.length)
          for (const { id, revision, closed } of open) {
            expect(closed).toBe(false)
            expect([0, 1]).toContain(revision - (before.get(id) ?? revision))
          }
        }
      }),
      always
    )
  })

  it("a restart in between changes nothing", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), fc.nat({ max: 40 }), (acts, at) => {
        const [whole, cut] = [begun(), begun()]
        const [first, second] = [new Map(), new Map()]
        for (const [n, did] of acts.entries()) {
          if (n === at) cut.situation = thaw(JSON.parse(text(cut.situation)) as Frozen)
          play(whole, first, did)
          play(cut, second, did)
        }
        expect(text(cut.situation)).toBe(text(whole.situation))
      }),
      always
    )
  })
})
