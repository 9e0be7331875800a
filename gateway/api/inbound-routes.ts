import { Effect, Schema } from "effect"
import type { Request } from "express"
import { InboundRefused } from "../notify/inbound/inbound.ts"
import { signatureHeader, timestampHeader } from "../notify/signature.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { Problem } from "./problem.ts"
import type { Sources, TaggedFailure } from "./sources.ts"

/** What became of a request from outside. */
export const InboundAnswer = Schema.Struct({
  accepted: Schema.Literal(true),
  alert: Schema.optionalKey(Schema.String.annotate({ description: "The alert that was acknowledged" })),
  again: Schema.optionalKey(
    Schema.Literal(true).annotate({ description: "It had been said before, and was entered once" })
  )
}).annotate({ identifier: "InboundAnswer" })

const ReceiptBody = Schema.Struct({
  notification: Schema.String,
  proof: Schema.String.annotate({ description: "It came with the message, which only its recipient can read" }),
  device: Schema.optionalKey(Schema.String)
})

const titles: Readonly<Record<InboundRefused["status"], string>> = {
  400: "The request is not valid",
  401: "The request is not believed",
  403: "The request is refused",
  404: "No such source",
  409: "The request is refused",
  410: "The alert is closed",
  429: "Too many wrong tries"
}

/** Calls and answers are short. */
const bodyMaxBytes = 16 * 1024

const asProblem = (failure: TaggedFailure): TaggedFailure =>
  failure instanceof InboundRefused
    ? new Problem({
        kind: "inbound-refused",
        title: titles[failure.status],
        status: failure.status,
        detail: failure.why
      })
    : failure

const header = (request: Request, name: string): string | undefined => request.get(name)

const addressOf = (request: Request): string => request.socket.remoteAddress ?? ""

/** What comes from outside: calls for help, answers to messages, receipts of devices. */
export const inboundRoutes = ({ inbound }: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "post",
    path: "/inbound/receipts",
    open: true,
    summary: "A device says that it has received a notification, with the proof that came with it",
    body: ReceiptBody,
    bodyMaxBytes,
    answer: InboundAnswer,
    problems: [403, 429],
    handle: ({ request, body }) =>
      inbound.received({ ...body, address: addressOf(request) }).pipe(Effect.mapError(asProblem))
  }),
  endpoint({
    method: "get",
    path: "/inbound/receipts",
    open: true,
    summary: "The same, for providers of text messages that call an address when a phone has received one",
    query: ReceiptBody,
    answer: InboundAnswer,
    problems: [403, 429],
    handle: ({ request, query }) =>
      inbound.received({ ...query, address: addressOf(request) }).pipe(Effect.mapError(asProblem))
  }),
  endpoint({
    method: "post",
    path: "/inbound/{source}",
    open: true,
    raw: true,
    bodyMaxBytes,
    summary:
      "A configured source calls for help, or passes on what somebody answered to a message. It signs the body " +
      `(${signatureHeader}, ${timestampHeader}), or has its token in the address; what it is answered with 2xx is on disk`,
    query: Schema.Struct({ token: Schema.optionalKey(Schema.String) }),
    answer: InboundAnswer,
    problems: [401, 403, 404, 410, 429],
    handle: ({ request, param, query: { token } }) =>
      inbound
        .take({
          source: param("source"),
          body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
          timestamp: header(request, timestampHeader),
          signature: header(request, signatureHeader),
          token,
          address: addressOf(request)
        })
        .pipe(Effect.mapError(asProblem))
  })
]
