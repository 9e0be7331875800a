import { spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { Effect } from "effect"
import { readSecret } from "../../adapters/secret.ts"
import { exchange, whyNoAnswer } from "../notify/http-exchange.ts"
import { filled, whyNotTaken } from "../notify/http-template.ts"
import { signedHeaders } from "../notify/signature.ts"
import { smsText } from "../notify/sms/sms-text.ts"
import type { AlarmWay } from "./watchdog-config.ts"
import type { Notice } from "./watched.ts"

/** What people are told, in words and for programs. */
export interface AlarmMessage {
  /** The same for every copy of one notice. */
  readonly key: string
  readonly kind: Notice["kind"] | "test"
  readonly sign: string
  readonly why: string
  readonly gateway: string
  /** Epoch milliseconds of this host. */
  readonly at: number
  readonly lastedMs: number
  readonly subject: string
}

const minutesOf = (ms: number): string =>
  ms < 90_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`

const subjectOf = ({ kind, sign, lastedMs }: Notice, gateway: string): string => {
  const long = minutesOf(lastedMs)
  if (kind === "well again") return `Gatehouse watchdog: the ${sign} of ${gateway} is well again, after ${long}`
  return `Gatehouse watchdog: the ${sign} of ${gateway} ${kind === "still" ? "still " : ""}fails, for ${long}`
}

export const alarmMessage = (notice: Notice, gateway: string, at: number): AlarmMessage => ({
  ...notice,
  key: randomUUID(),
  gateway,
  at,
  subject: subjectOf(notice, gateway)
})

export const testMessage = (gateway: string, at: number): AlarmMessage => ({
  key: randomUUID(),
  kind: "test",
  sign: "gateway",
  why: "somebody tries whether the watchdog's alarms come through",
  gateway,
  at,
  lastedMs: 0,
  subject: `TEST of the Gatehouse watchdog of ${gateway}: nothing has happened`
})

/** A way to reach somebody did not take a message. */
class NotTold extends Error {
  override readonly name = "NotTold"
}

const byWebhook = async (
  { url, secret }: NonNullable<AlarmWay["webhook"]>,
  { at, ...message }: AlarmMessage,
  signal: AbortSignal
): Promise<void> => {
  const body = JSON.stringify({ ...message, at: new Date(at).toISOString() })
  const signed = secret === undefined ? {} : signedHeaders(readSecret(secret), body, at)
  const headers = { "content-type": "application/json", "idempotency-key": message.key, ...signed }
  const why = whyNotTaken({}, await exchange({ url, method: "POST", headers, body }, signal))
  if (why !== undefined) throw new NotTold(why)
}

const bySms = async (
  { http, secrets = {}, to }: NonNullable<AlarmWay["sms"]>,
  { subject, why }: AlarmMessage,
  signal: AbortSignal
): Promise<void> => {
  const read = Object.fromEntries(Object.entries(secrets).map(([name, reference]) => [name, readSecret(reference)]))
  const text = smsText({ head: subject, body: why, tail: "" }, 2)
  const answers = await Promise.allSettled(
    to.map((number) => exchange(filled(http, { ...read, to: number, text }), signal))
  )
  const wrong = answers.flatMap((answer) => {
    const said = answer.status === "rejected" ? String(answer.reason) : whyNotTaken(http.takenWhen ?? {}, answer.value)
    return said === undefined ? [] : [said]
  })
  // Whoever has it already is told twice rather than the others not at all.
  if (wrong.length > 0) throw new NotTold(`${wrong.length} of ${to.length} numbers: ${wrong[0]}`)
}

const byCommand = (
  [program = "", ...args]: ReadonlyArray<string>,
  message: AlarmMessage,
  signal: AbortSignal
): Promise<void> =>
  new Promise((done, fail) => {
    const told = {
      GATEHOUSE_ALARM_KIND: message.kind,
      GATEHOUSE_ALARM_SIGN: message.sign,
      GATEHOUSE_ALARM_WHY: message.why,
      GATEHOUSE_ALARM_GATEWAY: message.gateway,
      GATEHOUSE_ALARM_SUBJECT: message.subject,
      GATEHOUSE_ALARM_AT: new Date(message.at).toISOString()
    }
    const child = spawn(program, args, { stdio: "ignore", signal, env: { ...process.env, ...told } })
    child.once("error", fail)
    child.once("exit", (code, by) => (code === 0 ? done() : fail(new NotTold(`it ended with ${code ?? by}`))))
  })

/** What a way is called in what the watchdog says of it. */
export const wayName = ({ webhook, sms, command }: AlarmWay): string =>
  webhook !== undefined
    ? `webhook ${new URL(webhook.url).host}`
    : sms !== undefined
      ? "sms"
      : `command ${command?.[0] ?? ""}`

/** A way that has not taken a message by then is tried again. */
const withinMs = 20_000

/** Tells one message by one way. The failure says why it was not taken. */
export const tellBy = (way: AlarmWay, message: AlarmMessage): Effect.Effect<void, string> =>
  Effect.tryPromise({
    try: (signal) => {
      if (way.webhook !== undefined) return byWebhook(way.webhook, message, signal)
      if (way.sms !== undefined) return bySms(way.sms, message, signal)
      return byCommand(way.command ?? [], message, signal)
    },
    catch: whyNoAnswer
  }).pipe(
    Effect.timeoutOrElse({ duration: withinMs, orElse: () => Effect.fail(`not taken within ${withinMs / 1000} s`) })
  )
