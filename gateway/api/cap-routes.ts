import type { Response } from "express"
import { Effect } from "effect"
import { whereIsAlert } from "../domain/where.ts"
import { type CapMessage, capMessages, type CapSender, type CapStep } from "../notify/cap/cap-alert.ts"
import { type CapSettings, openPublished } from "../notify/cap/cap-channel.ts"
import { atomFeed, capMedia } from "../notify/cap/cap-feed.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { Problem } from "./problem.ts"
import type { Sources, TaggedFailure } from "./sources.ts"

/** A feed lists so many messages, the newest. */
const listedMax = 100

const notPublished = (what: string): Problem =>
  new Problem({ kind: "not-published", title: "Nothing is published there", status: 404, detail: what })

interface Feed {
  readonly sender: CapSender
  readonly alerts: ReadonlyArray<string>
}

const feedOf = ({ channels, intake }: Sources, id: string): Effect.Effect<Feed, Problem> =>
  Effect.suspend(() => {
    const found = channels.settings().find((channel) => channel.id === id && channel.kind === "cap")
    const site = intake.situation().campus?.site
    if (found === undefined || site === undefined) return Effect.fail(notPublished(`there is no CAP channel "${id}"`))
    const settings = found.settings as CapSettings
    const sender: CapSender = {
      sender: settings.sender,
      senderName: settings.senderName ?? site.name,
      status: settings.status ?? "Test",
      site: site.id,
      language: settings.language ?? "en-US",
      restriction: settings.restriction ?? "For the security services of the campus",
      expireMinutes: settings.expireMinutes ?? 60
    }
    return Effect.succeed({ sender, alerts: openPublished(channels.dataDir, id).alerts() })
  })

const messagesOf = Effect.fnUntraced(function* (
  { log, intake }: Sources,
  { sender }: Feed,
  alert: string
): Effect.fn.Return<ReadonlyArray<CapMessage>, TaggedFailure> {
  const entries = yield* log.entries({ alert, after: 0, limit: 1000 })
  const steps = entries.flatMap((entry): ReadonlyArray<CapStep> =>
    entry._tag === "Alert" ? [{ seq: entry.seq, change: entry.change }] : []
  )
  const [first] = steps
  if (first === undefined) return []
  return capMessages(steps, { sender, where: whereIsAlert(intake.situation().campus, first.change.alert) })
})

const send = (response: Response, type: string, body: string): void => {
  response.status(200).set({ "Content-Type": `${type}; charset=utf-8`, "Cache-Control": "no-store" })
  response.end(body)
}

/** `A-4821` of `north-A-4821-4823`. */
const alertIn = (identifier: string): string | undefined => /-(A-\d+(?:\.\d+)?)-\d+$/.exec(identifier)?.[1]

/** The feeds of CAP 1.2 messages. */
export const capRoutes = (sources: Sources): ReadonlyArray<Endpoint> => [
  endpoint({
    method: "get",
    path: "/cap/{channel}",
    right: "see",
    summary: "An Atom feed of the CAP 1.2 messages of a channel of kind cap, newest first",
    media: "application/atom+xml",
    problems: [404],
    handle: ({ param, request, response }) =>
      Effect.gen(function* () {
        const feed = yield* feedOf(sources, param("channel"))
        const messages: Array<CapMessage> = []
        for (const alert of feed.alerts.toReversed()) {
          if (messages.length >= listedMax) break
          messages.push(...(yield* messagesOf(sources, feed, alert)))
        }
        const newest = messages.toSorted((a, b) => b.sent - a.sent).slice(0, listedMax)
        const base = `${request.protocol}://${request.get("host") ?? "localhost"}/api/v1/cap/${param("channel")}`
        send(response, "application/atom+xml", atomFeed(newest, feed.sender, base))
      })
  }),
  endpoint({
    method: "get",
    path: "/cap/{channel}/{identifier}",
    right: "see",
    summary: "One CAP 1.2 message; it never changes",
    media: capMedia,
    problems: [404],
    handle: ({ param, response }) =>
      Effect.gen(function* () {
        const feed = yield* feedOf(sources, param("channel"))
        const identifier = param("identifier")
        const alert = alertIn(identifier)
        const known = alert !== undefined && feed.alerts.includes(alert)
        const messages = known ? yield* messagesOf(sources, feed, alert) : []
        const found = messages.find((message) => message.identifier === identifier)
        if (found === undefined) return yield* notPublished(`there is no message ${identifier}`)
        return send(response, capMedia, found.xml)
      })
  })
]
