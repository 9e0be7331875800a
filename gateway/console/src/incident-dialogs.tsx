import { useEffect, useState } from "react"
import type { Disposition } from "../../domain/incident.ts"
import { Answer, Choices, ReasonField } from "./dialog-fields.tsx"
import { Dialog } from "./dialogs.tsx"
import { incidentApi } from "./incident-api.ts"
import type { Incident } from "./incident-wire.ts"
import type { Alert } from "./wire.ts"

interface Asked {
  readonly busy: boolean
  readonly problem: string | undefined
  readonly onCancel: () => void
}

interface FromAlertProps extends Asked {
  readonly alert: Alert
  /** `undefined`: a new one. */
  readonly onChoose: (incident: string | undefined) => void
}

/** Whether an alert begins a case, or belongs to one that is open. */
export const FromAlertDialog = ({ alert, busy, problem, onChoose, onCancel }: FromAlertProps) => {
  const [open, setOpen] = useState<ReadonlyArray<Incident>>([])
  const [chosen, setChosen] = useState("")
  useEffect(() => {
    incidentApi.list({ state: "open" }).then(
      ({ items }) => setOpen(items),
      // A new one can be opened all the same.
      () => setOpen([])
    )
  }, [])
  return (
    <Dialog title={`Incident of “${alert.title}”`} onCancel={onCancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onChoose(chosen === "" ? undefined : chosen)
        }}
      >
        <fieldset>
          <legend>Which incident</legend>
          {[{ id: "", title: "A new incident" }, ...open].map(({ id, title }) => (
            <label key={id} className="choice">
              <input
                type="radio"
                name="incident"
                autoFocus={id === ""}
                checked={chosen === id}
                onChange={() => setChosen(id)}
              />
              <span>
                <strong>{title}</strong>
                {id !== "" && <span className="hint">{id}</span>}
              </span>
            </label>
          ))}
        </fieldset>
        <Answer {...{ busy, problem, onCancel }} yes={chosen === "" ? "Open it" : "Add the alert"} />
      </form>
    </Dialog>
  )
}

const kinds: ReadonlyArray<{ readonly value: Disposition["kind"]; readonly text: string; readonly hint: string }> = [
  { value: "real", text: "Real", hint: "Something happened that needed an officer" },
  { value: "nuisance", text: "Nuisance", hint: "Nothing happened; what made it is to be said" },
  { value: "test", text: "Test", hint: "Planned work" },
  { value: "drill", text: "Drill", hint: "An exercise" }
]

interface CloseProps extends Asked {
  readonly incident: Incident
  readonly onClose: (disposition: Disposition, reason: string) => void
}

/** Closing a case asks for what it turned out to be, and of a nuisance for its cause. */
export const CloseCaseDialog = ({ incident, busy, problem, onClose, onCancel }: CloseProps) => {
  const [kind, setKind] = useState<Disposition["kind"] | undefined>(undefined)
  const [cause, setCause] = useState("")
  const [reason, setReason] = useState("")
  return (
    <Dialog title={`Close ${incident.id}`} onCancel={onCancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (kind === undefined || reason.trim() === "") return
          onClose(
            { kind, ...(cause.trim() === "" || kind !== "nuisance" ? {} : { cause: cause.trim() }) },
            reason.trim()
          )
        }}
      >
        <Choices legend="Disposition" choices={kinds} chosen={kind} onChoose={setKind} first />
        {kind === "nuisance" && (
          <label className="field">
            Cause (required)
            <input required maxLength={200} value={cause} onChange={(event) => setCause(event.target.value)} />
          </label>
        )}
        <ReasonField reason={reason} onReason={setReason} />
        <Answer {...{ busy, problem, onCancel }} yes="Close incident" />
      </form>
    </Dialog>
  )
}

interface WhyProps extends Asked {
  readonly title: string
  readonly yes: string
  readonly onYes: (reason: string) => void
}

/** Something that is done with a reason. */
export const WhyDialog = ({ title, yes, busy, problem, onYes, onCancel }: WhyProps) => {
  const [reason, setReason] = useState("")
  return (
    <Dialog title={title} onCancel={onCancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (reason.trim() !== "") onYes(reason.trim())
        }}
      >
        <ReasonField reason={reason} onReason={setReason} first />
        <Answer {...{ busy, problem, onCancel, yes }} />
      </form>
    </Dialog>
  )
}
