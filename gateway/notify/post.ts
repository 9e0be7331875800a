import { Cause, Effect, Exit, Scope } from "effect"
import type { EpochMs } from "../domain/ids.ts"
import type { Channel, ChannelContext, Message, OpenChannel, Sent } from "./channel.ts"

/** So long is waited for what comes of one attempt; a channel that hangs is as good as one that is away. */
export const attemptMs = 10_000

/** After so many seconds an attempt is made again, the last figure for all that follow (reliability reference, section 8). */
const pausesSeconds = [1, 2, 5, 10, 30] as const

/** What others ask us to wait is respected, and no longer than this, milliseconds: else nothing would be tried for days. */
export const askedAtMostMs = 3_600_000

/** So many are on their way at once; what is for people's lives has places of its own. */
const lanes = { "life-safety": 6, usual: 3 } as const
export type Lane = keyof typeof lanes

/** The pause after so many attempts in vain, a fifth shorter or longer by chance, so that not all come back at once. */
export const pauseMs = (attempts: number, chance: () => number): number => {
  const seconds = pausesSeconds[Math.min(Math.max(attempts, 1), pausesSeconds.length) - 1] ?? 30
  return Math.round(seconds * 1000 * (0.8 + 0.4 * chance()))
}

export interface PostOptions {
  readonly channel: Channel<unknown>
  readonly settings: unknown
  readonly context: ChannelContext
  readonly chance: () => number
  readonly attemptMs: number
}

/**
 * One open channel with its places. A channel that takes nothing is asked by one message at a time, after pauses: the
 * others wait for what comes of it, for a provider that is away must fill neither the log nor the memory. What is for
 * people's lives is tried once all the same, unless the other side has asked for a pause.
 */
export class Post {
  readonly #open: OpenChannel
  readonly #options: PostOptions
  readonly #scope: Scope.Closeable
  readonly #running: Record<Lane, number> = { "life-safety": 0, usual: 0 }
  #failures = 0
  #restUntil = 0
  #pauseAsked = false

  private constructor(open: OpenChannel, options: PostOptions, scope: Scope.Closeable) {
    this.#open = open
    this.#options = options
    this.#scope = scope
  }

  static readonly open = Effect.fn("Post.open")(function* (options: PostOptions) {
    const scope = yield* Scope.make()
    const open = yield* options.channel.open(options.settings, options.context).pipe(Scope.provide(scope))
    return new Post(open, options, scope)
  })

  get close(): Effect.Effect<void> {
    return Scope.close(this.#scope, Exit.void)
  }

  /** What `open` was called with. */
  get settings(): unknown {
    return this.#options.settings
  }

  /** Whether a message may go now, which has been tried before or never. */
  isFree(lane: Lane, tried: "never" | "before", now: EpochMs): boolean {
    if (this.#running[lane] >= lanes[lane]) return false
    if (this.freeAt(lane, tried) > now) return false
    if (this.#failures === 0 || this.#isFirstCall(lane, tried)) return true
    return this.#running["life-safety"] + this.#running.usual === 0
  }

  #isFirstCall(lane: Lane, tried: "never" | "before"): boolean {
    return lane === "life-safety" && tried === "never" && !this.#pauseAsked
  }

  /** From when on a message may go as far as pauses are concerned; in the past: now. */
  freeAt(lane: Lane, tried: "never" | "before"): EpochMs {
    return this.#isFirstCall(lane, tried) ? 0 : this.#restUntil
  }

  /** Takes a place, to be given back by what is returned. */
  take(lane: Lane): () => void {
    this.#running[lane]++
    return () => void this.#running[lane]--
  }

  /** Who has registered a device; absent: nobody has to. */
  get registered(): ReadonlySet<string> | undefined {
    return this.#open.registered?.()
  }

  /** Makes one attempt. */
  attempt(message: Message): Effect.Effect<Sent> {
    return this.#learning(this.#open.send(message))
  }

  /** Has the channel prove itself. */
  get selfTest(): Effect.Effect<Sent> {
    return this.#learning(this.#open.selfTest)
  }

  #learning(work: Effect.Effect<Sent>): Effect.Effect<Sent> {
    return Effect.tap(this.#within(work), (sent) => Effect.sync(() => this.#learn(sent)))
  }

  #learn(sent: Sent): void {
    if (sent._tag === "Refused" && sent.scope === "unregistered") return
    if (sent._tag === "HandedOver" || (sent._tag === "Refused" && sent.scope === "recipient")) {
      this.#failures = 0
      this.#restUntil = 0
      this.#pauseAsked = false
      return
    }
    const { chance, context } = this.#options
    this.#failures++
    const asked = sent._tag === "TryLater" ? sent.afterMs : undefined
    this.#pauseAsked = asked !== undefined
    this.#restUntil = context.now() + Math.max(pauseMs(this.#failures, chance), Math.min(asked ?? 0, askedAtMostMs))
  }

  /** What comes of it in time, or that nothing did. A fault of the channel's own is told as what it is. */
  #within(work: Effect.Effect<Sent>): Effect.Effect<Sent> {
    const { attemptMs: withinMs } = this.#options
    const late: Sent = { _tag: "TryLater", reason: `no answer within ${withinMs / 1000} s` }
    return work.pipe(
      Effect.timeoutOrElse({ duration: withinMs, orElse: () => Effect.succeed(late) }),
      Effect.catchCause((cause): Effect.Effect<Sent> => {
        if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause as Cause.Cause<never>)
        const reason = `a fault: ${String(Cause.squash(cause))}`
        return Effect.logError("a channel failed by a bug", cause).pipe(
          Effect.as({ _tag: "TryLater", reason } as const)
        )
      })
    )
  }
}
