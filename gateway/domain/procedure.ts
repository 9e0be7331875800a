import { Schema } from "effect"
import { AlertCondition, Priority } from "./alert.ts"
import { ProcedureId, Step } from "./checklist.ts"
import { AreaId } from "./ids.ts"

/** Which alerts a procedure is for, beside those whose rule names it: all that is said must hold. */
export const ProcedureFor = Schema.Struct({
  conditions: Schema.optionalKey(Schema.NonEmptyArray(AlertCondition)),
  priorities: Schema.optionalKey(Schema.NonEmptyArray(Priority)),
  areas: Schema.optionalKey(
    Schema.NonEmptyArray(AreaId).annotate({ description: "In one of these areas, or in what lies in it" })
  )
}).annotate({ identifier: "ProcedureFor" })

/** What officers are to do about an alert, step by step (SOP). */
export const Procedure = Schema.Struct({
  id: ProcedureId,
  name: Schema.NonEmptyString,
  version: Schema.NonEmptyString.pipe(Schema.check(Schema.isMaxLength(32))).annotate({
    description: "Told with every alert that it is kept for; to be changed with the steps"
  }),
  for: Schema.optionalKey(ProcedureFor),
  steps: Schema.NonEmptyArray(Step).pipe(Schema.check(Schema.isMaxLength(60)))
}).annotate({ identifier: "Procedure" })
export type Procedure = typeof Procedure.Type
