interface ReasonProps {
  readonly reason: string
  readonly onReason: (reason: string) => void
  readonly first?: boolean
}

/** Why: it is kept with what is done. */
export const ReasonField = ({ reason, onReason, first = false }: ReasonProps) => (
  <label className="field">
    Reason (required)
    <textarea
      required
      rows={2}
      maxLength={2000}
      autoFocus={first}
      value={reason}
      onChange={(event) => onReason(event.target.value)}
    />
  </label>
)

interface MinutesProps {
  /** As it is written. */
  readonly minutes: string
  readonly onMinutes: (minutes: string) => void
  readonly first?: boolean
  /** Another choice takes its place. */
  readonly disabled?: boolean
}

/** For how long, in minutes; no longer than a day. */
export const MinutesField = ({ minutes, onMinutes, first = false, disabled = false }: MinutesProps) => (
  <label className="field">
    Minutes
    <input
      type="number"
      inputMode="numeric"
      min={1}
      max={1440}
      step={1}
      required={!disabled}
      disabled={disabled}
      autoFocus={first}
      value={minutes}
      onChange={(event) => onMinutes(event.target.value)}
    />
  </label>
)

interface ChoicesProps<T extends string> {
  /** What is chosen; the group is known by it too. */
  readonly legend: string
  readonly choices: ReadonlyArray<{ readonly value: T; readonly text: string; readonly hint: string }>
  readonly chosen: T | undefined
  readonly onChoose: (value: T) => void
  readonly first?: boolean
}

/** One of several, each with what it means. One has to be chosen. */
export const Choices = <T extends string>({ legend, choices, chosen, onChoose, first = false }: ChoicesProps<T>) => (
  <fieldset>
    <legend>{legend} (required)</legend>
    {choices.map(({ value, text, hint }, nth) => (
      <label key={value} className="choice">
        <input
          type="radio"
          name={legend}
          value={value}
          required
          autoFocus={first && nth === 0}
          checked={chosen === value}
          onChange={() => onChoose(value)}
        />
        <span>
          <strong>{text}</strong>
          <span className="hint">{hint}</span>
        </span>
      </label>
    ))}
  </fieldset>
)

interface AnswerProps {
  readonly busy: boolean
  /** Why the gateway refused. */
  readonly problem: string | undefined
  readonly onCancel: () => void
  readonly yes: string
  /** Cancel has the focus: a key that is still held does nothing. */
  readonly careful?: true
}

/** The attribute itself is what an opening dialog looks for. */
const focusedFirst = (button: HTMLButtonElement | null): void => button?.setAttribute("autofocus", "")

/** The end of a dialog: what the gateway refused, yes, and cancel. */
export const Answer = ({ busy, problem, onCancel, yes, careful }: AnswerProps) => (
  <>
    {problem !== undefined && (
      <p role="alert" className="problem">
        {problem}
      </p>
    )}
    <div className="actions">
      <button type="submit" className="primary" disabled={busy}>
        {yes}
      </button>
      <button ref={careful === true ? focusedFirst : null} type="button" className="secondary" onClick={onCancel}>
        Cancel
      </button>
    </div>
  </>
)
