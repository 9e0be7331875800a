import { readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect, Queue, type Scope } from "effect"
import type { NotKept } from "../../../adapters/adapter.ts"
import { ChannelId } from "../../domain/ids.ts"
import { NotificationId, personOfNotification } from "../../domain/notification.ts"
import type { Unstamped } from "../../intake/intake.ts"
import { tamed } from "../../links/turned-away.ts"
import { isCodeShaped } from "../answer-key.ts"
import type { Inbound } from "../inbound/inbound.ts"
import { codeIn, masked, type Reply } from "../inbound/reply.ts"
import { type IncomingText, readIncoming } from "./incoming-text.ts"
import { canBeTaken, moveInto, takeAway } from "./received-file.ts"
import { openSentTexts, type SentText } from "./sent-texts.ts"
import { type SmsModemSettings, usualSpool } from "./sms-modem-channel.ts"
import { telephoneNumber } from "./sms-text.ts"
import { type LyingFile, watchFolder } from "./watched-folder.ts"

/** What an inbox is read with. */
export interface InboxParts {
  /** The id of the channel whose modem it is. */
  readonly channel: string
  readonly settings: SmsModemSettings
  readonly dataDir: string
  /** Takes an answer in. */
  readonly heard: Inbound["heard"]
  readonly enter: (fact: Unstamped) => Effect.Effect<unknown, NotKept>
  /** Whether the number is somebody's address for this channel. */
  readonly isKnown: (number: string) => boolean
  /** A person's address for this channel, as it is configured. */
  readonly addressOf: (person: string) => string | undefined
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Where nothing tells of a change, the folders are looked at after so long, milliseconds (30 s). */
  readonly lookEveryMs?: number
}

/** A file that has not changed for so long is whole, milliseconds: smsd writes in one go, or renames (ours). */
const wholeAfterMs = 250
/** What could not be settled yet is looked at again after so long, milliseconds. */
const againAfterMs = 2000
/** A report whose text is not known to be sent after so long is another program's, milliseconds. */
const strangeAfterMs = 60_000
/** No text of a telephone is longer, with its headers: 255 parts of 153 signs. Bytes. */
const bytesMax = 128 * 1024
/** So many are handled in one look; the next one goes on. */
const filesAtOnce = 200

/** What becomes of a file. `later`: it stays, and is looked at again. */
type Verdict = "done" | "not ours" | "later" | { readonly unreadable: string }

interface Seen {
  readonly stamp: string
  readonly since: number
  /** It stays where it is, and is not read again as long as it is the same. */
  readonly passed: boolean
}

const refusals: ReadonlySet<string> = new Set(["NotKept", "StoreUnavailable"])

/** Answers and reports, one at a time. Each is a fact before its file is taken away. */
const makeReader = (parts: InboxParts) => {
  const { channel, settings, enter, now } = parts
  const sent = openSentTexts(parts.dataDir, channel)

  const kept = (fact: Unstamped): Effect.Effect<Verdict> =>
    Effect.match(enter(fact), { onSuccess: (): Verdict => "done", onFailure: (): Verdict => "later" })

  /** Texts of strangers are for the gateway only where they look like its answers: others use this modem too. */
  const isForUs = ({ from, text }: Reply): boolean => parts.isKnown(from) || isCodeShaped(codeIn(text)?.code ?? "")

  const answer = Effect.fnUntraced(function* (reply: Reply): Effect.fn.Return<Verdict> {
    if (settings.replies === false || !isForUs(reply)) return "not ours"
    const result = yield* Effect.result(parts.heard(channel, reply))
    // What is refused there is a fact already, or there were too many before it.
    if (result._tag === "Success" || result.failure._tag === "InboundRefused") return "done"
    const { failure } = result
    if (refusals.has(failure._tag)) return "later"
    const why = failure instanceof Error ? failure.message : failure._tag
    return yield* kept({
      _tag: "AccessRefused",
      who: `${channel}, ${masked(reply.from)}`,
      what: `an answer that acknowledges nothing: ${tamed(why)}`
    })
  })

  /** The newest text under this id that went to this number. */
  const reported = (messageId: string, number: string): SentText | undefined =>
    sent.of(messageId, now()).find(({ notification }) => {
      const person = personOfNotification(NotificationId.make(notification))
      return person !== undefined && telephoneNumber(parts.addressOf(person) ?? "") === number
    })

  const report = (
    { from, messageId, fate, detail }: Extract<IncomingText, { readonly is: "report" }>,
    since: number
  ): Effect.Effect<Verdict> => {
    const text = reported(messageId, from)
    // The report may be here before whoever sent the text has seen that it is sent.
    if (text === undefined) return Effect.succeed(Math.abs(now() - since) < strangeAfterMs ? "later" : "not ours")
    const about = { notification: NotificationId.make(text.notification), channel: ChannelId.make(channel) }
    if (fate === "open" || (fate === "received" && text.earlier === true)) return Effect.succeed("done")
    if (fate === "received") return kept({ _tag: "NotificationReceived", ...about })
    const why = tamed(`the network reports that it is lost: ${detail}`)
    return kept({ _tag: "NotificationAnswered", ...about, outcome: "refused", scope: "recipient", detail: why })
  }

  return ({ path, bytes }: LyingFile, since: number): Effect.Effect<Verdict> =>
    Effect.suspend(() => {
      if (bytes > bytesMax) return Effect.succeed<Verdict>({ unreadable: `it has ${bytes} bytes` })
      const read = readIncoming(readFileSync(path))
      if (read.is === "unreadable") return Effect.succeed<Verdict>({ unreadable: read.why })
      return read.is === "report" ? report(read, since) : answer(read)
    }).pipe(Effect.catchDefect((cause) => Effect.succeed<Verdict>({ unreadable: String(cause) })))
}

