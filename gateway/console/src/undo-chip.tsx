import { undoWithinMs } from "../../alerts/in-hand.ts"
import { Key } from "./key.tsx"
import type { Alert } from "./wire.ts"
import "./flood.css"

/** The newest acknowledgement of this officer that can still be undone; `undefined`: none. */
export const undoable = (alerts: ReadonlyMap<string, Alert>, officer: string, nowMs: number): Alert | undefined => {
  let newest: Alert | undefined
  for (const alert of alerts.values()) {
    const { acknowledgedBy, acknowledgedAt } = alert
    if (acknowledgedBy !== officer || acknowledgedAt === undefined) continue
    if (nowMs - Date.parse(acknowledgedAt) > undoWithinMs) continue
    if (newest?.acknowledgedAt === undefined || acknowledgedAt > newest.acknowledgedAt) newest = alert
  }
  return newest
}

interface UndoProps {
  readonly alert: Alert
  readonly nowMs: number
  readonly busy: boolean
  readonly phone: boolean
  readonly onUndo: () => void
}

/** Takes a slip of the finger back, for as long as that is allowed. */
export const UndoChip = ({ alert, nowMs, busy, phone, onUndo }: UndoProps) => {
  const left = undoWithinMs - (nowMs - Date.parse(alert.acknowledgedAt ?? ""))
  return (
    <div className="undo">
      <p>Acknowledged: {alert.title}</p>
      <button type="button" className="secondary" disabled={busy} onClick={onUndo}>
        Undo<span aria-hidden="true"> {Math.max(0, Math.ceil(left / 1000))} s</span> {!phone && <Key of="alert.undo" />}
      </button>
    </div>
  )
}
