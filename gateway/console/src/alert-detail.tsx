import { useEffect, useState } from "react"
import { AlertTold } from "./alert-told.tsx"
import { WhyAlert } from "./alert-why.tsx"
import { api } from "./api.ts"
import { Procedure } from "./checklist.tsx"
import { Badge } from "./badge.tsx"
import { EvidenceStrips } from "./evidence-strip.tsx"
import { Key } from "./key.tsx"
import { NoteForm } from "./note-form.tsx"
import { useKeyName } from "./own-keys.ts"
import { mayAcknowledgeAgain, panelAnswers } from "./panel-words.ts"
import type { Alert, Campus, Entry, Explanation, PanelCondition } from "./wire.ts"
import { addressOf } from "./place.ts"
import { spotOf } from "./plan-things.ts"
import type { ConsoleStore } from "./store.ts"
import { RuleFacts } from "./rule-facts.tsx"
import {
  ageWords,
  entryWords,
  holderWords,
  priorityWord,
  serviceWords,
  shelvedWords,
  stateWords,
  whereWords
} from "./words.ts"
import "./alert-detail.css"

/** Loads why an alert was raised, anew whenever it changes. */
const useExplanation = (alert: Alert): Explanation | undefined => {
  const [explanation, setExplanation] = useState<Explanation | undefined>(undefined)
  useEffect(() => {
    let current = true
    api.timeline(alert.id).then(
      (answer) => {
        if (current) setExplanation(answer)
      },
      () => {
        // The reasons that came with the alert itself stay on screen.
        if (current) setExplanation(undefined)
      }
    )
    return () => {
      current = false
    }
  }, [alert.id, alert.updatedAt, alert.acknowledged])
  return explanation?.alert.id === alert.id ? explanation : undefined
}

/** Facts whose outcome the alert itself tells. */
const toldByAlert: ReadonlySet<string> = new Set([
  "EvidenceKept",
  "EvidenceMissing",
  "AlertNoted",
  "AlertClaimed",
  "AlertReleased",
  "AcknowledgementUndone",
  "AlertShelved",
  "AlertUnshelved",
  "WriteBackSent",
  "WriteBackAnswered",
  "NotificationSent",
  "NotificationAnswered",
  "NotificationReceived"
])

/** What became of each frame stands above, beside its picture, and who was told has a list of its own; the timeline is for what happened. */
const isNews = (entry: Entry): boolean => {
  if (entry._tag === "Notification") return false
  if (entry._tag === "Fact") return !toldByAlert.has(entry.fact._tag)
  return entry._tag !== "Alert" || !entry.change.transition.startsWith("evidence-")
}

const Timeline = ({
  explanation,
  clock
}: {
  readonly explanation: Explanation
  readonly clock: (at: string) => string
}) => (
  <ol className="timeline">
    {explanation.timeline.filter(isNews).map((entry) => {
      const { at, text } = entryWords(entry)
      return (
        <li key={entry.seq} className={entry._tag === "Alert" ? "by-alert" : undefined}>
          <time dateTime={at}>{clock(at)}</time>
          <span>{text}</span>
          <span className="seq">#{entry.seq}</span>
        </li>
      )
    })}
  </ol>
)

/** How the alert stands at the panels that tell it too. */
const PanelAnswers = ({ conditions }: { readonly conditions: ReadonlyArray<PanelCondition> }) => (
  <ul className="panel-answers" aria-label="At the panel">
    {conditions.flatMap((condition) =>
      panelAnswers(condition).map(({ sign, text, weight }, nth) => (
        <li key={JSON.stringify([condition.device, condition.id, condition.branch, nth])} className={weight}>
          <span className="sign" aria-hidden="true">
            {sign}
          </span>
          <span>{text}</span>
        </li>
      ))
    )}
  </ul>
)

interface DetailProps {
  readonly alert: Alert
  readonly officer: string
  readonly campus: Campus | undefined
  readonly clock: (at: string) => string
  readonly nowMs: number
  readonly busy: boolean
  readonly phone: boolean
  readonly onAcknowledge: () => void
  /** Takes it in hand, lets it go, or takes it over. */
  readonly onClaim: () => void
  readonly onClose: () => void
  readonly onShelve: () => void
  /** Opens an incident of it, or goes to the one that it belongs to. */
  readonly onIncident: () => void
  readonly store: Pick<ConsoleStore, "report">
  /** Resolves with whether the gateway has kept the note. */
  readonly onNote: (note: string) => Promise<boolean>
  /** The officer has begun to write: the alert stays where it is. */
  readonly onWriting: () => void
}

const acknowledgeVerb = (alert: Alert, officer: string): string => {
  if (alert.acknowledged) return mayAcknowledgeAgain(alert) ? "Acknowledge again" : "Acknowledged"
  return alert.claimed === undefined || alert.claimed.by === officer ? "Acknowledge" : "Acknowledge all the same…"
}

const claimVerb = ({ claimed }: Alert, officer: string): string =>
  claimed === undefined ? "Take in hand" : claimed.by === officer ? "Let go" : "Take over…"

