import { Worker } from "node:worker_threads"
import { Deferred, Effect, Exit, type Scope } from "effect"
import type { Campus } from "../../gateway/domain/campus.ts"
import type { Signal } from "../campus/signal.ts"
import type { World } from "../campus/world.ts"
import type { Place } from "./campus-devices.ts"
import type { User } from "./options.ts"

/** What the thread is started with. Plain values: they are copied. */
export interface ApartData {
  readonly campus: Campus
  readonly world: World
  /** Where the server of each link listens, by the link's id. */
  readonly places: Readonly<Record<string, Place>>
  /** The folder of the servers' certificates, one of each link's own below it. */
  readonly pki: string
  /** Who may ask each server, by the link's id; absent: anybody. */
  readonly users: Readonly<Record<string, ReadonlyArray<User>>>
}

export type ApartRequest =
  | {
      readonly _tag: "Say"
      readonly nth: number
      readonly world: World
      readonly signals: ReadonlyArray<Signal>
    }
  | { readonly _tag: "Stop"; readonly nth: number }

export type ApartAnswer =
  | { readonly _tag: "Started" }
  | { readonly _tag: "NotStarted"; readonly reason: string }
  | { readonly _tag: "Done"; readonly nth: number }
  | { readonly _tag: "Failed"; readonly nth: number; readonly reason: string }

/** The campus's OPC UA servers on real sockets, in a thread of their own. */
export interface OpcuaDevicesApart {
  /** Completes once they listen. */
  readonly started: Effect.Effect<void, Error>
  /** The panels sense this, in the world as it is then; said in the order in which it is run. */
  readonly say: (world: World, signals: ReadonlyArray<Signal>) => Effect.Effect<void, Error>
}

/** A thread that does not end in good order by then is ended. */
const stopWithin = "3 seconds"

class Apart {
  readonly started = Deferred.makeUnsafe<void, Error>()
  readonly #worker: Worker
  readonly #asked = new Map<number, Deferred.Deferred<void, Error>>()
  #nth = 0

  constructor(data: ApartData) {
    this.#worker = new Worker(new URL("apart-thread.ts", import.meta.url), { workerData: data })
    this.#worker.on("message", (told: ApartAnswer) => this.#hear(told))
    this.#worker.on("error", (error) => this.#broke(error))
    this.#worker.on("exit", () => this.#broke(new Error("the thread of the simulated panels has ended")))
  }

  #hear(told: ApartAnswer): void {
    if (told._tag === "Started") return void Deferred.doneUnsafe(this.started, Exit.void)
    if (told._tag === "NotStarted") return void Deferred.doneUnsafe(this.started, Exit.fail(new Error(told.reason)))
    const asked = this.#asked.get(told.nth)
    this.#asked.delete(told.nth)
    if (asked === undefined) return
    Deferred.doneUnsafe(asked, told._tag === "Done" ? Exit.void : Exit.fail(new Error(told.reason)))
  }

  #broke(error: Error): void {
    const failed = Exit.fail(error)
    Deferred.doneUnsafe(this.started, failed)
    for (const asked of this.#asked.values()) Deferred.doneUnsafe(asked, failed)
    this.#asked.clear()
  }

  ask(
    request: Omit<Extract<ApartRequest, { _tag: "Say" }>, "nth"> | { readonly _tag: "Stop" }
  ): Effect.Effect<void, Error> {
    return Effect.suspend(() => {
      const nth = ++this.#nth
      const asked = Deferred.makeUnsafe<void, Error>()
      this.#asked.set(nth, asked)
      this.#worker.postMessage({ ...request, nth })
      return Deferred.await(asked)
    })
  }

  get stop(): Effect.Effect<void> {
    return this.ask({ _tag: "Stop" }).pipe(
      Effect.ignore,
      Effect.timeoutOption(stopWithin),
      Effect.andThen(Effect.promise(() => this.#worker.terminate()))
    )
  }
}

/**
 * Starts the server of every link that has panels of the campus, in a thread of their own: loading the library takes most
 * of a second, and their work is not to stand in the way of whoever listens to them. They live until the scope closes.
 */
export const opcuaDevicesApart = (data: ApartData): Effect.Effect<OpcuaDevicesApart, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => new Apart(data)),
    ({ stop }) => stop
  ).pipe(
    Effect.map((apart) => ({
      started: Deferred.await(apart.started),
      say: (world, signals) => apart.ask({ _tag: "Say", world, signals })
    }))
  )
