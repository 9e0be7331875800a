import { readFileSync } from "node:fs"
import { request as requestHttp } from "node:http"
import { request as requestHttps } from "node:https"
import { Effect } from "effect"
import type { Sent } from "../channel.ts"

/** One request. `caFile`: a PEM file beside the authorities of the system. */
export interface JsonPost {
  readonly url: string
  readonly caFile?: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
const afterMsOf = (header: string | undefined, nowMs: number): number | undefined => {
  if (header === undefined) return undefined
  const seconds = Number(header)
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - nowMs
  return Number.isFinite(ms) && ms > 0 ? ms : undefined
}

/** These say "not now", whatever the message (RFC 9110, 15.5.9; RFC 8470; RFC 6585). */
const later: ReadonlySet<number> = new Set([408, 425, 429])

/** What a status means for a message. A redirect is never followed: what is ours would go to whom nobody has named. */
export const sentOf = (status: number, retryAfter: string | undefined, nowMs: number): Sent => {
  if (status >= 200 && status < 300) return { _tag: "HandedOver", detail: `HTTP ${status}` }
  if (status >= 500 || later.has(status)) {
    const afterMs = afterMsOf(retryAfter, nowMs)
    return { _tag: "TryLater", reason: `HTTP ${status}`, ...(afterMs === undefined ? {} : { afterMs }) }
  }
  const why = status < 400 ? `HTTP ${status}: it points elsewhere; name the address itself` : `HTTP ${status}`
  return { _tag: "Refused", scope: "channel", reason: why }
}

const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  const code = "code" in cause && typeof cause.code === "string" ? `${cause.code}: ` : ""
  return `${code}${cause.message}`
}

/** Posts JSON, once. Interrupted, the connection is closed. What the other side says beside its status is not read. */
export const postJson = ({ url, caFile, headers, body }: JsonPost): Effect.Effect<Sent> =>
  Effect.callback<Sent>((resume) => {
    const tell = (sent: Sent): void => resume(Effect.succeed(sent))
    const failed = (cause: unknown): void => tell({ _tag: "TryLater", reason: reasonOf(cause) })
    try {
      const trusted = caFile === undefined ? {} : { ca: readFileSync(caFile) }
      const send = url.startsWith("https:") ? requestHttps : requestHttp
      const length = String(Buffer.byteLength(body))
      const request = send(url, {
        ...trusted,
        method: "POST",
        headers: { ...headers, "content-type": "application/json", "content-length": length, "user-agent": "Gatehouse" }
      })
      request.on("error", failed)
      request.on("response", (response) => {
        tell(sentOf(response.statusCode ?? 0, response.headers["retry-after"], Date.now()))
        response.destroy()
      })
      request.end(body)
      return Effect.sync(() => void request.destroy())
    } catch (cause) {
      failed(cause)
      return undefined
    }
  })
