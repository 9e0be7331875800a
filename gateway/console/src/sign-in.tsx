import { useState } from "react"
import { api } from "./api.ts"
import "./sign-in.css"

const nameKey = "gatehouse.officer"

/** The officer's name as typed last on this computer. */
export const storedName = (): string => localStorage.getItem(nameKey) ?? ""

/** Reads `#token=…` once and removes it from the address bar, so that it is neither shown nor bookmarked. */
export const takeFragmentToken = (): string | undefined => {
  const token = new URLSearchParams(location.hash.slice(1)).get("token")
  if (token === null || token === "") return undefined
  history.replaceState(null, "", location.pathname + location.search)
  return token
}

/** Asks for the token and the officer's name: every action is logged under it. */
export const SignIn = ({
  onSignedIn,
  first
}: {
  readonly onSignedIn: (name: string) => void
  readonly first: string | undefined
}) => {
  const [token, setToken] = useState("")
  const [name, setName] = useState(storedName)
  const [problem, setProblem] = useState(first)
  const [busy, setBusy] = useState(false)
  const submit = async (): Promise<void> => {
    setBusy(true)
    try {
      await api.signIn(token.trim(), name.trim())
      localStorage.setItem(nameKey, name.trim())
      onSignedIn(name.trim())
    } catch (refusal) {
      setProblem(refusal instanceof Error ? refusal.message : String(refusal))
      setBusy(false)
    }
  }
  return (
    <main className="sign-in">
      <form
        className="panel"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <h1>Gatehouse</h1>
        <p>Sign in to see the campus live. The token was printed when the gateway first started.</p>
        <label className="field">
          Token
          <input
            type="password"
            required
            autoComplete="current-password"
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
        </label>
        <label className="field">
          Your name
          <input
            type="text"
            required
            autoComplete="name"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <span className="hint">What you do is recorded under this name</span>
        </label>
        {problem !== undefined && (
          <p role="alert" className="problem">
            {problem}
          </p>
        )}
        <button type="submit" className="primary" disabled={busy}>
          Sign in
        </button>
      </form>
    </main>
  )
}
