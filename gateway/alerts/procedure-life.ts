import type { Alert, AlertTransition } from "../domain/alert.ts"
import type { Checklist, Step, StepMark } from "../domain/checklist.ts"
import { markOf, pathOf } from "../domain/checklist-path.ts"
import type { Fact } from "../domain/fact.ts"
import type { Procedure } from "../domain/procedure.ts"
import type { Lived } from "./turned.ts"

/** An officer's fact about a step of an alert's procedure. */
export type StepFact = Extract<Fact, { _tag: "StepDone" | "StepAnswered" | "StepSkipped" | "StepUndone" }>

/** A procedure as an alert begins with it. What is configured anew later leaves it as it is. */
export const checklistOf = ({ id, name, version, steps }: Procedure): Checklist => ({
  procedure: id,
  name,
  version,
  steps,
  marks: []
})

/** What officers want of a step, before it has its time. */
export type StepWanted = StepFact extends infer F
  ? F extends StepFact
    ? Omit<F, "at" | "by" | "alert">
    : never
  : never

const isQuestion = ({ kind }: Step): boolean => kind === "question"

const undoing = (checklist: Checklist, step: Step): string | undefined => {
  if (markOf(checklist, step.id) === undefined) return "nothing is said of it"
  if (!isQuestion(step)) return undefined
  const path = pathOf(checklist)
  const later = path.slice(path.indexOf(step) + 1).find(({ id }) => markOf(checklist, id) !== undefined)
  return later === undefined ? undefined : `it led to "${later.text}", of which something is said; undo that first`
}

/** Why this cannot be said of a step of an alert now; `undefined`: it can. A step that is marked can be marked again: that is noted. */
export const whyNotStep = (checklist: Checklist | undefined, wanted: StepWanted): string | undefined => {
  if (checklist === undefined) return "the alert has no procedure"
  const step = checklist.steps.find(({ id }) => id === wanted.step)
  if (step === undefined) return `its procedure has no step "${wanted.step}"`
  if (!pathOf(checklist).includes(step)) return `"${step.text}" is not on the way that the answers so far lead`
  if (wanted._tag === "StepUndone") return undoing(checklist, step)
  if (wanted._tag === "StepDone" && isQuestion(step)) return `"${step.text}" is a question: answer it`
  if (wanted._tag !== "StepAnswered") return undefined
  if (!isQuestion(step)) return `"${step.text}" is no question`
  const answers = (step.answers ?? []).map(({ answer }) => answer)
  return answers.includes(wanted.answer) ? undefined : `expected one of ${answers.map((one) => `"${one}"`).join(", ")}`
}

const markFor = (fact: Exclude<StepFact, { _tag: "StepUndone" }>): StepMark => {
  const { step, by, at } = fact
  switch (fact._tag) {
    case "StepDone":
      return { step, how: "done", by, at }
    case "StepAnswered":
      return { step, how: "answered", by, at, answer: fact.answer }
    case "StepSkipped":
      return { step, how: "skipped", by, at, reason: fact.reason }
  }
}

/** What is said of a step, in a clause. */
export const markWords = ({ how, answer, reason }: StepMark): string =>
  how === "done" ? "done" : how === "answered" ? `answered: ${answer ?? ""}` : `left out: ${reason ?? ""}`

const told = (alert: Alert, transition: AlertTransition, fact: StepFact, note: string): Lived => {
  const after = { ...alert, updatedAt: fact.at }
  return { alert: after, change: { transition, at: fact.at, by: fact.by, why: [], alert: after, note } }
}

const transitions = { StepDone: "step-done", StepAnswered: "step-answered", StepSkipped: "step-skipped" } as const

/**
 * What an officer's word on a step does to an open alert. Of two who speak of the same step both are recorded, and the
 * first counts. `undefined`: nothing, for the step is not there, or not on the way.
 */
export const applyStep = (open: Alert, fact: StepFact): Lived | undefined => {
  const { checklist } = open
  const step = checklist?.steps.find(({ id }) => id === fact.step)
  if (checklist === undefined || step === undefined || whyNotStep(checklist, fact) !== undefined) return undefined
  const known = markOf(checklist, fact.step)
  const without = checklist.marks.filter((mark) => mark !== known)
  if (fact._tag === "StepUndone") {
    const undone = { ...open, checklist: { ...checklist, marks: without } }
    return told(undone, "step-undone", fact, `${step.text} (undone)`)
  }
  const mark = markFor(fact)
  const said = `${step.text} (${markWords(mark)})`
  if (known !== undefined) return told(open, "noted", fact, `${said}; ${known.by} was first: ${markWords(known)}`)
  const marked = { ...open, checklist: { ...checklist, marks: [...checklist.marks, mark] } }
  return told(marked, transitions[fact._tag], fact, said)
}
