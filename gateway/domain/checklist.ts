import { Schema } from "effect"
import { EpochMs } from "./ids.ts"

const word = (identifier: string, what: string, example: string) =>
  Schema.String.pipe(
    Schema.check(
      Schema.isPattern(/^[a-z0-9][a-z0-9-]{0,63}$/, {
        expected: `${what}: small letters, digits and "-", at most 64, such as "${example}"`
      })
    )
  ).annotate({ identifier, description: what })

/** A rule may name one as the `procedure` of its alert; a sentence there is no id. */
export const ProcedureId = word("ProcedureId", "a procedure's id", "forced-door").pipe(Schema.brand("ProcedureId"))
export type ProcedureId = typeof ProcedureId.Type

export const StepId = word("StepId", "a step's id", "look-at-pictures").pipe(Schema.brand("StepId"))
export type StepId = typeof StepId.Type

/** What leads to the end of a procedure where a step's id could stand. */
export const procedureEnd = "end"

const leadsTo = Schema.Union([Schema.Literal(procedureEnd), StepId])

/** One answer to a question, and the step that it leads to. */
export const StepAnswer = Schema.Struct({
  answer: Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(120))),
  next: Schema.optionalKey(leadsTo.annotate({ description: "The step it leads to, or end; absent: the next one" }))
}).annotate({ identifier: "StepAnswer" })

/** One step of a procedure: something to do, or a question whose answer decides how it goes on. */
export const Step = Schema.Struct({
  id: StepId,
  text: Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(500))),
  kind: Schema.optionalKey(
    Schema.Literals(["act", "call", "look", "question"]).annotate({
      description: "What sort of step it is: act (the usual), call somebody, look at something, or a question"
    })
  ),
  /** Of a question: at least two. */
  answers: Schema.optionalKey(Schema.Array(StepAnswer)),
  next: Schema.optionalKey(leadsTo.annotate({ description: "Where it goes on, or end; absent: the next step" })),
  required: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "false: it may be left out without a word (default true)" })
  )
}).annotate({ identifier: "Step" })
export type Step = typeof Step.Type

/** What became of a step: who did it, answered it, or left it out and why, and when. */
export const StepMark = Schema.Struct({
  step: StepId,
  how: Schema.Literals(["done", "answered", "skipped"]),
  by: Schema.String,
  at: EpochMs,
  answer: Schema.optionalKey(Schema.String),
  reason: Schema.optionalKey(Schema.String)
}).annotate({ identifier: "StepMark" })
export type StepMark = typeof StepMark.Type

/** A procedure as it is kept for one alert: in the version with which it began, with what became of its steps so far. */
export const Checklist = Schema.Struct({
  procedure: ProcedureId,
  name: Schema.String,
  version: Schema.String,
  steps: Schema.Array(Step),
  marks: Schema.Array(StepMark)
}).annotate({ identifier: "Checklist" })
export type Checklist = typeof Checklist.Type
