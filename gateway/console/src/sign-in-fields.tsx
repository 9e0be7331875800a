import type { ReactNode } from "react"

interface FieldProps {
  readonly label: string
  readonly type: "text" | "password"
  readonly autoComplete: string
  readonly value: string
  readonly onValue: (value: string) => void
  readonly hint?: string
  readonly first?: true
}

/** One thing to type, all of it required. */
export const SignInField = ({ label, type, autoComplete, value, onValue, hint, first }: FieldProps) => (
  <label className="field">
    {label}
    <input
      required
      {...{ type, autoComplete, value }}
      autoFocus={first === true}
      onChange={(event) => onValue(event.target.value)}
    />
    {hint !== undefined && <span className="hint">{hint}</span>}
  </label>
)

interface FormProps {
  readonly title: string
  readonly intro: string
  readonly yes: string
  readonly busy: boolean
  /** Why it was refused. */
  readonly problem: string | undefined
  readonly onSubmit: () => void
  readonly children: ReactNode
}

/** The page of somebody who is not in yet. */
export const SignInForm = ({ title, intro, yes, busy, problem, onSubmit, children }: FormProps) => (
  <main className="sign-in">
    <form
      className="panel"
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit()
      }}
    >
      <h1>{title}</h1>
      <p>{intro}</p>
      {children}
      {problem !== undefined && (
        <p role="alert" className="problem">
          {problem}
        </p>
      )}
      <button type="submit" className="primary" disabled={busy}>
        {yes}
      </button>
    </form>
  </main>
)
