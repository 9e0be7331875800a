import { useState } from "react"
import { api } from "./api.ts"
import { becauseWords, threatEndWords } from "./areas.tsx"
import { Answer, ReasonField } from "./dialog-fields.tsx"
import { Dialog } from "./dialogs.tsx"
import type { ConsoleStore } from "./store.ts"
import { useActions } from "./use-actions.ts"
import type { Area, ThreatLevel } from "./wire.ts"

/** What an officer wants to say of the site: its threat level, or one of its areas. */
export type SiteOrder = { readonly what: "threat" } | { readonly what: "area"; readonly area: string | undefined }

/** Minutes, in words; the configuration may allow less. */
const spans = [
  [30, "30 minutes"],
  [60, "1 hour"],
  [120, "2 hours"],
  [240, "4 hours"],
  [480, "8 hours"],
  [720, "12 hours"]
] as const

interface SpanProps {
  readonly minutes: string
  readonly onMinutes: (minutes: string) => void
  /** Offered first, for what need not end. */
  readonly endless?: string
}

const SpanField = ({ minutes, onMinutes, endless }: SpanProps) => (
  <label className="field">
    For
    <select value={minutes} onChange={(event) => onMinutes(event.target.value)}>
      {endless !== undefined && <option value="">{endless}</option>}
      {spans.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  </label>
)

interface AskProps {
  readonly store: ConsoleStore
  readonly onDone: () => void
}

const AreaDialog = ({
  store,
  areas,
  first,
  clock,
  onDone
}: AskProps & {
  readonly areas: ReadonlyArray<Area>
  readonly first: string | undefined
  readonly clock: (at: string) => string
}) => {
  const { busy, problem, attempt } = useActions(store)
  const [id, setId] = useState(first ?? areas[0]?.id ?? "")
  const [minutes, setMinutes] = useState("60")
  const [reason, setReason] = useState("")
  const area = areas.find((one) => one.id === id)
  const other = area?.state === "armed" ? "disarmed" : "armed"
  const send = (act: () => Promise<unknown>): void =>
    void attempt(act).then((done) => {
      if (done) onDone()
    })
  const said = reason.trim()
  return (
    <Dialog title="Arm or disarm an area" onCancel={onDone}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (said !== "") send(() => api.overrideArea(id, other, Number(minutes), said))
        }}
      >
        <label className="field">
          Area
          <select autoFocus value={id} onChange={(event) => setId(event.target.value)}>
            {areas.map((one) => (
              <option key={one.id} value={one.id}>
                {one.where}
              </option>
            ))}
          </select>
        </label>
        {area !== undefined && (
          <p className="hint" role="status">
            It is {area.state}: {becauseWords(area, clock)}. What lies in it follows, unless it has arming of its own.
          </p>
        )}
        <SpanField minutes={minutes} onMinutes={setMinutes} />
        <ReasonField reason={reason} onReason={setReason} />
        <Answer busy={busy} problem={problem} onCancel={onDone} yes={other === "armed" ? "Arm it" : "Disarm it"} />
        {area?.override !== undefined && (
          <button
            type="button"
            className="secondary"
            disabled={busy || said === ""}
            onClick={() => send(() => api.endAreaOverride(id, said))}
          >
            Give it back to its schedule
          </button>
        )}
      </form>
    </Dialog>
  )
}

interface ThreatProps extends AskProps {
  readonly threat: ThreatLevel
  readonly clock: (at: string) => string
}

const ThreatDialog = ({ store, threat, clock, onDone }: ThreatProps) => {
  const { busy, problem, attempt } = useActions(store)
  const [level, setLevel] = useState(threat.level)
  const [minutes, setMinutes] = useState("")
  const [reason, setReason] = useState("")
  return (
    <Dialog title="Threat level" onCancel={onDone}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          const said = reason.trim()
          if (said === "") return
          const forMinutes = minutes === "" ? undefined : Number(minutes)
          void attempt(() => api.setThreatLevel(level, forMinutes, said)).then((done) => {
            if (done) onDone()
          })
        }}
      >
        <fieldset>
          <legend>Level</legend>
          {threat.levels.map((one) => (
            <label key={one} className="choice">
              <input
                type="radio"
                name="level"
                value={one}
                autoFocus={one === threat.level}
                checked={level === one}
                onChange={() => setLevel(one)}
              />
              <strong>{one}</strong>
            </label>
          ))}
        </fieldset>
        {threat.by !== undefined && (
          <p className="hint">
            Set by {threat.by}: {threat.reason}
            {threatEndWords(threat, clock)}
          </p>
        )}
        <SpanField minutes={minutes} onMinutes={setMinutes} endless="Until somebody changes it" />
        <ReasonField reason={reason} onReason={setReason} />
        <Answer busy={busy} problem={problem} onCancel={onDone} yes="Set the level" />
      </form>
    </Dialog>
  )
}

/** The dialog of what an officer wants to say of the site. */
export const SiteOrderDialog = ({
  order,
  areas,
  threat,
  ...ask
}: AskProps & {
  readonly order: SiteOrder
  readonly areas: ReadonlyArray<Area>
  readonly threat: ThreatLevel | undefined
  readonly clock: (at: string) => string
}) => {
  if (order.what === "area") return <AreaDialog key={order.area} {...ask} areas={areas} first={order.area} />
  return threat === undefined ? null : <ThreatDialog {...ask} threat={threat} />
}
