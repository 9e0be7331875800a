import { useEffect, useState } from "react"
import { api, Refused } from "./api.ts"
import { OpeningCourse, OtherwiseList } from "./explained.tsx"
import type { AlertWhy } from "./explanation-wire.ts"
import { clockAround } from "./site-clock.ts"
import type { Alert, Instant } from "./wire.ts"

/** What was asked of the gateway: on its way, answered, or refused with these words. */
export type Asked<T> =
  | { readonly state: "asking" }
  | { readonly state: "told"; readonly told: T }
  | { readonly state: "refused"; readonly why: string }

/** Asks once, and again whenever `key` is another one; `undefined`: nothing is asked. */
export const useAsked = <T,>(key: string | undefined, ask: () => Promise<T>): Asked<T> => {
  const [answer, setAnswer] = useState<{ readonly key: string; readonly asked: Asked<T> } | undefined>(undefined)
  useEffect(() => {
    if (key === undefined) return
    let current = true
    const settle = (asked: Asked<T>): void => {
      if (current) setAnswer({ key, asked })
    }
    ask().then(
      (told) => settle({ state: "told", told }),
      (refusal: unknown) =>
        settle({ state: "refused", why: refusal instanceof Refused ? refusal.message : String(refusal) })
    )
    return () => {
      current = false
    }
    // What is asked is named by its key.
  }, [key])
  return answer !== undefined && answer.key === key ? answer.asked : { state: "asking" }
}

interface AnswerProps {
  readonly told: AlertWhy
  readonly clock: (at: Instant) => string
}

const Rule = ({ told, clock }: AnswerProps) => {
  const numbers = Object.entries(told.rule.numbers)
  return (
    <>
      <p>
        Rule <code>{told.rule.id}</code>: {told.rule.text}
        {numbers.length > 0 && ` (${numbers.map(([name, value]) => `${name} ${value}`).join(", ")})`}.
      </p>
      {told.config !== undefined && (
        <p className="hint">
          Configuration {told.config.version}, applied by {told.config.by},{" "}
          <time dateTime={told.config.at}>{clock(told.config.at)}</time> (#{told.config.seq})
        </p>
      )}
    </>
  )
}

const Clocks = ({ told }: { readonly told: AlertWhy }) => {
  const timed = told.reasons.flatMap(({ text, timing }) => (timing === undefined ? [] : [`${text}: ${timing.text}`]))
  return timed.length === 0 ? null : (
    <ul className="otherwise" aria-label="Clocks">
      {timed.map((text, nth) => (
        <li key={nth}>{text}</li>
      ))}
    </ul>
  )
}

const Answer = ({ told, clock }: AnswerProps) => (
  <div className="why">
    <h4>What would have had to be otherwise</h4>
    {told.otherwise.length > 0 ? (
      <OtherwiseList otherwise={told.otherwise} clock={clock} />
    ) : (
      <p className="hint">Nothing came near to preventing it.</p>
    )}
    <h4>How it was judged</h4>
    <Rule {...{ told, clock }} />
    {told.opening !== undefined && <OpeningCourse opening={told.opening} clock={clock} />}
    <Clocks told={told} />
  </div>
)

/** What the answer depends on. Pictures and notes come often, and change nothing of it. */
const whyKey = ({ id, count, active, closed, acknowledged, resolvedByLateEvidence, why }: Alert): string =>
  [id, count, active, closed, acknowledged, resolvedByLateEvidence, why.length].join(" ")

interface WhyProps {
  readonly alert: Alert
  /** The site's; absent until the campus is known. */
  readonly timeZone: string | undefined
}

/** Why an alert fired and what came near to preventing it: worked out from the log once an officer opens it. */
export const WhyAlert = ({ alert, timeZone }: WhyProps) => {
  const [open, setOpen] = useState(false)
  const asked = useAsked(open ? whyKey(alert) : undefined, () => api.whyAlert(alert.id))
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Why? What came near</summary>
      {open && asked.state === "asking" && <p className="empty">Reading the log…</p>}
      {open && asked.state === "refused" && <p className="problem">{asked.why}</p>}
      {open && asked.state === "told" && <Answer told={asked.told} clock={clockAround(timeZone, alert.occurredAt)} />}
    </details>
  )
}
