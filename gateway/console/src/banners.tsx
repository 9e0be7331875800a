import type { ConsoleState } from "./store.ts"
import type { Alert } from "./wire.ts"
import { ageWords, whereWords } from "./words.ts"

/** What must not be missed: the stream is dead, the store refuses, something failed. */
export const Banners = ({
  state,
  nowMs,
  onDismiss
}: {
  readonly state: ConsoleState
  readonly nowMs: number
  readonly onDismiss: () => void
}) => (
  <div role="alert">
    {state.live === "lost" && (
      <p className="banner not-live">
        <strong>NOT LIVE</strong>{" "}
        <span>
          What you see may be out of date
          <span aria-hidden="true">
            {state.heardAt === undefined
              ? ""
              : `: last heard ${ageWords(new Date(state.heardAt).toISOString(), nowMs)} ago`}
          </span>
          . Reconnecting…
        </span>
      </p>
    )}
    {!state.accepting && (
      <p className="banner not-live">
        <strong>STORE REFUSES</strong>{" "}
        <span>The gateway cannot write its log: new events are not taken in. Check its disk.</span>
      </p>
    )}
    {state.gaps
      .filter(({ kind }) => kind === "configuration-refused")
      .map(({ id, reason }) => (
        <p key={id} className="banner trouble">
          <strong>CONFIGURATION WRONG</strong>{" "}
          <span>{`What was written is not in force, the one before it is: ${reason}`}</span>
        </p>
      ))}
    {state.trouble !== undefined && (
      <p className="banner trouble">
        <span>{state.trouble}</span>
        <button type="button" className="secondary" onClick={onDismiss}>
          Dismiss
        </button>
      </p>
    )}
  </div>
)

/** Says new alerts to a screen reader: criticals at once, others when it is quiet. */
export const Announcer = ({ state }: { readonly state: ConsoleState }) => {
  const words = (alert: Alert): string => `${alert.title}, ${whereWords(alert, state.campus)}`
  return (
    <div className="unseen">
      <div role="status" aria-live="assertive" aria-atomic="true">
        {state.urgentNews !== undefined && (
          <span
            key={`${state.urgentNews.id} ${state.urgentNews.updatedAt}`}
          >{`Critical alert: ${words(state.urgentNews)}`}</span>
        )}
      </div>
      <div role="status" aria-live="polite" aria-atomic="true">
        {state.otherNews !== undefined && (
          <span
            key={`${state.otherNews.id} ${state.otherNews.updatedAt}`}
          >{`New alert: ${words(state.otherNews)}`}</span>
        )}
      </div>
    </div>
  )
}
