import type { EscalationPolicy } from "../../domain/escalation.ts"
import type { ChannelId, EpochMs } from "../../domain/ids.ts"
import { isPending, type Notification } from "../../domain/notification.ts"

/** A notification, and what follows where it is not taken. */
export interface Delivery {
  readonly notification: Notification
  /** The channels that are left for the same person, the next one first; absent: none, or it is of no use any more. */
  readonly others?: ReadonlyArray<ChannelId>
  /** When the next of them is used as well; absent: only when this one turns out to be lost. */
  readonly othersAt?: EpochMs
  /** When it is too old to be sent. */
  readonly expiresAt?: EpochMs
}

/** How far an alert has been told to people. */
export interface Escalating {
  /** The id of its policy. */
  readonly policy: string
  /** Whether it still asks for somebody; what was sent before somebody answered is remembered for its receipts. */
  readonly asking: boolean
  /** When this round began. */
  readonly since: EpochMs
  /** How often the policy has begun for this alert. */
  readonly round: number
  /** How often it has begun again since it last asked anew. */
  readonly repeats: number
  /** The next step, from 0; as many as there are steps: it waits to begin again. */
  readonly next: number
  /** When that is due; absent: its policy has come to its end. */
  readonly dueAt?: EpochMs
  /** Oldest first. All that is pending, and the newest of the others. */
  readonly deliveries: ReadonlyArray<Delivery>
}

/** So many settled notifications of an alert are kept in mind; the log has all. */
const settledKept = 40

/** The same, without the oldest that are settled beyond those that are kept. */
export const bounded = (deliveries: ReadonlyArray<Delivery>): ReadonlyArray<Delivery> => {
  let beyond = deliveries.filter(({ notification }) => !isPending(notification)).length - settledKept
  return beyond <= 0 ? deliveries : deliveries.filter(({ notification }) => isPending(notification) || beyond-- <= 0)
}

/** When the next step of a round is due, or its beginning again; `undefined`: neither. */
export const dueAtOf = (
  { steps, repeatSeconds, repeatTimes = Infinity }: EscalationPolicy,
  { since, next, repeats }: Pick<Escalating, "since" | "next" | "repeats">
): EpochMs | undefined => {
  const step = steps[next]
  if (step !== undefined) return since + step.afterSeconds * 1000
  if (repeatSeconds === undefined || repeats >= repeatTimes) return undefined
  return since + ((steps.at(-1)?.afterSeconds ?? 0) + repeatSeconds) * 1000
}

/** When something falls due of an alert: its next step, the next channel of somebody, the end of what could not be sent. */
export const nextDueOf = ({ asking, dueAt, deliveries }: Escalating): EpochMs | undefined => {
  if (!asking) return undefined
  let due = dueAt
  for (const { othersAt, expiresAt, notification } of deliveries) {
    for (const at of [othersAt, notification.state === "queued" ? expiresAt : undefined])
      if (at !== undefined && (due === undefined || at < due)) due = at
  }
  return due
}

/** Whether something waits to be sent, or is on its way. */
export const isOwing = ({ deliveries }: Escalating): boolean =>
  deliveries.some(({ notification }) => isPending(notification))
