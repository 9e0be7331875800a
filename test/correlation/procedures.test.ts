import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import type { Campus } from "../../gateway/domain/campus.ts"
import { openSteps, pathOf } from "../../gateway/domain/checklist-path.ts"
import type { Checklist } from "../../gateway/domain/checklist.ts"
import { StepId } from "../../gateway/domain/checklist.ts"
import { Procedure } from "../../gateway/domain/procedure.ts"
import { campusOf, Stage } from "./door-stage.ts"

const procedure = Schema.decodeUnknownSync(Procedure)

const forced = procedure({
  id: "forced-door",
  name: "Forced door",
  version: "3",
  for: { conditions: ["DoorForcedOpen"] },
  steps: [
    { id: "look", text: "Look at the pictures", kind: "look" },
    {
      id: "seen",
      text: "Is somebody to be seen?",
      kind: "question",
      answers: [
        { answer: "Somebody", next: "call" },
        { answer: "Nobody", next: "send" }
      ]
    },
    { id: "call", text: "Call the police", kind: "call", next: "write" },
    { id: "send", text: "Send somebody" },
    { id: "write", text: "Write it down", required: false }
  ]
})

const campus = (procedures: ReadonlyArray<Procedure>): Campus => ({ ...campusOf(), procedures })

const stageWith = (procedures: ReadonlyArray<Procedure>): Stage =>
  new Stage(campus(procedures)).at(-60).closes().at(0).opens().at(10)

const checklist = (stage: Stage): Checklist => {
  const found = stage.alert("DoorForcedOpen")?.checklist
  if (found === undefined) throw new Error("the alert has no procedure")
  return found
}

const says = (
  stage: Stage,
  said:
    | { readonly did: string }
    | { readonly answers: string; readonly to: string }
    | { readonly skips: string }
    | { readonly undoes: string },
  by = "R. Alvarez"
): void => {
  const alert = stage.idOf("DoorForcedOpen")
  if ("did" in said) stage.enter({ _tag: "StepDone", alert, step: StepId.make(said.did), by })
  else if ("answers" in said)
    stage.enter({ _tag: "StepAnswered", alert, step: StepId.make(said.to), answer: said.answers, by })
  else if ("skips" in said)
    stage.enter({ _tag: "StepSkipped", alert, step: StepId.make(said.skips), reason: "no camera there", by })
  else stage.enter({ _tag: "StepUndone", alert, step: StepId.make(said.undoes), by })
}

const path = (stage: Stage): ReadonlyArray<string> => pathOf(checklist(stage)).map(({ id }) => id)
const marks = (stage: Stage): ReadonlyArray<string> =>
  checklist(stage).marks.map(({ step, how, by }) => `${step} ${how} by ${by}`)

describe("the procedure of an alert", () => {
  it("is the one that is meant for its condition, and shows the way up to the first question", () => {
    const stage = stageWith([forced])
    expect(checklist(stage)).toMatchObject({ procedure: "forced-door", name: "Forced door", version: "3" })
    expect(path(stage)).toEqual(["look", "seen"])
  })

  it("goes the way that an answer leads, with who said what and when", () => {
    const stage = stageWith([forced])
    says(stage, { did: "look" })
    stage.at(20)
    says(stage, { answers: "Nobody", to: "seen" })
    expect(path(stage)).toEqual(["look", "seen", "send", "write"])
    expect(marks(stage)).toEqual(["look done by R. Alvarez", "seen answered by R. Alvarez"])
    expect(checklist(stage).marks[1]).toMatchObject({ answer: "Nobody", at: stage.now })
    expect(openSteps(checklist(stage)).map(({ id }) => id)).toEqual(["send"])
  })

  it("is the other branch's with the other answer, and the first branch is not on the way", () => {
    const stage = stageWith([forced])
    says(stage, { answers: "Somebody", to: "seen" })
    expect(path(stage)).toEqual(["look", "seen", "call", "write"])
    says(stage, { did: "send" })
    expect(marks(stage)).toEqual(["seen answered by R. Alvarez"])
  })

  it("records two officers who speak of one step, and the first counts", () => {
    const stage = stageWith([forced])
    says(stage, { answers: "Nobody", to: "seen" })
    says(stage, { answers: "Somebody", to: "seen" }, "J. Brandt")
    expect(marks(stage)).toEqual(["seen answered by R. Alvarez"])
    const noted = stage.changes.at(-1)
    expect(noted).toMatchObject({ transition: "noted", by: "J. Brandt" })
    expect(noted?.note).toContain("R. Alvarez was first: answered: Nobody")
  })

  it("takes an undone step back by another fact; an answer only while nothing is said behind it", () => {
    const stage = stageWith([forced])
    says(stage, { answers: "Nobody", to: "seen" })
    says(stage, { did: "send" })
    says(stage, { undoes: "seen" })
    expect(marks(stage)).toEqual(["seen answered by R. Alvarez", "send done by R. Alvarez"])
    says(stage, { undoes: "send" })
    says(stage, { undoes: "seen" }, "J. Brandt")
    expect(marks(stage)).toEqual([])
    expect(stage.changes.map(({ transition }) => transition).slice(-4)).toEqual([
      "step-answered",
      "step-done",
      "step-undone",
      "step-undone"
    ])
  })

  it("leaves a step out with a reason, and the branches of a question that is left out with it", () => {
    const stage = stageWith([forced])
    says(stage, { skips: "look" })
    says(stage, { skips: "seen" })
    expect(path(stage)).toEqual(["look", "seen"])
    expect(checklist(stage).marks[0]).toMatchObject({ how: "skipped", reason: "no camera there" })
    expect(openSteps(checklist(stage))).toEqual([])
  })

  it("stays in the version with which it began, over a change and a restart", () => {
    const stage = stageWith([forced])
    says(stage, { did: "look" })
    stage.configured(campus([{ ...forced, version: "4", steps: [{ id: StepId.make("run"), text: "Run" }] }]), "v2")
    stage.killedUntil(60)
    expect(checklist(stage)).toMatchObject({ version: "3" })
    expect(marks(stage)).toEqual(["look done by R. Alvarez"])
    expect(path(stage)).toEqual(["look", "seen"])
  })

  it("is that of its area rather than one for any area", () => {
    const here = procedure({ ...forced, id: "hall", for: { conditions: ["DoorForcedOpen"], areas: ["hall"] } })
    const elsewhere = procedure({ ...forced, id: "attic", for: { conditions: ["DoorForcedOpen"], areas: ["attic"] } })
    expect(checklist(stageWith([elsewhere, forced, here])).procedure).toBe("hall")
    expect(stageWith([elsewhere]).alert("DoorForcedOpen")?.checklist).toBeUndefined()
  })
})
