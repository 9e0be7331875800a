import { Effect, Schema } from "effect"
import { openAnswerKey } from "../answer-key.ts"
import type { Channel, ChannelContext, Message, OpenChannel, Sent } from "../channel.ts"
import { makeTried, smsOf } from "./sms-message.ts"
import { smsSize, telephoneNumber } from "./sms-text.ts"
import { idsOfParts, openSentTexts } from "./sent-texts.ts"
import { openSpool, type Spool, spoolContent, spoolName } from "./smstools-spool.ts"

/** Text messages by a modem at this machine, which smsd (smstools) drives: they go when the Internet is down. */
export const SmsModemSettings = Schema.Struct({
  spool: Schema.optionalKey(
    Schema.NonEmptyString.annotate({ description: "The spool directory of smsd (/var/spool/sms)" })
  ),
  replies: Schema.optionalKey(
    Schema.Boolean.annotate({
      description: "Answers that smsd receives are read: each text says how to acknowledge (true)"
    })
  ),
  incoming: Schema.optionalKey(
    Schema.NonEmptyString.annotate({ description: "Where smsd puts what it receives (<spool>/incoming)" })
  ),
  reports: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "Where smsd puts status reports, if not there (its own setting report; <spool>/report)"
    })
  ),
  readTo: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "Answers and reports of ours are moved into this folder once they stand in the log; absent: removed"
    })
  ),
  othersTo: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "Texts that are not for the gateway are moved into this folder; absent: they stay where they are"
    })
  ),
  partsMax: Schema.optionalKey(
    Schema.Int.annotate({ description: "A text takes so many parts at most; what is longer is cut (2)" }).pipe(
      Schema.check(Schema.isBetween({ minimum: 1, maximum: 6 }))
    )
  ),
  sendWithinSeconds: Schema.optionalKey(
    Schema.Finite.annotate({
      description: "A text that the modem has not begun with by then is taken back, and tried again later (8)"
    }).pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 9 })))
  )
}).annotate({ identifier: "SmsModemSettings" })
export type SmsModemSettings = typeof SmsModemSettings.Type

export const usualSpool = "/var/spool/sms"

/** Between two looks at the spool. */
const lookEveryMs = 200

const asSent = (spool: Spool, name: string, sentAs: (ids: ReadonlyArray<string>) => void): Sent | undefined => {
  const state = spool.stateOf(name)
  if (state.is === "sent") {
    if (state.messageId !== undefined) sentAs(idsOfParts(state.messageId, smsSize(state.text).parts))
    return {
      _tag: "HandedOver",
      ...(state.messageId === undefined ? {} : { detail: `the network's id is ${state.messageId}` })
    }
  }
  if (state.is !== "failed") return undefined
  spool.clear(name)
  return { _tag: "TryLater", reason: state.why }
}

/** Why nothing is put there; also of what goes wrong in between. */
const unusable = (cause: unknown): Sent => ({
  _tag: "TryLater",
  reason: `the spool of smsd: ${cause instanceof Error ? cause.message : String(cause)}`
})

const open = (settings: SmsModemSettings, { dataDir, channel, now }: ChannelContext): OpenChannel => {
  const { spool: directory = usualSpool, replies = true, partsMax = 2, sendWithinSeconds = 8 } = settings
  const spool = openSpool(directory)
  const answers = replies ? openAnswerKey(dataDir) : undefined
  const sentTexts = openSentTexts(dataDir, channel)
  const tried = makeTried()
  const looks = Math.ceil((sendWithinSeconds * 1000) / lookEveryMs)

  /** Waits until the modem has sent it or given up, and takes back what it has not begun with. */
  const followed = Effect.fnUntraced(function* ({ key, kind }: Message, name: string): Effect.fn.Return<Sent> {
    const sentAs = (ids: ReadonlyArray<string>): void => {
      if (kind !== "alert") return
      try {
        for (const [nth, messageId] of ids.entries())
          sentTexts.keep({ messageId, notification: key, at: now(), ...(nth === 0 ? {} : { earlier: true }) })
      } catch {
        // The text has gone, which is what counts; a report of it will find nothing, and stay where it is.
      }
    }
    for (let nth = 0; nth < looks; nth++) {
      const sent = asSent(spool, name, sentAs)
      if (sent !== undefined) return sent
      yield* Effect.sleep(lookEveryMs)
    }
    // What the modem has begun with may go out yet: the next attempt finds it by its name.
    const taken = !spool.withdraw(name)
    const last = asSent(spool, name, sentAs)
    return last ?? { _tag: "TryLater", reason: taken ? "the modem is still at it" : "the modem has not begun with it" }
  })

  const send = (message: Message): Effect.Effect<Sent> => {
    const to = telephoneNumber(message.recipient.address ?? "")
    if (to === undefined)
      return Effect.succeed({ _tag: "Refused", scope: "recipient", reason: "they have no telephone number" })
    const name = spoolName(message.key)
    return Effect.suspend(() => {
      const before = spool.stateOf(name)
      if (before.is === "failed") spool.clear(name)
      if (before.is === "absent" || before.is === "failed") {
        spool.put(name, spoolContent(to, smsOf(message, { answers, again: tried.again(message.key), partsMax })))
      }
      return followed(message, name)
    }).pipe(
      Effect.onInterrupt(() => Effect.sync(() => void spool.withdraw(name))),
      Effect.catchDefect((cause) => Effect.succeed(unusable(cause)))
    )
  }
  const selfTest = Effect.sync((): Sent => {
    const fault = spool.fault()
    return fault === undefined
      ? { _tag: "HandedOver", detail: `${directory} is there; no text was sent` }
      : { _tag: "Refused", scope: "channel", reason: fault }
  })
  return { send, selfTest }
}

/** Text messages through the spool directory of smsd, the daemon of smstools. */
export const smsModemChannel: Channel<SmsModemSettings> = {
  kind: "sms-modem",
  Settings: SmsModemSettings,
  recipients: "address",
  addressFault: (address) =>
    telephoneNumber(address) === undefined
      ? 'is no telephone number with its country, such as "+1 555 010 0100"'
      : undefined,
  open: (settings, context) => Effect.sync(() => open(settings, context))
}
