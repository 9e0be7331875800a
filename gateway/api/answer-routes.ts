import { Alert } from "../domain/alert.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { AcknowledgedSeveral, AcknowledgeSeveralBody, ReasonBody, TakeOverBody, WordsBody } from "./shapes.ts"
import type { Sources } from "./sources.ts"

const act = { method: "post", right: "acknowledge", answer: Alert, problems: [404, 409] } as const

/** Acknowledging, and taking it back. */
const acknowledgementRoutes = ({ alerts }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    ...act,
    path: "/alerts/{id}/acknowledge",
    summary: "Acknowledge an alert, with a note if there is something to say; not one that another officer has in hand",
    body: WordsBody,
    handle: (call) => alerts.acknowledge(call.param("id"), call.by, call.body.note)
  }),
  endpoint({
    ...act,
    path: "/alerts/{id}/acknowledge-forced",
    right: "acknowledge-forced",
    summary: "Acknowledge an alert although another officer has it in hand",
    body: ReasonBody,
    handle: (call) => alerts.acknowledgeForced(call.param("id"), call.by, call.body.reason)
  }),
  endpoint({
    ...act,
    path: "/alerts/{id}/undo-acknowledgement",
    summary: "Take one's own acknowledgement back within 10 s: the alert asks again, and both stay in the log",
    handle: (call) => alerts.undoAcknowledgement(call.param("id"), call.by)
  }),
  endpoint({
    method: "post",
    path: "/alerts/acknowledge",
    right: "acknowledge",
    summary:
      "Acknowledge several alerts for one reason. A critical one is never acknowledged so, nor one that another officer has in hand",
    body: AcknowledgeSeveralBody,
    answer: AcknowledgedSeveral,
    handle: ({ by, body: { ids, reason } }) => alerts.acknowledgeSeveral(ids, by, reason)
  })
]

/** How alerts are answered: acknowledged, and taken in hand. */
export const answerRoutes = (sources: Sources): ReadonlyArray<Endpoint> => {
  const { alerts } = sources
  return [
    ...acknowledgementRoutes(sources),
    endpoint({
      ...act,
      path: "/alerts/{id}/claim",
      summary: "Take an alert in hand, which nobody has; of two officers at once the first has it",
      body: WordsBody,
      handle: (call) => alerts.claim(call.param("id"), call.by, call.body)
    }),
    endpoint({
      ...act,
      path: "/alerts/{id}/take-over",
      right: "acknowledge-forced",
      summary: "Take an alert in hand that another officer has",
      body: TakeOverBody,
      handle: ({ param, by, body: { from, reason } }) => alerts.claim(param("id"), by, { from, note: reason })
    }),
    endpoint({
      ...act,
      path: "/alerts/{id}/release",
      summary: "Let go of an alert that one has in hand",
      body: WordsBody,
      handle: (call) => alerts.release(call.param("id"), call.by, call.body.note)
    }),
    endpoint({
      ...act,
      path: "/alerts/{id}/release-forced",
      right: "acknowledge-forced",
      summary: "Take an alert out of another officer's hands",
      body: ReasonBody,
      handle: (call) => alerts.releaseForced(call.param("id"), call.by, call.body.reason)
    })
  ]
}