/** What is done less often, and does not hang on the bar at the bottom of a phone. */
const MoreActions = ({
  alert,
  officer,
  busy,
  phone,
  onClaim,
  onShelve,
  onIncident,
  onNote,
  onWriting
}: DetailProps) => (
  <div className="more-actions">
    <NoteForm key={alert.id} {...{ busy, phone, onNote, onWriting }} />
    <button type="button" className="secondary" disabled={busy} onClick={onClaim}>
      {claimVerb(alert, officer)} {!phone && <Key of="alert.claim" />}
    </button>
    {alert.priority !== 1 && (
      <button type="button" className="secondary" disabled={busy} onClick={onShelve}>
        {alert.shelved === undefined ? "Shelve…" : "Unshelve…"} {!phone && <Key of="alert.shelve" />}
      </button>
    )}
    <button type="button" className="secondary" disabled={busy} onClick={onIncident}>
      Incident… {!phone && <Key of="alert.incident" />}
    </button>
  </div>
)

/** One alert: what, where, why, its timeline, and what an officer does with it. */
export const AlertDetail = (props: DetailProps) => {
  const { alert, officer, campus, clock, nowMs, busy, phone, store, onAcknowledge, onClose } = props
  const explanation = useExplanation(alert)
  const [acknowledgeKey, closeKey] = [useKeyName("alert.acknowledge"), useKeyName("alert.close")]
  const spot = spotOf(alert, campus)
  const reasons = explanation?.reasons ?? alert.why
  const again = alert.acknowledged && mayAcknowledgeAgain(alert)
  return (
    <section className="panel detail" aria-labelledby="detail-title">
      <header className="detail-head">
        <Badge alert={alert} large />
        <div>
          <h2 id="detail-title" tabIndex={-1}>
            {alert.title}
            {alert.count > 1 && <span className="count">×{alert.count}</span>}
          </h2>
          <p className="detail-where">
            {whereWords(alert, campus)}
            {spot !== undefined && (
              <a className="detail-plan" href={addressOf("plan", spot)}>
                On the plan {!phone && <Key of="alert.plan" />}
              </a>
            )}
          </p>
        </div>
      </header>
      <dl className="facts">
        <div>
          <dt>Occurred</dt>
          <dd>
            <time dateTime={alert.occurredAt}>{clock(alert.occurredAt)}</time> · {ageWords(alert.occurredAt, nowMs)} ago
          </dd>
        </div>
        <div>
          <dt>State</dt>
          <dd>{stateWords(alert)}</dd>
        </div>
        {alert.claimed !== undefined && (
          <div>
            <dt>In hand</dt>
            <dd>
              {holderWords(alert, officer)} since <time dateTime={alert.claimed.at}>{clock(alert.claimed.at)}</time>
            </dd>
          </div>
        )}
        <div>
          <dt>Condition</dt>
          <dd>{alert.active ? "Still active" : "Back to normal"}</dd>
        </div>
        {alert.shelved !== undefined && (
          <div>
            <dt>Shelving</dt>
            <dd>
              {shelvedWords(alert.shelved, clock, nowMs)}: {alert.shelved.reason}
            </dd>
          </div>
        )}
        {alert.outOfService !== undefined && (
          <div>
            <dt>Out of service</dt>
            <dd>
              {serviceWords(alert.outOfService, clock, nowMs)}: {alert.outOfService.reason}
            </dd>
          </div>
        )}
        <div>
          <dt>Priority</dt>
          <dd>
            {alert.priority} {priorityWord[alert.priority]} · {alert.id}
          </dd>
        </div>
        <RuleFacts alert={alert} />
      </dl>
      {alert.panelConditions !== undefined && <PanelAnswers conditions={alert.panelConditions} />}
      <div className="actions">
        <button
          type="button"
          className="primary"
          aria-keyshortcuts={acknowledgeKey}
          disabled={(alert.acknowledged && !again) || busy}
          onClick={onAcknowledge}
        >
          {acknowledgeVerb(alert, officer)} {!phone && <Key of="alert.acknowledge" />}
        </button>
        <button type="button" className="secondary" aria-keyshortcuts={closeKey} disabled={busy} onClick={onClose}>
          Close… {!phone && <Key of="alert.close" />}
        </button>
      </div>
      {alert.evidence !== undefined && (
        <EvidenceStrips key={`pictures ${alert.id}`} {...{ campus, nowMs, clock }} evidence={alert.evidence} />
      )}
      <h3>Why this alert</h3>
      <ul className="reasons">
        {reasons.map((reason, index) => (
          <li key={index}>
            <time dateTime={reason.at}>{clock(reason.at)}</time>
            <span>{reason.text}</span>
          </li>
        ))}
        {reasons.length === 0 && <li>The gateway gave no reasons.</li>}
      </ul>
      {alert.chattering !== undefined && alert.priority !== 1 && alert.shelved === undefined && (
        <p className="chatter-hint">
          It chatters: it came {alert.chattering.times} times. Shelve it while its cause is looked for, and have the
          device seen to.
        </p>
      )}
      {alert.checklist !== undefined && (
        <Procedure
          key={`procedure ${alert.id}`}
          alert={alert.id}
          checklist={alert.checklist}
          {...{ store, phone, clock }}
        />
      )}
      <MoreActions {...props} />
      <AlertTold key={`told ${alert.id}`} {...{ alert, nowMs, clock }} />
      <WhyAlert key={`why ${alert.id}`} alert={alert} timeZone={campus?.site.timeZone} />
      <details key={phone ? "phone" : "desk"} open={!phone}>
        <summary>Timeline</summary>
        {explanation === undefined ? (
          <p className="empty">Loading timeline…</p>
        ) : (
          <Timeline explanation={explanation} clock={clock} />
        )}
      </details>
    </section>
  )
}
