import { useState } from "react"
import { Answer, ReasonField } from "./dialog-fields.tsx"
import { Dialog } from "./dialogs.tsx"
import type { Alert } from "./wire.ts"

interface ReasonDialogProps {
  readonly title: string
  readonly hint: string
  readonly yes: string
  readonly busy: boolean
  readonly problem: string | undefined
  readonly onCancel: () => void
  readonly onYes: (reason: string) => void
}

const ReasonDialog = ({ title, hint, onYes, ...answer }: ReasonDialogProps) => {
  const [reason, setReason] = useState("")
  return (
    <Dialog title={title} onCancel={answer.onCancel}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason.trim() !== "") onYes(reason.trim())
        }}
      >
        <p className="hint">{hint}</p>
        <ReasonField reason={reason} onReason={setReason} first />
        <Answer {...answer} />
      </form>
    </Dialog>
  )
}

type AboutOne = Omit<ReasonDialogProps, "title" | "hint" | "yes"> & { readonly alert: Alert }

/** Acknowledging what another officer has in hand. */
export const ForceDialog = ({ alert, ...answer }: AboutOne) => (
  <ReasonDialog
    {...answer}
    title={`Acknowledge “${alert.title}” all the same`}
    hint={`${alert.claimed?.by ?? "Somebody else"} has it in hand. That you answered in their place, and why, stays in the log.`}
    yes="Acknowledge"
  />
)

/** Taking an alert out of another officer's hands. */
export const TakeOverDialog = ({ alert, ...answer }: AboutOne) => (
  <ReasonDialog
    {...answer}
    title={`Take over “${alert.title}”`}
    hint={`${alert.claimed?.by ?? "Somebody else"} has it in hand, and sees that you take it over.`}
    yes="Take over"
  />
)

interface SeveralProps extends Omit<ReasonDialogProps, "title" | "hint" | "yes"> {
  readonly alerts: ReadonlyArray<Alert>
}

/** Several alerts for one reason; the critical ones are left out, whoever asks. */
export const AcknowledgeSeveralDialog = ({ alerts, ...answer }: SeveralProps) => (
  <ReasonDialog
    {...answer}
    title={`Acknowledge ${alerts.length} ${alerts.length === 1 ? "alert" : "alerts"}`}
    hint="For one reason, which each of them keeps. Critical alerts are never acknowledged together with others."
    yes={`Acknowledge ${alerts.length}`}
  />
)
