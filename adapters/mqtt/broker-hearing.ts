import type { Client } from "aedes"
import type { Guarded } from "./broker-socket.ts"
import type { Keep } from "./broker-keeper.ts"
import type { PassOn } from "./broker-passing.ts"
import { type ClientHearer, packetMaxBytes } from "./broker-reader.ts"
import type { Publish } from "./publish-packet.ts"
import { Unsettled } from "./unsettled.ts"

/** Of one client at most this many messages are under way: what one commit takes. A hundred such still leave intake room. */
const messagesMax = 500

/** And at most so many bytes of them, and one message more. */
const bytesMax = packetMaxBytes

/** aedes takes a topic of at most so many levels. */
const levelsMax = 100

const [slash, plus, hash] = ["/", "+", "#"].map((sign) => sign.charCodeAt(0))

/** Whether a message may have this topic (MQTT 3.1.1, 3.3.2.1 and 4.7.3): who sends another is cut. */
const isTopic = (topic: string): boolean => {
  let levels = 1
  for (let at = 0; at < topic.length; at++) {
    const code = topic.charCodeAt(at)
    if (code === plus || code === hash) return false
    if (code === slash) levels++
  }
  return topic.length > 0 && levels <= levelsMax
}

/**
 * What aedes' client has that is not part of the library's public face: the version is pinned, and without it a client that
 * only publishes would be cut for its silence, and one that does not read our answers would never be.
 */
interface Watched {
  /** Cuts the client that has said nothing for one and a half times its keepalive; null when it has none. */
  readonly _keepaliveTimer: NodeJS.Timeout | null
  /** Calls back when what was written has gone out, or the client was cut because it does not read. */
  readonly waitForDrain: (done: () => void) => void
}

const watched = (client: Client): Watched => {
  const inside = client as unknown as Watched
  if (!("_keepaliveTimer" in inside) || typeof inside.waitForDrain !== "function") {
    throw new TypeError("this aedes watches over its clients otherwise: pin a version that is known")
  }
  return inside
}

/**
 * Hears one client. Its messages are answered once they are on disk, in their order, those of one commit in one write (MQTT
 * 3.1.1, 4.6); only then are they passed on to those who listen. What cannot be kept ends its connection without an answer.
 */
class Hearing implements ClientHearer {
  readonly #client: Client
  readonly #watched: Watched
  readonly #guarded: Guarded
  readonly #keep: Keep
  readonly #passOn: PassOn
  readonly #unsettled: Unsettled
  /** What is under way: waiting for its commit, or on its way to those who listen. */
  #messages = 0
  #bytes = 0
  /** It does not read our answers as fast as they come. */
  #drains = false

  constructor(client: Client, guarded: Guarded, keep: Keep, passOn: PassOn) {
    this.#client = client
    this.#watched = watched(client)
    this.#guarded = guarded
    this.#keep = keep
    this.#passOn = passOn
    this.#unsettled = new Unsettled(
      (bytes) => this.#write(bytes),
      () => guarded.reader.goOn()
    )
  }

  message(message: Publish): void {
    const { stream } = this.#guarded
    if (!isTopic(message.topic)) return void stream.destroy()
    this.#messages++
    this.#bytes += message.payload.length
    const waiting = this.#unsettled.take(message, () => this.#answered(message))
    this.#keep(this.#client, message, (refusal) => {
      if (refusal === undefined) this.#unsettled.settle(waiting)
      else stream.destroy()
    })
  }

  alive(): void {
    this.#watched._keepaliveTimer?.refresh()
  }

  isFull(): boolean {
    return this.#drains || this.#messages >= messagesMax || this.#bytes >= bytesMax
  }

  #answered(message: Publish): void {
    const { stream, reader } = this.#guarded
    const passes = this.#passOn(message, (error) => {
      if (error) stream.destroy()
      this.#over(message)
      reader.goOn()
    })
    if (!passes) this.#over(message)
  }

  #over({ payload }: Publish): void {
    this.#messages--
    this.#bytes -= payload.length
  }

  #write(bytes: Buffer): void {
    const { stream, reader } = this.#guarded
    if (stream.destroyed || stream.write(bytes)) return
    this.#drains = true
    this.#watched.waitForDrain(() => {
      this.#drains = false
      reader.goOn()
    })
  }
}

/** Hears a client that aedes has let in. */
export const hearClient = (client: Client, guarded: Guarded, keep: Keep, passOn: PassOn): void =>
  guarded.reader.hear(new Hearing(client, guarded, keep, passOn))