/** Takes a file to where its verdict wants it. Answers whether it is to be passed over from now on. Throws. */
const settle = ({ path }: LyingFile, verdict: Verdict, { readTo, othersTo }: SmsModemSettings): boolean => {
  if (verdict === "later") return false
  if (verdict === "done") takeAway(path, readTo)
  else if (verdict === "not ours" && othersTo !== undefined) moveInto(path, othersTo)
  return true
}

/** Handles one file after the other. What is wrong with a folder is told once, until it is well again. */
const makeHandler = (parts: InboxParts) => {
  const { channel, settings } = parts
  const read = makeReader(parts)
  const told = new Set<string>()
  const warn = (path: string, why: string) => Effect.logWarning(`channel ${channel}: ${path}: ${why}`)
  const tell = (folder: string, why: string): Effect.Effect<void> => {
    if (told.has(folder)) return Effect.void
    told.add(folder)
    return warn(folder, why)
  }
  return {
    tell,
    /** Answers whether the file is over, and passed over should it still be there. */
    file: Effect.fnUntraced(function* (file: LyingFile, since: number): Effect.fn.Return<boolean> {
      const folder = dirname(file.path)
      if (!canBeTaken(file.path)) {
        yield* tell(folder, "files cannot be taken out of it, so none is read; let the gateway's user write there")
        return false
      }
      told.delete(folder)
      const verdict = yield* read(file, since)
      if (typeof verdict === "object") yield* warn(file.path, `it is passed over: ${verdict.unreadable}`)
      return yield* Effect.sync(() => settle(file, verdict, settings)).pipe(
        // What it said is kept; that it stays is all that is wrong.
        Effect.catchDefect((cause) => warn(file.path, `it stays where it is: ${String(cause)}`).pipe(Effect.as(true)))
      )
    })
  }
}

const foldersOf = ({ spool = usualSpool, incoming, reports }: SmsModemSettings): ReadonlyArray<string> => [
  ...new Set([incoming ?? join(spool, "incoming"), reports ?? join(spool, "report")])
]

/**
 * Reads what smsd receives for a channel, until it is interrupted: answers acknowledge as answers to `inbound` do, status
 * reports say what became of texts. A file goes only when what it said is on disk; the same file again says nothing new.
 * What is for others stays, what cannot be read is told once, and neither holds up what comes after it.
 */
export const readInbox = (parts: InboxParts): Effect.Effect<never, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { settings, now, lookEveryMs = 30_000 } = parts
    const wanted = yield* Queue.sliding<void>(1)
    const wake = (): void => void Queue.offerUnsafe(wanted, undefined)
    const folders = yield* Effect.forEach(foldersOf(settings), (folder) => watchFolder(folder, wake))
    const handle = makeHandler(parts)
    let seen = new Map<string, Seen>()
    const lying = Effect.forEach(folders, (folder) =>
      Effect.sync(folder.files).pipe(
        Effect.catchDefect((cause) => Effect.as(handle.tell(folder.path, `it cannot be read: ${String(cause)}`), []))
      )
    )

    /** Looks once; after how long to look again where nothing happens, milliseconds. */
    const look = Effect.gen(function* () {
      const files = (yield* lying).flat()
      const before = seen
      seen = new Map()
      let [wait, handled] = [lookEveryMs, 0]
      for (const file of files) {
        const known = before.get(file.path)
        const { since, passed } = known?.stamp === file.stamp ? known : { since: now(), passed: false }
        seen.set(file.path, { stamp: file.stamp, since, passed })
        if (passed) continue
        // A clock that was set back makes nobody wait.
        if (Math.abs(now() - since) < wholeAfterMs || handled === filesAtOnce) {
          wait = Math.min(wait, wholeAfterMs)
          continue
        }
        handled++
        const isOver = yield* handle.file(file, since)
        if (isOver) seen.set(file.path, { stamp: file.stamp, since, passed: true })
        else wait = Math.min(wait, againAfterMs)
      }
      return wait
    })
    const next = (ms: number) => Queue.take(wanted).pipe(Effect.timeoutOption(ms))
    return yield* look.pipe(Effect.flatMap(next), Effect.forever)
  })
