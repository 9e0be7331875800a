import { useEffect, useRef, useState, type ReactNode } from "react"
import type { Outcome } from "../../domain/alert.ts"
import type { Alert } from "./wire.ts"
import { outcomes } from "./words.ts"

interface DialogProps {
  readonly title: string
  readonly onCancel: () => void
  readonly children: ReactNode
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
        <fieldset>
          <legend>Outcome (required)</legend>
          {outcomes.map(({ value, text, hint }, index) => (
            <label key={value} className="choice">
              <input
                type="radio"
                name="outcome"
                value={value}
                required
                autoFocus={index === 0}
                checked={outcome === value}
                onChange={() => setOutcome(value)}
              />
              <span>
                <strong>{text}</strong>
                <span className="hint">{hint}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <label className="field">
          Reason (required)
          <textarea required rows={3} value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
        {problem !== undefined && (
          <p role="alert" className="problem">
            {problem}
          </p>
        )}
        <div className="actions">
          <button type="submit" className="primary" disabled={busy}>
            Close alert
          </button>
          <button type="button" className="secondary" onClick={onCancel}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  )
}

const keys: ReadonlyArray<readonly [string, string]> = [
  ["A", "Acknowledge the selected alert"],
  ["C", "Close the selected alert (asks for the outcome)"],
  ["N", "Write a note on the selected alert"],
  ["S", "Shelve or unshelve the selected alert (never a critical one)"],
  ["J or ↓", "Next alert"],
  ["K or ↑", "Previous alert"],
  ["U", "Next unacknowledged alert"],
  ["O", "Arm or disarm an area"],
  ["T", "Set the threat level"],
  ["Enter", "Go to the alert’s detail"],
  ["D", "The desk"],
  ["G", "Gaps: what is not protected now"],
  ["W", "What if: try a change over the recorded log"],
  ["?", "This sheet"],
  ["Esc", "Leave a dialog"]
]

interface KeySheetProps {
  readonly on: boolean
  readonly onSwitch: (on: boolean) => void
  readonly onCancel: () => void
}

/** The keys, and the switch that turns the single-key ones off (WCAG 2.1.4). */
export const KeySheet = ({ on, onSwitch, onCancel }: KeySheetProps) => (
  <Dialog title="Keys" onCancel={onCancel}>
    <dl className="keys">
      {keys.map(([key, what]) => (
        <div key={key}>
          <dt>
            <kbd>{key}</kbd>
          </dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
    <label className="choice">
      <input type="checkbox" checked={on} onChange={(event) => onSwitch(event.target.checked)} />
      <span>
        <strong>Single-key shortcuts</strong>
        <span className="hint">They never act while you type in a field</span>
      </span>
    </label>
    <div className="actions">
      <button type="button" className="primary" onClick={onCancel}>
        Done
      </button>
    </div>
  </Dialog>
)
