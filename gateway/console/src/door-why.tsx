import { useEffect, useState } from "react"
import { useAsked } from "./alert-why.tsx"
import { api } from "./api.ts"
import { Dialog } from "./dialogs.tsx"
import { OpeningCourse, OtherwiseList, Seq, ToldList } from "./explained.tsx"
import { clockAround, instantOfSiteTime, siteTimeOf } from "./site-clock.ts"
import type { DoorDiagnosis, DoorWhy } from "./explanation-wire.ts"
import type { Door, Instant } from "./wire.ts"

type Clock = (at: Instant) => string

interface WhenProps {
  readonly at: Instant | undefined
  readonly seq: number | undefined
  readonly clock: Clock
}

/** When what decided was, and its log entry. */
const When = ({ at, seq, clock }: WhenProps) =>
  at === undefined ? null : (
    <span className="rule-when">
      (<time dateTime={at}>{clock(at)}</time> <Seq seq={seq} />)
    </span>
  )

interface RulesProps {
  readonly rules: DoorWhy["rules"]
  readonly clock: Clock
}

const RuleList = ({ rules, clock }: RulesProps) => (
  <ul className="rules">
    {rules.map(({ rule, fired, text, at, seq, alert, otherwise }, nth) => (
      <li key={nth}>
        <span className="sign" aria-hidden="true">
          {fired ? "!" : "✓"}
        </span>
        <div>
          <p>
            <code>{rule}</code> {fired ? `fired${alert === undefined ? "" : ` as ${alert}`}` : "did not fire"}. {text}{" "}
            <When {...{ at, seq, clock }} />
          </p>
          {otherwise.length > 0 && <OtherwiseList otherwise={otherwise} clock={clock} />}
        </div>
      </li>
    ))}
  </ul>
)

/** Those that heard something first; the others are there for who looks for one. */
const Rules = ({ rules, clock }: RulesProps) => {
  const heard = rules.filter(({ rule, fired, near }) => fired || near > 0 || rule.startsWith("door."))
  const others = rules.filter((rule) => !heard.includes(rule))
  return (
    <>
      <RuleList rules={heard} clock={clock} />
      {others.length > 0 && (
        <details>
          <summary>{others.length} rules that heard nothing of it</summary>
          <RuleList rules={others} clock={clock} />
        </details>
      )}
    </>
  )
}

interface AnswerProps {
  readonly told: DoorWhy
  readonly clock: Clock
}

const Answer = ({ told, clock }: AnswerProps) => (
  <>
    <p>
      <strong>{told.state.standing}</strong> since <time dateTime={told.state.since}>{clock(told.state.since)}</time>.{" "}
      {told.state.text}.
    </p>
    {told.blind.length > 0 && (
      <>
        <h3>Not seen whole then</h3>
        <ToldList told={told.blind} clock={clock} />
      </>
    )}
    {told.circumstances.length > 0 && (
      <>
        <h3>Circumstances</h3>
        <ToldList told={told.circumstances} clock={clock} />
      </>
    )}
    <h3>Its rules</h3>
    <Rules rules={told.rules} clock={clock} />
    {told.pending.length > 0 && (
      <>
        <h3>What was to fall due</h3>
        <ToldList told={told.pending.map(({ dueAt, text }) => ({ at: dueAt, text }))} clock={clock} />
      </>
    )}
    {told.openings.map((opening) => (
      <section key={opening.seq}>
        <h3>
          Opening of {clock(opening.at)}: {opening.outcome}
          {opening.held ? ", held" : ""}
        </h3>
        <OpeningCourse opening={opening} clock={clock} />
      </section>
    ))}
  </>
)

const causeWords: Readonly<Record<string, string>> = {
  sensor: "contact or wiring",
  "late-exit": "late exit",
  latch: "latch or closer",
  chatter: "chatter",
  schedule: "time of the day",
  wind: "wind",
  unexplained: "unexplained"
}

const proposalWords = ({ times, during = [], hides, hidesReal }: NonNullable<DoorDiagnosis["proposal"]>): string => {
  const told = (some: object) => Object.entries(some).map(([name, value]) => `${name} ${String(value)}`)
  const changes = [...told(times), ...during.map((one) => `${told(one.times).join(", ")} during ${one.schedule}`)]
  const real = hidesReal === 0 ? "none of them real" : `${hidesReal} of them REAL`
  return `Proposed: ${changes.join(", ")}. It would have kept away ${hides} of the alarms, ${real}.`
}

/** What the door's alarms of the last 30 days were put down to, and what would have helped. */
const Diagnosis = ({ door }: { readonly door: string }) => {
  const asked = useAsked(door, () => api.diagnosis(door))
  if (asked.state === "asking") return <p className="empty">Looking through 30 days…</p>
  if (asked.state === "refused") return <p className="problem">{asked.why}</p>
  const found = asked.told
  if (found === undefined) return <p className="hint">No alarm of forced, held or late exit in 30 days.</p>
  const causes = Object.entries(found.causes).filter(([, count]) => count > 0)
  return (
    <ul className="otherwise">
      <li>
        {found.happenings.length} in 30 days, {found.real} closed as real:{" "}
        {causes.map(([cause, count]) => `${count} ${causeWords[cause] ?? cause}`).join(", ")}
      </li>
      {found.advice.map((advice) => (
        <li key={advice}>{advice}</li>
      ))}
      {found.proposal !== undefined && (
        <li>
          {proposalWords(found.proposal)}
          <pre>{found.proposal.patch}</pre>
        </li>
      )}
    </ul>
  )
}

interface WhyDoorProps {
  readonly door: Door
  readonly timeZone: string
  readonly nowMs: number
  readonly onClose: () => void
}

/** Why a door did not alarm, or did, around a time that the officer picks by the site's clocks. */
export const WhyDoor = ({ door, timeZone, nowMs, onClose }: WhyDoorProps) => {
  const [picked, setPicked] = useState(() => siteTimeOf(new Date(nowMs).toISOString(), timeZone))
  // Counted, so that the same question is asked again: the gateway may have been away, or know more by now.
  const [{ at, nth }, setQuestion] = useState(() => ({ at: new Date(nowMs).toISOString(), nth: 0 }))
  const [before] = useState(() => document.activeElement)
  useEffect(
    () => () => {
      // Back to where the officer came from.
      if (before instanceof HTMLElement) before.focus()
    },
    [before]
  )
  const asked = useAsked(`${door.id} ${at} ${nth}`, () => api.whyDoor(door.id, at))
  const instant = instantOfSiteTime(picked, timeZone)
  return (
    <Dialog title={`Why? ${door.name}`} onCancel={onClose}>
      <form
        className="why-when"
        onSubmit={(event) => {
          event.preventDefault()
          if (instant !== undefined) setQuestion({ at: instant, nth: nth + 1 })
        }}
      >
        <label className="field">
          Around (clocks of {timeZone})
          <input
            type="datetime-local"
            step="1"
            value={picked}
            onChange={(event) => setPicked(event.currentTarget.value)}
          />
        </label>
        <button type="submit" className="primary" disabled={instant === undefined}>
          Explain
        </button>
        <button type="button" className="secondary" onClick={onClose}>
          Close
        </button>
      </form>
      <div className="why" role="status" tabIndex={0} aria-label="Explanation">
        {asked.state === "asking" && <p className="empty">Reading the log…</p>}
        {asked.state === "refused" && <p className="problem">{asked.why}</p>}
        {asked.state === "told" && <Answer told={asked.told} clock={clockAround(timeZone, at)} />}
        <h3>Its alarms</h3>
        <Diagnosis door={door.id} />
      </div>
    </Dialog>
  )
}
