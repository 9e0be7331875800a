import { Clock, Context, Data, Effect, Exit, Fiber, FiberMap, Layer, Schema } from "effect"
import type { ConfigProblem } from "../domain/configuration.ts"
import { EpochMs } from "../domain/ids.ts"
import type { Change, ReplayProgress } from "./course-run.ts"
import type { Span } from "./span.ts"
import { Replayed } from "./replay.ts"
import { ReplayFailed, type ReplayInThreads } from "./threads.ts"

/** A replay that was asked for, and how far it has come. */
export const ReplayState = Schema.Struct({
  id: Schema.String,
  by: Schema.String,
  /** When it was asked for. */
  at: EpochMs,
  from: EpochMs,
  to: EpochMs,
  state: Schema.Literals(["running", "done", "failed", "cancelled"]),
  /** Log entries read, of so many. */
  progress: Schema.Struct({ done: Schema.Finite, of: Schema.Finite }),
  /** Why it failed. */
  reason: Schema.optionalKey(Schema.String),
  /** Once it is done; of a long list of calls the first ones, while every sum is whole. */
  result: Schema.optionalKey(Replayed)
}).annotate({ identifier: "ReplayState" })
export type ReplayState = typeof ReplayState.Type

/** There is no replay of this name, or it is forgotten. */
export class UnknownReplay extends Data.TaggedError("UnknownReplay")<{ readonly id: string }> {
  override get message(): string {
    return `there is no replay ${this.id}: only the newest are remembered, and none over a restart`
  }
}

/** Another replay runs: each takes two processor cores that the gateway may need. */
export class ReplayRunning extends Data.TaggedError("ReplayRunning")<{ readonly id: string; readonly by: string }> {
  override get message(): string {
    return `replay ${this.id} of ${this.by} is running; wait for it, or cancel it with DELETE /api/v1/replays/${this.id}`
  }
}

/** The changed configuration has errors. */
export class ChangeWrong extends Data.TaggedError("ChangeWrong")<{ readonly problems: ReadonlyArray<ConfigProblem> }> {
  override get message(): string {
    return `the changed configuration has errors: ${this.problems.map(({ message }) => message).join("; ")}`
  }
}

/** What somebody wants to know. */
export interface ReplayOrder extends Span {
  readonly by: string
  /** YAML: sections of a configuration over the one in force, or a whole one. */
  readonly change: string
}

export interface ReplaysOptions {
  /** The log's file. */
  readonly file: string
  /** Checks a changed configuration over the one in force. */
  readonly check: (change: string) => Change | { readonly problems: ReadonlyArray<ConfigProblem> }
  readonly replay: (options: ReplayInThreads) => Effect.Effect<Replayed, ReplayFailed>
}

/** So many are remembered, the newest. */
const remembered = 5

/** So many calls of each kind: as many as anybody reads, and few enough for a page. */
const callsTold = 1000

/** Replays beside a running gateway: one at a time, none of them written anywhere. */
export class Replays extends Context.Service<
  Replays,
  {
    /** Completes once it runs. */
    readonly start: (order: ReplayOrder) => Effect.Effect<ReplayState, ReplayRunning | ChangeWrong>
    /** Newest first. */
    readonly all: () => ReadonlyArray<ReplayState>
    readonly one: (id: string) => Effect.Effect<ReplayState, UnknownReplay>
    /** Completes once its threads are gone. One that is over stays as it is. */
    readonly cancel: (id: string) => Effect.Effect<void, UnknownReplay>
  }
>()("gateway/Replays") {
  static readonly layer = (options: ReplaysOptions) => Layer.effect(Replays, make(options))
}

const make = Effect.fnUntraced(function* ({ file, check, replay }: ReplaysOptions) {
  const states = new Map<string, ReplayState>()
  const fibers = yield* FiberMap.make<string>()
  let numbered = 0

  const change = (id: string, to: Partial<ReplayState>): void => {
    const state = states.get(id)
    if (state !== undefined) states.set(id, { ...state, ...to })
  }
  const settle = (id: string, exit: Exit.Exit<Replayed, ReplayFailed>): void => {
    if (Exit.isSuccess(exit)) return change(id, { state: "done", result: exit.value })
    const failure = Exit.findErrorOption(exit)
    if (failure._tag === "Some") return change(id, { state: "failed", reason: failure.value.message })
    change(id, { state: "cancelled" })
  }
  const one = (id: string): Effect.Effect<ReplayState, UnknownReplay> =>
    Effect.suspend(() => {
      const state = states.get(id)
      return state === undefined ? Effect.fail(new UnknownReplay({ id })) : Effect.succeed(state)
    })

  return Replays.of({
    all: () => [...states.values()].reverse(),
    one,
    start: Effect.fn("Replays.start")(function* ({ by, from, to, change: text }) {
      const running = [...states.values()].find(({ state }) => state === "running")
      if (running !== undefined) return yield* new ReplayRunning({ id: running.id, by: running.by })
      const checked = check(text)
      if ("problems" in checked) return yield* new ChangeWrong({ problems: checked.problems })
      const id = `R-${++numbered}`
      const at = yield* Clock.currentTimeMillis
      const state: ReplayState = { id, by, at, from, to, state: "running", progress: { done: 0, of: 0 } }
      states.set(id, state)
      for (const old of [...states.keys()].slice(0, -remembered)) states.delete(old)
      const onProgress = (progress: ReplayProgress): void => change(id, { progress: { ...progress } })
      yield* FiberMap.run(
        fibers,
        id,
        replay({ file, span: { from, to }, change: checked, most: callsTold, onProgress }).pipe(
          Effect.onExit((exit) => Effect.sync(() => settle(id, exit)))
        )
      )
      return state
    }),
    cancel: Effect.fn("Replays.cancel")(function* (id) {
      yield* one(id)
      const fiber = FiberMap.getUnsafe(fibers, id)
      if (fiber._tag === "Some") yield* Fiber.interrupt(fiber.value)
    })
  })
})
