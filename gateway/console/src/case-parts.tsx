import { useState } from "react"
import type { CaseRole } from "../../domain/incident.ts"
import type { Incident } from "./incident-wire.ts"
import { addressOf } from "./place.ts"
import type { Instant } from "./wire.ts"

export const roles: ReadonlyArray<CaseRole> = ["witness", "subject", "victim", "officer", "other"]

interface PartProps {
  readonly incident: Incident
  readonly busy: boolean
  readonly clock: (at: Instant) => string
}

interface PeopleProps extends PartProps {
  /** Resolves with whether it was kept. */
  readonly onAdd: (name: string, role: CaseRole, note: string) => Promise<boolean>
  readonly onRemove: (person: number, name: string) => void
}

/** Who is in the case, and as what. */
export const CasePeople = ({ incident, busy, onAdd, onRemove }: PeopleProps) => {
  const [name, setName] = useState("")
  const [role, setRole] = useState<CaseRole>("witness")
  const [note, setNote] = useState("")
  return (
    <section aria-labelledby="case-people">
      <h3 id="case-people">People</h3>
      <ul className="case-list">
        {incident.people.map((person) => (
          <li key={person.id}>
            <span>
              <bdi>
                <strong>{person.name}</strong>
              </bdi>{" "}
              · {person.role}
              {person.note !== undefined && (
                <>
                  {" "}
                  · <bdi>{person.note}</bdi>
                </>
              )}
            </span>
            {!incident.closed && (
              <button type="button" className="quiet" disabled={busy} onClick={() => onRemove(person.id, person.name)}>
                Remove…<span className="unseen"> {person.name}</span>
              </button>
            )}
          </li>
        ))}
        {incident.people.length === 0 && <li className="none">Nobody is named.</li>}
      </ul>
      {!incident.closed && (
        <form
          className="case-form"
          onSubmit={(event) => {
            event.preventDefault()
            if (name.trim() === "") return
            void onAdd(name.trim(), role, note.trim()).then((kept) => {
              if (!kept) return
              setName("")
              setNote("")
            })
          }}
        >
          <label className="field">
            Name
            <input required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
          </label>
          <label className="field">
            Role
            <select value={role} onChange={(event) => setRole(event.target.value as CaseRole)}>
              {roles.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
          <label className="field">
            Only what the report needs
            <input maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />
          </label>
          <button type="submit" className="secondary" disabled={busy}>
            Add person
          </button>
        </form>
      )}
    </section>
  )
}

interface NotesProps extends PartProps {
  readonly onNote: (note: string) => Promise<boolean>
}

/** What officers noted, oldest first. */
export const CaseNotes = ({ incident, busy, clock, onNote }: NotesProps) => {
  const [note, setNote] = useState("")
  return (
    <section aria-labelledby="case-notes">
      <h3 id="case-notes">Notes</h3>
      <ul className="case-list">
        {incident.notes.map(({ id, text, by, at }) => (
          <li key={id}>
            <span className="case-note">
              <bdi>{text}</bdi>
              <span className="hint">
                {by} · <time dateTime={at}>{clock(at)}</time>
              </span>
            </span>
          </li>
        ))}
        {incident.notes.length === 0 && <li className="none">Nothing is noted.</li>}
      </ul>
      {!incident.closed && (
        <form
          className="case-form"
          onSubmit={(event) => {
            event.preventDefault()
            if (note.trim() === "") return
            void onNote(note.trim()).then((kept) => {
              if (kept) setNote("")
            })
          }}
        >
          <label className="field whole">
            Note
            <textarea
              required
              rows={2}
              maxLength={2000}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          </label>
          <button type="submit" className="secondary" disabled={busy}>
            Add note
          </button>
        </form>
      )}
    </section>
  )
}

interface AlertsProps extends PartProps {
  readonly onRemove: (alert: string, title: string) => void
}

/** The alerts of the case. */
export const CaseAlerts = ({ incident, busy, clock, onRemove }: AlertsProps) => (
  <section aria-labelledby="case-alerts">
    <h3 id="case-alerts">Alerts</h3>
    <ul className="case-list">
      {incident.alerts.map(({ id, title, occurredAt }) => (
        <li key={id}>
          <span>
            <a href={addressOf("desk", id)}>{title}</a>
            <span className="hint">
              {id} · <time dateTime={occurredAt}>{clock(occurredAt)}</time>
            </span>
          </span>
          {!incident.closed && (
            <button type="button" className="quiet" disabled={busy} onClick={() => onRemove(id, title)}>
              Remove…<span className="unseen"> {id}</span>
            </button>
          )}
        </li>
      ))}
      {incident.alerts.length === 0 && <li className="none">It has no alert. The key I on one adds it.</li>}
    </ul>
  </section>
)
