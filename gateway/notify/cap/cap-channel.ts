import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import type { Channel, ChannelContext, OpenChannel, Sent } from "../channel.ts"

/** A feed of CAP 1.2 messages for other systems of the campus: sign boards, a dispatch centre. */
export const CapSettings = Schema.Struct({
  sender: Schema.String.annotate({
    description: "Names this gateway for ever in every message, such as gatehouse@campus.edu"
  }).pipe(Schema.check(Schema.isPattern(/^[^\s,<&]+$/, { expected: "a name without blanks, commas, < and &" }))),
  senderName: Schema.optionalKey(Schema.NonEmptyString),
  status: Schema.optionalKey(
    Schema.Literals(["Actual", "Exercise", "Test"]).annotate({
      description: "How receivers are to take what it says (Test): say Actual only once they are ready for it"
    })
  ),
  restriction: Schema.optionalKey(
    Schema.NonEmptyString.annotate({ description: "Who may have it (For the security services of the campus)" })
  ),
  language: Schema.optionalKey(Schema.NonEmptyString),
  expireMinutes: Schema.optionalKey(
    Schema.Int.annotate({ description: "So long a message is to be relied on (60)" }).pipe(
      Schema.check(Schema.isBetween({ minimum: 5, maximum: 1440 }))
    )
  )
}).annotate({ identifier: "CapSettings" })
export type CapSettings = typeof CapSettings.Type

/** So many alerts are published at once; the oldest makes room. */
export const publishedMax = 200

/** Which alerts are published on a feed, oldest first. */
export interface Published {
  readonly alerts: () => ReadonlyArray<string>
  readonly add: (alert: string) => void
}

const directoryOf = (dataDir: string, channel: string): string => join(dataDir, "cap", channel)

const isAlertId = (name: string): boolean => /^A-\d+(?:\.\d+)?$/.test(name)

const raisedIn = (alert: string): number => Number(alert.slice(2))

/** What is published on a channel's feed: a file an alert, named after it, in `<dataDir>/cap/<channel>`. */
export const openPublished = (dataDir: string, channel: string): Published => {
  const directory = directoryOf(dataDir, channel)
  const alerts = (): ReadonlyArray<string> =>
    existsSync(directory)
      ? readdirSync(directory)
          .filter(isAlertId)
          .toSorted((a, b) => raisedIn(a) - raisedIn(b))
      : []
  return {
    alerts,
    add: (alert) => {
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      writeFileSync(join(directory, alert), "", { mode: 0o600 })
      for (const old of alerts().slice(0, -publishedMax)) rmSync(join(directory, old), { force: true })
    }
  }
}

const attempt = (work: () => string): Effect.Effect<Sent> =>
  Effect.sync(() => {
    try {
      return { _tag: "HandedOver", detail: work() }
    } catch (error) {
      return { _tag: "TryLater", reason: error instanceof Error ? error.message : String(error) }
    }
  })

const open = (_settings: CapSettings, { dataDir, channel }: ChannelContext): OpenChannel => {
  const published = openPublished(dataDir, channel)
  return {
    send: ({ alert }) =>
      alert === undefined
        ? Effect.succeed({ _tag: "HandedOver", detail: "a test is not published" })
        : attempt(() => {
            published.add(alert.id)
            return "it stands on the feed"
          }),
    selfTest: attempt(() => {
      const directory = directoryOf(dataDir, channel)
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      const probe = join(directory, `.probe-${createHash("sha256").update(channel).digest("hex").slice(0, 8)}`)
      writeFileSync(probe, "x")
      const kept = readFileSync(probe, "utf8")
      rmSync(probe)
      return kept === "x" ? "the feed can be written" : "the feed was not kept as it was written"
    })
  }
}

/** A feed of CAP 1.2 messages: an alert that a policy tells this channel of stands there, with all that follows of it. */
export const capChannel: Channel<CapSettings> = {
  kind: "cap",
  Settings: CapSettings,
  recipients: "system",
  open: (settings, context) => Effect.sync(() => open(settings, context))
}
