import { type JournalAsked, kindNames, nothingAsked } from "./journal-search.ts"
import type { Campus } from "./wire.ts"
import { areaWords } from "./words.ts"

interface FormProps {
  readonly asked: JournalAsked
  readonly campus: Campus | undefined
  readonly onAsk: (asked: JournalAsked) => void
}

export const journalTextId = "journal-text"

/** What is looked for. The list follows each change. */
export const JournalForm = ({ asked, campus, onAsk }: FormProps) => {
  const field = (name: "text" | "by" | "device" | "alert" | "from" | "to") => ({
    value: asked[name],
    onChange: (event: { readonly target: { readonly value: string } }) =>
      onAsk({ ...asked, [name]: event.target.value })
  })
  const doors = (campus?.doors ?? []).map((door) => ({
    id: door.id,
    name: campus === undefined ? door.name : `${areaWords(campus, door.area)} · ${door.name}`
  }))
  return (
    <form className="journal-form" role="search" aria-label="Journal" onSubmit={(event) => event.preventDefault()}>
      <label className="field journal-words">
        Words
        <input id={journalTextId} type="search" autoComplete="off" maxLength={200} {...field("text")} />
      </label>
      <label className="field">
        Person
        <input type="search" list="journal-people" autoComplete="off" {...field("by")} />
        <datalist id="journal-people">
          {(campus?.people ?? []).map(({ id, name }) => (
            <option key={id} value={name} />
          ))}
        </datalist>
      </label>
      <label className="field">
        Door
        <select value={asked.door} onChange={(event) => onAsk({ ...asked, door: event.target.value })}>
          <option value="">Every door</option>
          {doors
            .toSorted((a, b) => a.name.localeCompare(b.name))
            .map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
        </select>
      </label>
      <label className="field">
        Device
        <select value={asked.device} onChange={(event) => onAsk({ ...asked, device: event.target.value })}>
          <option value="">Every device</option>
          {(campus?.devices ?? []).map(({ id, name }) => (
            <option key={id} value={id}>
              {name ?? id}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        From
        <input type="datetime-local" {...field("from")} />
      </label>
      <label className="field">
        Until
        <input type="datetime-local" {...field("to")} />
      </label>
      <fieldset className="journal-kinds">
        <legend>Show</legend>
        {kindNames.map(({ kind, name }) => (
          <label key={kind}>
            <input
              type="checkbox"
              checked={asked.kinds.includes(kind)}
              onChange={(event) => {
                const rest = asked.kinds.filter((one) => one !== kind)
                const kinds = event.target.checked ? [...rest, kind] : rest
                onAsk({ ...asked, kinds: kinds.length === 0 ? nothingAsked.kinds : kinds })
              }}
            />
            {name}
          </label>
        ))}
      </fieldset>
    </form>
  )
}
