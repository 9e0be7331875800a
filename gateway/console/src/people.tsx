import { useState } from "react"
import { Answer } from "./dialog-fields.tsx"
import { Dialog } from "./dialogs.tsx"
import type { PageProps } from "./page.ts"
import { peopleApi } from "./people-api.ts"
import type { Invitation, Person } from "./people-wire.ts"
import "./people.css"
import { SignInField } from "./sign-in-fields.tsx"
import { Tokens } from "./tokens.tsx"
import { useActions } from "./use-actions.ts"
import { useLoaded } from "./use-loaded.ts"
import { useMay } from "./use-may.ts"
import { ageWords, leftWords } from "./words.ts"

const shiftWords = ({ onShift, since }: Person, nowMs: number): string => {
  if (onShift === "signed-on") return `● On shift${since === undefined ? "" : ` for ${ageWords(since, nowMs)}`}`
  return onShift === "plan" ? "◐ Expected by plan" : "○ Off shift"
}

const wayWords = ({ disabled, enrolled, invitedUntil }: Person, nowMs: number): string => {
  if (disabled) return "Disabled: nobody comes in as them"
  if (enrolled) return "Has a password"
  return invitedUntil === undefined ? "Not enrolled" : `Invited, ${leftWords(invitedUntil, nowMs)} left`
}

interface RowProps {
  readonly person: Person
  readonly nowMs: number
  readonly busy: boolean
  /** Absent: who looks may not. */
  readonly onInvite: (() => void) | undefined
  readonly onPutOut: (() => void) | undefined
}

const Reach = ({ person, nowMs }: Pick<RowProps, "person" | "nowMs">) => (
  <dl className="reach">
    {person.reach.map(({ channel, provedAt }) => (
      <div key={channel}>
        <dt>{channel}</dt>
        <dd>{provedAt === undefined ? "not proved yet" : `proved ${ageWords(provedAt, nowMs)} ago`}</dd>
      </div>
    ))}
  </dl>
)

const Row = ({ person, nowMs, busy, onInvite, onPutOut }: RowProps) => (
  <li className="person">
    <div>
      <h3>{person.name}</h3>
      <p className="hint">{person.role}</p>
    </div>
    <p>{shiftWords(person, nowMs)}</p>
    {person.reach.length === 0 ? <p className="hint">Reached by no channel</p> : <Reach {...{ person, nowMs }} />}
    <p className="hint">
      {wayWords(person, nowMs)}
      {person.sessions !== undefined && `, ${person.sessions} ${person.sessions === 1 ? "session" : "sessions"}`}
    </p>
    <div className="person-acts">
      {onInvite !== undefined && !person.disabled && (
        <button type="button" className="secondary" disabled={busy} onClick={onInvite}>
          Enrolment link<span className="unseen"> for {person.name}</span>
        </button>
      )}
      {onPutOut !== undefined && (person.sessions ?? 0) > 0 && (
        <button type="button" className="secondary" disabled={busy} onClick={onPutOut}>
          Sign out everywhere<span className="unseen">: {person.name}</span>
        </button>
      )}
    </div>
  </li>
)

/** The link is told once: whoever has it sets the password. */
const InvitationDialog = ({
  invitation,
  nowMs,
  onDone
}: {
  readonly invitation: Invitation
  readonly nowMs: number
  readonly onDone: () => void
}) => (
  <Dialog title={`Enrolment link for ${invitation.name}`} onCancel={onDone}>
    <div className="stack">
      <p>
        Give it to {invitation.name} and to nobody else: whoever opens it sets the password. It is good once, for{" "}
        {leftWords(invitation.until, nowMs)}, and is shown only here.
      </p>
      <label className="field">
        Link
        <input readOnly value={location.origin + invitation.link} onFocus={(event) => event.target.select()} />
      </label>
      <div className="actions">
        <button type="button" className="primary" onClick={onDone}>
          Done
        </button>
      </div>
    </div>
  </Dialog>
)

interface PasswordProps {
  readonly busy: boolean
  readonly problem: string | undefined
  readonly onCancel: () => void
  readonly onChange: (current: string, wanted: string) => void
}

const PasswordDialog = ({ onChange, ...answer }: PasswordProps) => {
  const [current, setCurrent] = useState("")
  const [wanted, setWanted] = useState("")
  return (
    <Dialog title="Change your password" onCancel={answer.onCancel}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          onChange(current, wanted)
        }}
      >
        <SignInField
          label="Your password now"
          type="password"
          autoComplete="current-password"
          value={current}
          onValue={setCurrent}
          first
        />
        <SignInField
          label="The new one"
          type="password"
          autoComplete="new-password"
          value={wanted}
          onValue={setWanted}
          hint="At least 15 characters. Your sessions elsewhere end"
        />
        <Answer {...answer} yes="Change the password" />
      </form>
    </Dialog>
  )
}

/** The people of the site: who they are, whether they work, how they are reached, and how they come in. */
export const PeoplePage = ({ store, state, me, nowMs }: PageProps) => {
  const manages = useMay("manage-people")
  const { value: people, again } = useLoaded(peopleApi.people, state.peopleNews, store)
  const { busy, problem, attempt, forget } = useActions(store)
  const [invitation, setInvitation] = useState<Invitation | undefined>(undefined)
  const [changing, setChanging] = useState(false)
  const act = (deed: () => Promise<unknown>): void => void attempt(deed).then(again)
  const invite = (id: string): void => act(async () => setInvitation(await peopleApi.invite(id)))
  const leave = (): void => {
    forget()
    setChanging(false)
  }
  const items = people?.items
  return (
    <main className="page">
      <section className="panel" aria-labelledby="people-title">
        <header className="panel-head people-head">
          <h2 id="people-title">People</h2>
          {me.person !== undefined && (
            <div className="person-acts">
              <button type="button" className="secondary" onClick={() => setChanging(true)}>
                Change your password…
              </button>
              <button
                type="button"
                className="secondary"
                disabled={busy}
                onClick={() => act(peopleApi.signOutEverywhere)}
              >
                Sign yourself out everywhere
              </button>
            </div>
          )}
        </header>
        {problem !== undefined && !changing && (
          <p role="alert" className="problem people-problem">
            {problem}
          </p>
        )}
        {items === undefined && <p className="empty">Loading…</p>}
        {items?.length === 0 && (
          <p className="empty">
            Nobody is configured. Everybody who has the token comes in under any name: write a “people” section into the
            configuration.
          </p>
        )}
        <ul>
          {(items ?? []).map((person) => (
            <Row
              key={person.id}
              {...{ person, nowMs, busy }}
              onInvite={manages ? () => invite(person.id) : undefined}
              onPutOut={manages ? () => act(() => peopleApi.putOut(person.id)) : undefined}
            />
          ))}
        </ul>
      </section>
      {manages && <Tokens {...{ store, state, nowMs }} />}
      {invitation !== undefined && (
        <InvitationDialog {...{ invitation, nowMs }} onDone={() => setInvitation(undefined)} />
      )}
      {changing && (
        <PasswordDialog
          {...{ busy, problem }}
          onCancel={leave}
          onChange={(current, wanted) =>
            void attempt(() => peopleApi.changePassword(current, wanted)).then((done) => {
              if (done) leave()
            })
          }
        />
      )}
    </main>
  )
}
