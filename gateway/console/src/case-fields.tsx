import { localOf, siteInstant } from "./case-times.ts"
import type { CaseWritten } from "./incident-wire.ts"
import type { CaseDraft, Keeping } from "./use-case.ts"

const cleryWords = {
  undecided: "Not decided yet",
  belongs: "Belongs in the Clery log",
  "does-not-belong": "Does not belong there"
} as const

const realityWords = { actual: "Actual", exercise: "Exercise (drill)", test: "Test" } as const

/** How far what is written is kept, told where it is written. */
export const keepingWords: Record<Keeping, string> = {
  kept: "✓ Kept",
  writing: "Not kept yet…",
  keeping: "Keeping…",
  conflict: "✕ Not kept: somebody else changed the same",
  failed: "✕ Not kept"
}

interface FieldsProps {
  readonly written: CaseWritten
  readonly disabled: boolean
  readonly timeZone: string
  readonly onWrite: (change: CaseDraft) => void
  /** The field is left: what is written is kept now. */
  readonly onLeave: () => void
}

interface TimeProps {
  readonly label: string
  readonly at: string | null | undefined
  readonly timeZone: string
  readonly disabled: boolean
  readonly required?: true
  readonly onAt: (at: string | null) => void
}

/** An instant by the site's clocks. */
const TimeField = ({ label, at, timeZone, disabled, required, onAt }: TimeProps) => (
  <label className="field">
    {label}
    <input
      type="datetime-local"
      step={1}
      disabled={disabled}
      {...(required === true ? { required } : {})}
      value={at === undefined || at === null ? "" : localOf(at, timeZone)}
      onChange={({ target }) => {
        if (target.value !== "") onAt(siteInstant(target.value, timeZone))
        else if (required === undefined) onAt(null)
      }}
    />
  </label>
)

/** What is written of a case: the fields of its report, and of the Clery log. */
export const CaseFields = ({ written, disabled, timeZone, onWrite, onLeave }: FieldsProps) => (
  <div className="case-fields" onBlur={onLeave}>
    <label className="field whole">
      Title
      <input
        maxLength={200}
        disabled={disabled}
        value={written.title}
        onChange={({ target }) => {
          if (target.value.trim() !== "") onWrite({ title: target.value })
        }}
      />
    </label>
    <label className="field">
      Nature
      <input
        maxLength={300}
        disabled={disabled}
        value={written.nature}
        onChange={({ target }) => onWrite({ nature: target.value })}
      />
    </label>
    <label className="field">
      General location
      <input
        maxLength={300}
        disabled={disabled}
        value={written.generalLocation}
        onChange={({ target }) => onWrite({ generalLocation: target.value })}
      />
    </label>
    <TimeField
      label="Occurred"
      at={written.occurredAt}
      required
      {...{ timeZone, disabled }}
      onAt={(at) => onWrite(at === null ? {} : { occurredAt: at })}
    />
    <TimeField
      label="Until (if it lasted)"
      at={written.occurredUntil}
      {...{ timeZone, disabled }}
      onAt={(occurredUntil) => onWrite({ occurredUntil })}
    />
    <TimeField
      label="Reported"
      at={written.reportedAt}
      required
      {...{ timeZone, disabled }}
      onAt={(at) => onWrite(at === null ? {} : { reportedAt: at })}
    />
    <label className="field">
      Actual or exercise
      <select
        disabled={disabled}
        value={written.reality}
        onChange={({ target }) => onWrite({ reality: target.value as CaseWritten["reality"] })}
      >
        {Object.entries(realityWords).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
    <label className="field">
      Clery log
      <select
        disabled={disabled}
        value={written.clery}
        onChange={({ target }) => onWrite({ clery: target.value as CaseWritten["clery"] })}
      >
        {Object.entries(cleryWords).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
    <label className="field whole">
      Narrative
      <textarea
        rows={8}
        maxLength={20_000}
        disabled={disabled}
        dir="auto"
        value={written.narrative}
        onChange={({ target }) => onWrite({ narrative: target.value })}
      />
    </label>
  </div>
)
