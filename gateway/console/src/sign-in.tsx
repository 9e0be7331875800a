import { useEffect, useState } from "react"
import { peopleApi } from "./people-api.ts"
import { SignInField, SignInForm } from "./sign-in-fields.tsx"
import "./sign-in.css"

const nameKey = "gatehouse.officer"

/** The officer's name as typed last on this computer. */
export const storedName = (): string => localStorage.getItem(nameKey) ?? ""

/** What an address can bring along once: a token, or the code of an enrolment link. */
export interface Brought {
  readonly token?: string
  readonly code?: string
}

const broughtIn = (hash: string): Brought => {
  const said = new URLSearchParams(hash.slice(1))
  const [token, code] = [said.get("token") ?? "", said.get("enrol") ?? ""]
  if (token !== "") return { token }
  return code === "" ? {} : { code }
}

/** An address with a token or a code that is opened where the console stands already is only another fragment of it. */
export const followBrought = (): void => {
  addEventListener("hashchange", () => {
    if (Object.keys(broughtIn(location.hash)).length > 0) location.reload()
  })
}

/** Reads `#token=…` or `#enrol=…` once and removes it from the address bar, so that it is neither shown nor bookmarked. */
export const takeBrought = (): Brought => {
  const brought = broughtIn(location.hash)
  if (Object.keys(brought).length > 0) history.replaceState(null, "", location.pathname + location.search)
  return brought
}

interface WayProps {
  readonly onSignedIn: () => void
  readonly first: string | undefined
}

/** Does what a form asks for, once at a time, and keeps why it was refused. */
const useSubmission = (onDone: () => void, first: string | undefined) => {
  const [problem, setProblem] = useState(first)
  const [busy, setBusy] = useState(false)
  const submit = async (deed: () => Promise<unknown>): Promise<void> => {
    setBusy(true)
    try {
      await deed()
      onDone()
    } catch (refusal) {
      setProblem(refusal instanceof Error ? refusal.message : String(refusal))
      setBusy(false)
    }
  }
  return { problem, busy, setProblem, submit }
}

/** People come in as themselves. */
const ByPassword = ({ onSignedIn, first }: WayProps) => {
  const [who, setWho] = useState(storedName)
  const [password, setPassword] = useState("")
  const { problem, busy, submit } = useSubmission(onSignedIn, first)
  const onSubmit = (): void => {
    localStorage.setItem(nameKey, who.trim())
    void submit(() => peopleApi.signIn(who.trim(), password))
  }
  const intro = "Sign in to see the campus live. What you do is recorded under your name."
  return (
    <SignInForm title="Gatehouse" yes="Sign in" {...{ intro, busy, problem, onSubmit }}>
      <SignInField label="Your name" type="text" autoComplete="username" value={who} onValue={setWho} first />
      <SignInField
        label="Password"
        type="password"
        autoComplete="current-password"
        value={password}
        onValue={setPassword}
        hint="None yet, or forgotten? An administrator makes you an enrolment link."
      />
    </SignInForm>
  )
}

/** Where no people are configured: the token, and the name under which every act is logged. */
const ByToken = ({ onSignedIn, first }: WayProps) => {
  const [token, setToken] = useState("")
  const [name, setName] = useState(storedName)
  const { problem, busy, submit } = useSubmission(onSignedIn, first)
  const onSubmit = (): void =>
    void submit(async () => {
      await peopleApi.signInByToken(token.trim(), name.trim())
      localStorage.setItem(nameKey, name.trim())
    })
  const intro = "Sign in to see the campus live. The token was printed when the gateway first started."
  return (
    <SignInForm title="Gatehouse" yes="Sign in" {...{ intro, busy, problem, onSubmit }}>
      <SignInField label="Token" type="password" autoComplete="current-password" value={token} onValue={setToken} />
      <SignInField
        label="Your name"
        type="text"
        autoComplete="name"
        value={name}
        onValue={setName}
        hint="What you do is recorded under this name"
      />
    </SignInForm>
  )
}

/** The way in that this gateway has. */
export const SignIn = ({ onSignedIn, first }: WayProps) => {
  const [by, setBy] = useState<"password" | "token" | undefined>(undefined)
  const [problem, setProblem] = useState(first)
  useEffect(() => {
    peopleApi.way().then(
      (way) => setBy(way.by),
      (refusal: unknown) => {
        setProblem(refusal instanceof Error ? refusal.message : String(refusal))
        setBy("password")
      }
    )
  }, [])
  if (by === undefined) return <p className="empty">Loading…</p>
  return by === "token" ? (
    <ByToken {...{ onSignedIn }} first={problem} />
  ) : (
    <ByPassword {...{ onSignedIn }} first={problem} />
  )
}

interface EnrolProps {
  readonly code: string
  readonly onSignedIn: () => void
  /** The link is no longer good: the usual way in, with why. */
  readonly onOver: (why: string) => void
}

/** Somebody with an enrolment link sets their password, and is in. */
export const Enrol = ({ code, onSignedIn, onOver }: EnrolProps) => {
  const [name, setName] = useState<string | undefined>(undefined)
  const [password, setPassword] = useState("")
  const [again, setAgain] = useState("")
  const { problem, busy, setProblem, submit } = useSubmission(onSignedIn, undefined)
  useEffect(() => {
    peopleApi.invited(code).then(
      (invited) => setName(invited.name),
      (refusal: unknown) => onOver(refusal instanceof Error ? refusal.message : String(refusal))
    )
    // The code does not change while the page stands.
  }, [code])
  if (name === undefined) return <p className="empty">Loading…</p>
  const onSubmit = (): void => {
    if (password !== again) return setProblem("The two are not the same.")
    void submit(async () => {
      await peopleApi.enrol(code, password)
      localStorage.setItem(nameKey, name)
    })
  }
  const intro =
    "Choose a password. You will sign in with your name and it, and what you do is recorded under your name."
  return (
    <SignInForm title={`Welcome, ${name}`} yes="Set the password and sign in" {...{ intro, busy, problem, onSubmit }}>
      <input
        type="text"
        className="unseen"
        autoComplete="username"
        value={name}
        readOnly
        tabIndex={-1}
        aria-hidden="true"
      />
      <SignInField
        label="Password"
        type="password"
        autoComplete="new-password"
        value={password}
        onValue={setPassword}
        hint="At least 15 characters: a few words do"
        first
      />
      <SignInField label="Once more" type="password" autoComplete="new-password" value={again} onValue={setAgain} />
    </SignInForm>
  )
}
