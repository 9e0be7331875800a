import { wireJsonOf } from "../domain/wire.ts"

/** Entries as server-sent events in UTF-8, in their order: some of them in each piece. */
export type Frames = ReadonlyArray<Uint8Array<ArrayBuffer>>

/**
 * So many entries are one piece. V8 gives each text of more than some 128 kB memory of its own, which is mapped, cleared and
 * given back: a batch as one text costs three times as much.
 */
const entriesAtOnce = 50

const utf8 = new TextEncoder()

/** An entry as a server-sent event; `wire`: its JSON as it leaves the gateway. */
export const frameOf = (seq: number, wire: string): string => `id: ${seq}\nevent: entry\ndata: ${wire}\n\n`

/** `frames` as pieces. No two share memory: each may be handed to another thread. */
export const piecesOf = (frames: ReadonlyArray<string>): Frames => {
  const pieces: Array<Uint8Array<ArrayBuffer>> = []
  for (let at = 0; at < frames.length; at += entriesAtOnce)
    pieces.push(utf8.encode(frames.slice(at, at + entriesAtOnce).join("")))
  return pieces
}

/** Entries by their JSON, as their rows hold it; `seqOf`: the position of the nth. */
export const framesOf = (bodies: ReadonlyArray<string>, seqOf: (nth: number) => number): Frames =>
  piecesOf(bodies.map((body, nth) => frameOf(seqOf(nth), wireJsonOf(body))))
