import { localOf, siteInstant } from "./case-times.ts"
import type { CaseWritten } from "./incident-wire.ts"
import type { CaseDraft } from "./case-keeper.ts"

const cleryWords = {
  undecided: "Not decided yet",
  belongs: "Belongs in the Clery log",
  "does-not-belong": "Does not belong there"
} as const

const realityWords = { actual: "Actual", exercise: "Exercise (drill)", test: "Test" } as const

interface FieldsProps {
  readonly written: CaseWritten
  readonly disabled: boolean
  readonly timeZone: string
  /** Whether a Clery log is kept here. */
  readonly cleryLog: "kept" | "none"
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

interface TextProps {
  readonly label: string
  readonly value: string
  readonly disabled: boolean
  readonly longest: number
  readonly wide?: true
  readonly onText: (text: string) => void
}

const TextField = ({ label, value, disabled, longest, wide, onText }: TextProps) => (
  <label className={wide === true ? "field whole" : "field"}>
    {label}
    <input maxLength={longest} {...{ disabled, value }} onChange={({ target }) => onText(target.value)} />
  </label>
)

interface ChoiceProps<Value extends string> {
  readonly label: string
  readonly value: Value
  readonly words: Readonly<Record<Value, string>>
  readonly disabled: boolean
  readonly onValue: (value: Value) => void
}

const ChoiceField = <Value extends string>({ label, value, words, disabled, onValue }: ChoiceProps<Value>) => (
  <label className="field">
    {label}
    <select {...{ disabled, value }} onChange={({ target }) => onValue(target.value as Value)}>
      {(Object.keys(words) as Array<Value>).map((one) => (
        <option key={one} value={one}>
          {words[one]}
        </option>
      ))}
    </select>
  </label>
)

/** What is written of a case: the fields of its report, and of the Clery log. */
export const CaseFields = ({ written, disabled, timeZone, cleryLog, onWrite, onLeave }: FieldsProps) => {
  const times = { timeZone, disabled }
  return (
    <div className="case-fields" onBlur={onLeave}>
      <TextField
        label="Title"
        value={written.title}
        longest={200}
        wide
        disabled={disabled}
        onText={(title) => title.trim() !== "" && onWrite({ title })}
      />
      <TextField
        label="Nature"
        value={written.nature}
        longest={300}
        disabled={disabled}
        onText={(nature) => onWrite({ nature })}
      />
      <TextField
        label="General location"
        value={written.generalLocation}
        longest={300}
        disabled={disabled}
        onText={(generalLocation) => onWrite({ generalLocation })}
      />
      <TimeField
        label="Occurred"
        at={written.occurredAt}
        required
        {...times}
        onAt={(at) => onWrite(at === null ? {} : { occurredAt: at })}
      />
      <TimeField
        label="Until (if it lasted)"
        at={written.occurredUntil}
        {...times}
        onAt={(occurredUntil) => onWrite({ occurredUntil })}
      />
      <TimeField
        label="Reported"
        at={written.reportedAt}
        required
        {...times}
        onAt={(at) => onWrite(at === null ? {} : { reportedAt: at })}
      />
      <ChoiceField
        label="Actual or exercise"
        value={written.reality}
        words={realityWords}
        disabled={disabled}
        onValue={(reality) => onWrite({ reality })}
      />
      {cleryLog === "kept" && (
        <ChoiceField
          label="Clery log"
          value={written.clery}
          words={cleryWords}
          disabled={disabled}
          onValue={(clery) => onWrite({ clery })}
        />
      )}
      <label className="field whole">
        Narrative
        <textarea
          rows={8}
          maxLength={20_000}
          dir="auto"
          disabled={disabled}
          value={written.narrative}
          onChange={({ target }) => onWrite({ narrative: target.value })}
        />
      </label>
    </div>
  )
}
