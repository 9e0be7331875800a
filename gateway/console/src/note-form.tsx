import { useRef, useState } from "react"
import { Key } from "./key.tsx"
import { useKeyName } from "./own-keys.ts"

interface NoteProps {
  readonly busy: boolean
  readonly phone: boolean
  readonly onNote: (note: string) => Promise<boolean>
  readonly onWriting: () => void
}

export const noteFieldId = "note"

/** One line for what an officer has to say of the alert. What the gateway has not kept stays in the field. */
export const NoteForm = ({ busy, phone, onNote, onWriting }: NoteProps) => {
  const [note, setNote] = useState("")
  const key = useKeyName("alert.note")
  const field = useRef<HTMLInputElement>(null)
  return (
    <form
      className="note"
      onSubmit={(event) => {
        event.preventDefault()
        const said = note.trim()
        if (said === "") {
          field.current?.focus()
          return
        }
        void onNote(said).then((kept) => {
          if (kept) setNote("")
        })
      }}
    >
      <label htmlFor={noteFieldId}>Note {!phone && <Key of="alert.note" />}</label>
      <input
        ref={field}
        id={noteFieldId}
        aria-keyshortcuts={key}
        maxLength={2000}
        autoComplete="off"
        value={note}
        onFocus={onWriting}
        onChange={(event) => setNote(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur()
        }}
      />
      <button type="submit" className="secondary" disabled={busy}>
        Add note
      </button>
    </form>
  )
}
