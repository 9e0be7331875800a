import { useState } from "react"
import { Answer } from "./dialog-fields.tsx"
import { Dialog } from "./dialogs.tsx"
import type { PageProps } from "./page.ts"
import { peopleApi } from "./people-api.ts"
import type { Token } from "./people-wire.ts"
import { siteTimeOf } from "./site-clock.ts"
import { useActions } from "./use-actions.ts"
import { useLoaded } from "./use-loaded.ts"
import { ageWords } from "./words.ts"

const usedWords = ({ usedAt }: Token, nowMs: number): string =>
  usedAt === undefined ? "Not used yet" : `Used ${ageWords(usedAt, nowMs)} ago`

/** `day`: the site's date of an instant. */
const endWords = ({ until }: Token, nowMs: number, day: (at: string) => string): string => {
  if (until === undefined) return "Good until it is revoked"
  return Date.parse(until) <= nowMs ? `Over since ${day(until)}` : `Good until ${day(until)}`
}

interface RowProps {
  readonly token: Token
  readonly nowMs: number
  readonly busy: boolean
  readonly day: (at: string) => string
  readonly onRevoke: () => void
}

const Row = ({ token, nowMs, busy, day, onRevoke }: RowProps) => (
  <li className="person">
    <div className="token-name">
      <h3>{token.name}</h3>
      <p className="hint">{token.role}</p>
    </div>
    <p>{usedWords(token, nowMs)}</p>
    <div className="hint">
      <p>{token.madeAt === undefined ? "Made before that was kept" : `Made ${day(token.madeAt)}`}</p>
      <p>{endWords(token, nowMs, day)}</p>
    </div>
    <p className="hint">{token.only === undefined ? "All that its role may" : `Only: ${token.only.join(", ")}`}</p>
    <div className="person-acts">
      <button type="button" className="secondary" disabled={busy} onClick={onRevoke}>
        Revoke…<span className="unseen"> {token.name}</span>
      </button>
    </div>
  </li>
)

interface RevokeProps {
  readonly token: Token
  readonly nowMs: number
  readonly busy: boolean
  readonly problem: string | undefined
  readonly onRevoke: () => void
  readonly onCancel: () => void
}

const RevokeDialog = ({ token, nowMs, busy, problem, onRevoke, onCancel }: RevokeProps) => (
  <Dialog title={`Revoke “${token.name}”?`} onCancel={onCancel}>
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        onRevoke()
      }}
    >
      <p>
        {usedWords(token, nowMs)}. Whatever works with it is turned away from then on, and what it has open ends. It
        cannot be taken back: another token has to be made.
      </p>
      <Answer {...{ busy, problem, onCancel }} yes="Revoke" careful />
    </form>
  </Dialog>
)

/** The tokens of machines: what each may, whether it is still used, and its end. For who manages people. */
export const Tokens = ({ store, state, nowMs }: Pick<PageProps, "store" | "state" | "nowMs">) => {
  const { value: tokens, again } = useLoaded(peopleApi.tokens, state.peopleNews, store)
  const { busy, problem, attempt, forget } = useActions(store)
  const [revoking, setRevoking] = useState<Token | undefined>(undefined)
  const timeZone = state.campus?.site.timeZone ?? "UTC"
  const day = (at: string): string => siteTimeOf(at, timeZone).slice(0, 10)
  const leave = (): void => {
    forget()
    setRevoking(undefined)
  }
  const revoke = (name: string): void =>
    void attempt(() => peopleApi.revoke(name)).then((done) => {
      again()
      if (done) leave()
    })
  return (
    <section className="panel" aria-labelledby="tokens-title">
      <header className="panel-head">
        <h2 id="tokens-title">Tokens of machines</h2>
      </header>
      <p className="hint people-hint">
        Programs come in by them. <code>gatehouse tokens make</code> makes one, which is shown once.
      </p>
      {tokens === undefined && <p className="empty">Loading…</p>}
      <ul aria-labelledby="tokens-title">
        {(tokens?.items ?? []).map((token) => (
          <Row key={token.name} {...{ token, nowMs, busy, day }} onRevoke={() => setRevoking(token)} />
        ))}
      </ul>
      {revoking !== undefined && (
        <RevokeDialog
          {...{ nowMs, busy, problem }}
          token={revoking}
          onRevoke={() => revoke(revoking.name)}
          onCancel={leave}
        />
      )}
    </section>
  )
}
