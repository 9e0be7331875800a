import type { Response } from "express"
import { Effect } from "effect"
import type { Intake } from "../intake/intake.ts"
import type { Entry } from "../log/entry.ts"
import { type Frames, frameOf, framesOf, piecesOf } from "../log/entry-frames.ts"
import type { SecurityLog, StoreUnavailable } from "../log/security-log.ts"
import { wireJson } from "../domain/wire.ts"

/** A client whose unsent bytes pass this is cut; it resumes by its last id. */
const backlogAtMost = 1024 * 1024
/** Entries read from the log at a time while a client catches up. */
const pageOfEntries = 500

/** Between two heartbeats, milliseconds. */
export const heartbeatMs = 10_000
/** How often it is looked at whether there is news for a heartbeat out of turn: the store refuses, or keeps again. */
export const tickMs = 1000

interface Client {
  readonly response: Response
  /** The newest seq sent. */
  sent: number
  /** Caught up with the log: entries now come straight from the commit. */
  live: boolean
}

export interface EntryStream {
  /** Clients connected now. */
  readonly clients: () => number
  /** Clients cut because they read too slowly, since the start. */
  readonly cut: () => number
  /** Sends everything behind `after` (left out: from now on) until the client goes; never succeeds. */
  readonly serve: (response: Response, after: number | undefined) => Effect.Effect<void, StoreUnavailable>
  /** Sends every client a heartbeat when one is due, or when the store has begun to refuse or to keep. */
  readonly tick: () => void
  /** Ends the subscription to the log. */
  readonly close: () => void
}

/** Until the client has taken what is waiting, or is gone. */
const drained = (response: Response): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const done = () => {
      response.off("drain", done).off("close", done)
      resume(Effect.void)
    }
    response.on("drain", done).on("close", done)
  })

/**
 * The log as server-sent events. A client reads from the log until it stands at the head; in that same instant it is
 * switched to the live entries, so that nothing is missed and nothing comes twice. While it catches up nothing is held
 * in memory for it.
 */
export const makeEntryStream = (
  log: SecurityLog["Service"],
  intake: Intake["Service"],
  now: () => number
): EntryStream => {
  const clients = new Set<Client>()
  let newest = log.head()
  let cut = 0

  // What waits from before decides, not the size of what comes: a large batch cuts nobody who reads.
  const send = (client: Client, pieces: ReadonlyArray<string | Uint8Array>): boolean => {
    const { response } = client
    if (response.writableLength <= backlogAtMost) {
      for (const piece of pieces) response.write(piece)
      return !response.writableNeedDrain
    }
    cut += 1
    clients.delete(client)
    response.destroy()
    return false
  }

  const heard = (entries: ReadonlyArray<Entry>, bodies: ReadonlyArray<string>, frames: Frames | undefined): void => {
    const last = entries.at(-1)?.seq ?? 0
    newest = Math.max(newest, last)
    let all = frames
    for (const client of clients) {
      if (!client.live) continue
      const fresh = entries.findIndex(({ seq }) => seq > client.sent)
      if (fresh === -1) continue
      client.sent = last
      const from = (nth: number): number => entries[nth + fresh]!.seq
      send(client, fresh === 0 ? (all ??= framesOf(bodies, from)) : framesOf(bodies.slice(fresh), from))
    }
  }

  const close = log.subscribe(heard, () => clients.size > 0)

  const head = (): number => Math.max(newest, log.head())

  const heartbeat = (): string =>
    `event: heartbeat\ndata: ${wireJson({ at: now(), head: head(), accepting: intake.status().accepting })}\n\n`

  const catchUp = Effect.fnUntraced(function* (client: Client, first: ReadonlyArray<Entry>) {
    let page = first
    while (clients.has(client)) {
      if (page.length > 0) {
        client.sent = page.at(-1)?.seq ?? client.sent
        const frames = page.map((entry) => frameOf(entry.seq, wireJson(entry)))
        if (!send(client, piecesOf(frames))) yield* drained(client.response)
      }
      if (client.sent >= head()) {
        client.live = true
        return
      }
      page = yield* log.entries({ after: client.sent, limit: pageOfEntries })
    }
  })

  const serve = Effect.fnUntraced(function* (response: Response, after: number | undefined) {
    const start = Math.min(after ?? head(), head())
    const first = yield* log.entries({ after: start, limit: pageOfEntries })
    const client: Client = { response, sent: start, live: false }
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" }).flushHeaders()
    clients.add(client)
    return yield* Effect.suspend(() => {
      send(client, [heartbeat()])
      return catchUp(client, first)
    }).pipe(Effect.andThen(Effect.never), Effect.ensuring(Effect.sync(() => clients.delete(client))))
  })

  let beatenAt = now()
  let accepting = intake.status().accepting
  const tick = (): void => {
    const before = accepting
    accepting = intake.status().accepting
    if (accepting === before && now() - beatenAt < heartbeatMs) return
    beatenAt = now()
    if (clients.size === 0) return
    const texts = [heartbeat()]
    for (const client of clients) send(client, texts)
  }

  return { clients: () => clients.size, cut: () => cut, serve, tick, close }
}
