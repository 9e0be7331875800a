import { useEffect, useState } from "react"
import type { NotificationState } from "../../domain/notification.ts"
import { api } from "./api.ts"
import type { Alert, Instant, NotificationsTold } from "./wire.ts"
import { ageWords } from "./words.ts"
import "./alert-told.css"

/** So often who was told is asked anew while somebody is still being called, milliseconds. */
const askAgainMs = 5000

/** Who was told of an alert, as the gateway said last; `undefined` before it has. */
const useTold = (alert: Alert, nowMs: number): NotificationsTold | undefined => {
  const [told, setTold] = useState<{ readonly alert: string; readonly told: NotificationsTold } | undefined>(undefined)
  const isCalling = told?.alert !== alert.id || told.told.telling !== null
  const turn = isCalling ? Math.floor(nowMs / askAgainMs) : 0
  useEffect(() => {
    let current = true
    api.told(alert.id).then(
      (answer) => {
        if (current) setTold({ alert: alert.id, told: answer })
      },
      () => {
        // What was told stays on screen; that the gateway is away is told elsewhere.
      }
    )
    return () => {
      current = false
    }
  }, [alert.id, alert.updatedAt, turn])
  return told?.alert === alert.id ? told.told : undefined
}

/** "Handed over" is not "delivered": only a device, or the person, says that something has arrived. */
const stateWords: Readonly<Record<NotificationState, string>> = {
  queued: "waits to be sent",
  sending: "is being sent",
  "handed-over": "handed over, nobody knows whether it arrived",
  received: "received on their device",
  acknowledged: "answered",
  failed: "failed",
  cancelled: "called off",
  expired: "too late to be sent"
}

const marks: Readonly<Record<NotificationState, string>> = {
  queued: "…",
  sending: "→",
  "handed-over": "✓",
  received: "✓✓",
  acknowledged: "★",
  failed: "✕",
  cancelled: "–",
  expired: "✕"
}

const NextWords = ({ dueAt, nowMs }: { readonly dueAt: Instant | undefined; readonly nowMs: number }) => {
  if (dueAt === undefined) return <>Nobody else is told: the policy has come to its end.</>
  const seconds = Math.max(0, Math.round((Date.parse(dueAt) - nowMs) / 1000))
  return <>The next are told in {seconds} s, unless somebody acknowledges it.</>
}

/** Who was told of an alert, by which channel, and how far it came. Nothing where nobody was. */
export const AlertTold = ({
  alert,
  nowMs,
  clock
}: {
  readonly alert: Alert
  readonly nowMs: number
  readonly clock: (at: Instant) => string
}) => {
  const told = useTold(alert, nowMs)
  if (told === undefined || (told.items.length === 0 && told.telling === null)) return null
  return (
    <section className="told" aria-labelledby="told-title">
      <h3 id="told-title">Who was told</h3>
      {told.telling !== null && (
        <p className="told-next">
          <NextWords dueAt={told.telling.dueAt} nowMs={nowMs} />
        </p>
      )}
      <ul>
        {told.items.map(({ id, name, channel, state, at, attempts, detail, round }) => (
          <li key={id} className={`told-${state}`}>
            <span className="told-mark" aria-hidden="true">
              {marks[state]}
            </span>
            <span>
              <strong>{name ?? channel}</strong>
              {name !== undefined && ` by ${channel}`}: {stateWords[state]}
              {state === "queued" && attempts > 0 && `, tried ${attempts === 1 ? "once" : `${attempts} times`}`}
              {round > 1 && ` (round ${round})`}
              {detail !== undefined && state !== "handed-over" && <span className="told-detail">{detail}</span>}
            </span>
            <time dateTime={at} title={`${ageWords(at, nowMs)} ago`}>
              {clock(at)}
            </time>
          </li>
        ))}
      </ul>
    </section>
  )
}
