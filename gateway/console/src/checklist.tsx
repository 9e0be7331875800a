import { useRef, useState, type Ref } from "react"
import { markOf, openSteps, pathOf } from "../../domain/checklist-path.ts"
import { Answer, ReasonField } from "./dialog-fields.tsx"
import { Dialog } from "./dialogs.tsx"
import { incidentApi } from "./incident-api.ts"
import type { Checklist, Step, StepMark, StepSaid } from "./incident-wire.ts"
import { Key } from "./key.tsx"
import { useActions } from "./use-actions.ts"
import { useKeys } from "./use-keys.ts"
import type { ConsoleStore } from "./store.ts"
import type { Instant } from "./wire.ts"
import "./checklist.css"

const kinds = { act: "", call: "Call: ", look: "Look: ", question: "" } as const

const markWords = ({ how, answer, reason, by, at }: StepMark, clock: (at: Instant) => string): string => {
  const what = how === "done" ? "Done" : how === "answered" ? `“${answer ?? ""}”` : `Left out: ${reason ?? ""}`
  return `${what} · ${by} · ${clock(at)}`
}

interface StepProps {
  readonly step: Step
  readonly mark: StepMark | undefined
  readonly isNext: boolean
  readonly busy: boolean
  readonly first: Ref<HTMLButtonElement> | undefined
  readonly phone: boolean
  readonly clock: (at: Instant) => string
  readonly onSay: (said: StepSaid) => void
  readonly onSkip: () => void
}

/** What can be said of a step of which nothing is said. */
const Choices = ({ step, isNext, busy, first, phone, onSay, onSkip }: StepProps) => (
  <div className="step-acts">
    {step.kind === "question" ? (
      (step.answers ?? []).map(({ answer }, nth) => (
        <button
          key={answer}
          type="button"
          className="secondary"
          disabled={busy}
          ref={nth === 0 ? first : undefined}
          onClick={() => onSay({ answer })}
        >
          {answer}
          <span className="unseen">: {step.text}</span>
        </button>
      ))
    ) : (
      <button
        type="button"
        className={isNext ? "primary" : "secondary"}
        disabled={busy}
        ref={first}
        onClick={() => onSay({ done: true })}
      >
        Done<span className="unseen">: {step.text}</span> {isNext && !phone && <Key of="alert.step" />}
      </button>
    )}
    <button type="button" className="quiet" disabled={busy} onClick={onSkip}>
      Leave out…<span className="unseen">: {step.text}</span>
    </button>
  </div>
)

const StepLine = (props: StepProps) => {
  const { step, mark, isNext, busy, clock, onSay } = props
  const sign = mark === undefined ? "○" : mark.how === "skipped" ? "–" : "✓"
  return (
    <li className={`step ${mark?.how ?? "open"}`} aria-current={isNext ? "step" : undefined}>
      <span className="step-sign" aria-hidden="true">
        {sign}
      </span>
      <div className="step-words">
        <p>
          {kinds[step.kind ?? "act"]}
          {step.text}
          {step.required === false && <span className="step-optional"> (if need be)</span>}
        </p>
        {mark === undefined ? (
          <Choices {...props} />
        ) : (
          <p className="step-mark">
            {markWords(mark, clock)}{" "}
            <button type="button" className="quiet" disabled={busy} onClick={() => onSay({ undo: true })}>
              Undo<span className="unseen">: {step.text}</span>
            </button>
          </p>
        )}
      </div>
    </li>
  )
}

interface SkipProps {
  readonly step: Step
  readonly busy: boolean
  readonly problem: string | undefined
  readonly onSkip: (reason: string) => void
  readonly onCancel: () => void
}

const SkipDialog = ({ step, busy, problem, onSkip, onCancel }: SkipProps) => {
  const [reason, setReason] = useState("")
  return (
    <Dialog title={`Leave out “${step.text}”`} onCancel={onCancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (reason.trim() !== "") onSkip(reason.trim())
        }}
      >
        <ReasonField reason={reason} onReason={setReason} first />
        <Answer {...{ busy, problem, onCancel }} yes="Leave it out" />
      </form>
    </Dialog>
  )
}

interface ChecklistProps {
  readonly alert: string
  readonly checklist: Checklist
  readonly store: Pick<ConsoleStore, "report">
  readonly phone: boolean
  readonly clock: (at: Instant) => string
}

/** What is to be done about an alert, step by step: who did what and when, and what is next. */
export const Procedure = ({ alert, checklist, store, phone, clock }: ChecklistProps) => {
  const { busy, problem, forget, attempt } = useActions(store)
  const [skipping, setSkipping] = useState<Step | undefined>(undefined)
  const first = useRef<HTMLButtonElement>(null)
  const path = pathOf(checklist)
  const next = path.find((step) => markOf(checklist, step.id) === undefined)
  const left = openSteps(checklist).length
  const say = (step: Step, said: StepSaid): Promise<boolean> => attempt(() => incidentApi.say(alert, step.id, said))
  useKeys({
    "alert.step": () => {
      if (next === undefined || busy) return
      if (next.kind === "question") first.current?.focus()
      else void say(next, { done: true })
    }
  })
  return (
    <section className="procedure" aria-labelledby="procedure-title">
      <h3 id="procedure-title">
        Procedure: {checklist.name} <span className="procedure-version">version {checklist.version}</span>
      </h3>
      <p className="tally" role="status">
        {left === 0 && next === undefined
          ? "✓ All steps are seen to"
          : left === 1
            ? "1 step is open"
            : `${left} steps are open`}
      </p>
      {problem !== undefined && skipping === undefined && (
        <p role="alert" className="problem">
          {problem}
        </p>
      )}
      <ol className="steps">
        {path.map((step) => (
          <StepLine
            key={step.id}
            {...{ step, busy, phone, clock }}
            mark={markOf(checklist, step.id)}
            isNext={step === next}
            first={step === next ? first : undefined}
            onSay={(said) => void say(step, said)}
            onSkip={() => {
              forget()
              setSkipping(step)
            }}
          />
        ))}
      </ol>
      {skipping !== undefined && (
        <SkipDialog
          step={skipping}
          {...{ busy, problem }}
          onCancel={() => setSkipping(undefined)}
          onSkip={(reason) =>
            void say(skipping, { skip: reason }).then((done) => {
              if (done) setSkipping(undefined)
            })
          }
        />
      )}
    </section>
  )
}
