import { useState } from "react"
import type { ServiceWanted } from "./api.ts"
import { Dialog } from "./dialogs.tsx"
import { Answer, MinutesField, ReasonField } from "./dialog-fields.tsx"
import type { Campus } from "./wire.ts"

const usualMinutes = 120

/** What may be taken out of service, as the choice shows it. */
interface Choice {
  readonly value: string
  readonly text: string
  readonly wanted: Parts
}

type Parts =
  | { readonly door: string }
  | { readonly device: string }
  | { readonly area: string }
  | { readonly point: string }

const groupsOf = ({ doors, devices, areas }: Campus): ReadonlyArray<readonly [string, ReadonlyArray<Choice>]> => [
  ["Doors", doors.map(({ id, name }) => ({ value: `door:${id}`, text: name, wanted: { door: id } }))],
  ["Areas", areas.map(({ id, name }) => ({ value: `area:${id}`, text: name, wanted: { area: id } }))],
  ["Devices", devices.map(({ id, name = id }) => ({ value: `device:${id}`, text: name, wanted: { device: id } }))],
  [
    "Contacts, bypassed alone",
    doors.flatMap(({ name, position }) =>
      position === undefined
        ? []
        : [{ value: `point:${position}`, text: `${name}: ${position}`, wanted: { point: position } }]
    )
  ]
]

interface BeginProps {
  readonly campus: Campus
  readonly busy: boolean
  readonly problem: string | undefined
  readonly onCancel: () => void
  readonly onBegin: (wanted: ServiceWanted) => void
}

/** Asks what is worked on, for how long and why; all three are required. */
export const BeginServiceDialog = ({ campus, onBegin, ...answer }: BeginProps) => {
  const groups = groupsOf(campus)
  const [chosen, setChosen] = useState("")
  const [minutes, setMinutes] = useState(String(usualMinutes))
  const [reason, setReason] = useState("")
  const choice = groups.flatMap(([, choices]) => choices).find(({ value }) => value === chosen)
  return (
    <Dialog title="Begin maintenance" onCancel={answer.onCancel}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (choice !== undefined && reason.trim() !== "")
            onBegin({ ...choice.wanted, minutes: Number(minutes), reason: reason.trim() })
        }}
      >
        <p className="hint">
          Its alerts are kept and make no sound until it ends; what holds then asks again. Tamper and calls for help
          sound all the same.
        </p>
        <label className="field">
          What
          <select required autoFocus value={chosen} onChange={(event) => setChosen(event.target.value)}>
            <option value="">Choose…</option>
            {groups.map(([label, choices]) => (
              <optgroup key={label} label={label}>
                {choices.map(({ value, text }) => (
                  <option key={value} value={value}>
                    {text}
                  </option>
                ))}
              </optgroup>
            ))}
          </select>
        </label>
        <MinutesField minutes={minutes} onMinutes={setMinutes} />
        <ReasonField reason={reason} onReason={setReason} />
        <Answer {...answer} yes="Begin" />
      </form>
    </Dialog>
  )
}
