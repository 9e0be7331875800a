import { useState } from "react"
import type { ShelveFor } from "./api.ts"
import { Answer, MinutesField, ReasonField } from "./dialog-fields.tsx"
import { Dialog } from "./dialogs.tsx"
import type { Alert } from "./wire.ts"

interface ShelveProps {
  readonly alert: Alert
  readonly busy: boolean
  readonly problem: string | undefined
  readonly onCancel: () => void
}

const usualMinutes = 15

/** Shelving asks how long and why; both are required. */
export const ShelveDialog = ({
  alert,
  onShelve,
  ...answer
}: ShelveProps & { readonly onShelve: (time: ShelveFor, reason: string) => void }) => {
  const [minutes, setMinutes] = useState(String(usualMinutes))
  const [once, setOnce] = useState(false)
  const [reason, setReason] = useState("")
  return (
    <Dialog title={`Shelve “${alert.title}”`} onCancel={answer.onCancel}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason.trim() !== "") onShelve(once ? { oneShot: true } : { minutes: Number(minutes) }, reason.trim())
        }}
      >
        <p className="hint">It makes no sound and stands apart meanwhile. What comes is counted.</p>
        <MinutesField minutes={minutes} onMinutes={setMinutes} first disabled={once} />
        {alert.active && (
          <label className="choice">
            <input type="checkbox" checked={once} onChange={(event) => setOnce(event.target.checked)} />
            <span>
              <strong>Until it is normal again</strong>
              <span className="hint">And for the longest time that is allowed at most</span>
            </span>
          </label>
        )}
        <ReasonField reason={reason} onReason={setReason} />
        <Answer {...answer} yes="Shelve alert" />
      </form>
    </Dialog>
  )
}

/** Ending a shelving asks why. */
export const UnshelveDialog = ({
  alert,
  onUnshelve,
  ...answer
}: ShelveProps & { readonly onUnshelve: (reason: string) => void }) => {
  const [reason, setReason] = useState("")
  return (
    <Dialog title={`Unshelve “${alert.title}”`} onCancel={answer.onCancel}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason.trim() !== "") onUnshelve(reason.trim())
        }}
      >
        {alert.active && <p className="hint">It is active, and asks for an officer again.</p>}
        <ReasonField reason={reason} onReason={setReason} first />
        <Answer {...answer} yes="Unshelve alert" />
      </form>
    </Dialog>
  )
}
