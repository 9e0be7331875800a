import { existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Result, Schema } from "effect"
import { writePrivately } from "../../api/private-file.ts"

/** Which notification the network knows by which id. It gives each id again after 256 texts (3GPP TS 23.040, TP-MR). */
export const SentText = Schema.Struct({
  messageId: Schema.String,
  notification: Schema.String,
  /** When it was seen to be sent, epoch milliseconds. */
  at: Schema.Finite,
  /** It is an earlier part of a text of several: that it has come does not say that the text has. */
  earlier: Schema.optionalKey(Schema.Literal(true))
})
export type SentText = typeof SentText.Type

const decodeFile = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.Struct({ texts: Schema.Array(SentText) })))

/** What a modem counts its texts up to before it begins at 0 again. */
const idsOfNetwork = 256

/**
 * The ids of the parts of a text, the last one first. smsd tells the id of the last part only; the modem has counted the
 * others just before it.
 */
export const idsOfParts = (lastId: string, parts: number): ReadonlyArray<string> =>
  /^\d{1,3}$/.test(lastId)
    ? Array.from({ length: parts }, (_, nth) => String((Number(lastId) - nth + idsOfNetwork) % idsOfNetwork))
    : [lastId]

/** The newest are remembered: twice as many as the network has ids. */
const textsKept = 512

/** A network gives up a text after so long at most, and reports nothing of it later: ours, of the usual validity. */
const reportedWithinMs = 3 * 86_400_000

/** The texts that a modem has sent, in `<dataDir>/sms/<channel>.json`, mode 0600: a report after a restart finds its own. */
export interface SentTexts {
  /** Remembers one; the oldest makes room. The same one again changes nothing. */
  readonly keep: (text: SentText) => void
  /** The texts that a report about this id may be of at `now`, the newest first. */
  readonly of: (messageId: string, now: number) => ReadonlyArray<SentText>
}

/** What a channel's modem has sent. The id of a channel is a file's name by its schema. */
export const openSentTexts = (dataDir: string, channel: string): SentTexts => {
  const directory = join(dataDir, "sms")
  const file = join(directory, `${channel}.json`)
  const all = (): ReadonlyArray<SentText> => {
    if (!existsSync(file)) return []
    const decoded = decodeFile(readFileSync(file, "utf8"))
    return Result.isSuccess(decoded) ? decoded.success.texts : []
  }
  return {
    keep: (text) => {
      const known = all()
      const isSame = (one: SentText): boolean =>
        one.messageId === text.messageId && one.notification === text.notification
      if (known.some(isSame)) return
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      const texts = [...known, text].slice(-textsKept)
      writePrivately(directory, file, `${JSON.stringify({ texts })}\n`)
    },
    of: (messageId, now) =>
      all()
        .filter((one) => one.messageId === messageId && now - one.at < reportedWithinMs)
        .toReversed()
  }
}
