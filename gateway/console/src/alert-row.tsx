import { Camera, ClipboardList } from "lucide-react"
import { Badge } from "./badge.tsx"
import type { Alert, Campus } from "./wire.ts"
import { ageWords, holderWords, serviceWords, shelvedWords, stateWords, whereWords } from "./words.ts"

/** What a row of the list is told. */
export interface RowProps {
  readonly alert: Alert
  readonly selected: boolean
  readonly campus: Campus | undefined
  readonly officer: string
  readonly clock: (at: string) => string
  readonly nowMs: number
  readonly onOpen: (id: string, byKeyboard: boolean) => void
}

/** What there is of an alert besides its words: pictures, what to do, and that it chatters. */
const RowSigns = ({ alert }: { readonly alert: Alert }) => {
  const pictures = alert.evidence?.filter((frame) => "hash" in frame).length ?? 0
  const isLaidDown = alert.procedure !== undefined || alert.checklist !== undefined
  if (pictures === 0 && !isLaidDown && alert.chattering === undefined) return null
  return (
    <span className="row-signs">
      {pictures > 0 && (
        <span>
          <Camera aria-hidden="true" size={16} />
          {pictures}
          <span className="unseen"> pictures</span>
        </span>
      )}
      {isLaidDown && (
        <span>
          <ClipboardList aria-hidden="true" size={16} />
          <span className="unseen">with a procedure</span>
        </span>
      )}
      {alert.chattering !== undefined && <span className="row-tag">chattering</span>}
    </span>
  )
}

/** Who has it, and what it stands for. */
const RowTags = ({ alert, officer }: Pick<RowProps, "alert" | "officer">) => {
  const holder = holderWords(alert, officer)
  const held = alert.holdsBack?.length ?? 0
  return (
    <>
      {holder !== undefined && <span className="tag holder">{holder}</span>}
      {held > 0 && <span className="tag">Holds back {held} more</span>}
    </>
  )
}

/** Inside a list item: one alert on four lines, and what there is of it. */
export const AlertRow = ({ alert, selected, campus, officer, clock, nowMs, onOpen }: RowProps) => (
  <button
    type="button"
    id={`row-${alert.id}`}
    aria-current={selected ? "true" : undefined}
    onClick={(event) => onOpen(alert.id, event.detail === 0)}
  >
    <Badge alert={alert} />
    <span className="row-what">
      {alert.title}
      {alert.count > 1 && (
        <span className="count">
          <span aria-hidden="true">×{alert.count}</span>
          <span className="unseen">, {alert.count} times</span>
        </span>
      )}
    </span>
    <span className="row-when">
      <time dateTime={alert.occurredAt}>{clock(alert.occurredAt)}</time>
      <span className="age">{ageWords(alert.occurredAt, nowMs)} ago</span>
    </span>
    <span className="row-where">{whereWords(alert, campus)}</span>
    <span className="row-state">
      {stateWords(alert)} <RowTags {...{ alert, officer }} />
      {alert.shelved !== undefined && <span className="shelf-end">{shelvedWords(alert.shelved, clock, nowMs)}</span>}
      {alert.outOfService !== undefined && (
        <span className="shelf-end">{serviceWords(alert.outOfService, clock, nowMs)}</span>
      )}
    </span>
    {alert.why[0] !== undefined && <span className="row-why">{alert.why.at(-1)?.text}</span>}
    <RowSigns alert={alert} />
  </button>
)
