import { useEffect, useRef, useState, type ReactNode } from "react"
import type { Outcome } from "../../domain/alert.ts"
import { openSteps } from "../../domain/checklist-path.ts"
import { Answer, Choices } from "./dialog-fields.tsx"
import type { Alert } from "./wire.ts"
import { outcomes } from "./words.ts"
import "./dialogs.css"

interface DialogProps {
  readonly title: string
  readonly onCancel: () => void
  readonly children: ReactNode
  /** For what needs more room than a question. */
  readonly size?: "wide"
}

/** A modal dialog, open as long as it is there. Escape cancels. */
export const Dialog = (props: DialogProps) => {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal()
  }, [])
  return (
    <dialog
      ref={dialog}
      className={props.size}
      aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault()
        props.onCancel()
      }}
    >
      <h2 id="dialog-title">{props.title}</h2>
      {props.children}
    </dialog>
  )
}

interface CloseProps {
  readonly alert: Alert
  readonly busy: boolean
  readonly problem: string | undefined
  readonly onClose: (outcome: Outcome, reason: string) => void
  readonly onCancel: () => void
}

/** What its procedure asks for still: it is told, and keeps nobody from closing. */
const OpenSteps = ({ alert: { checklist } }: { readonly alert: Alert }) => {
  const open = checklist === undefined ? 0 : openSteps(checklist).length
  if (open === 0) return null
  return (
    <p className="open-steps">
      {open === 1 ? "One step of its procedure is" : `${open} steps of its procedure are`} neither done nor left out.
    </p>
  )
}

/** Closing asks for an outcome and a reason; both are required. */
export const CloseDialog = ({ alert, busy, problem, onClose, onCancel }: CloseProps) => {
  const [outcome, setOutcome] = useState<Outcome | undefined>(undefined)
  const [reason, setReason] = useState("")
  return (
    <Dialog title={`Close “${alert.title}”`} onCancel={onCancel}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (outcome !== undefined && reason.trim() !== "") onClose(outcome, reason.trim())
        }}
      >
        <OpenSteps alert={alert} />
        <Choices legend="Outcome" choices={outcomes} chosen={outcome} onChoose={setOutcome} first />
        <label className="field">
          Reason (required)
          <textarea required rows={3} value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
        <Answer {...{ busy, problem, onCancel }} yes="Close alert" />
      </form>
    </Dialog>
  )
}
