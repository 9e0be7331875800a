import { Clock, Context, Effect, Random, References, Scheduler } from "effect"
import { Duration } from "effect"
import type { EventLoop } from "../../gateway/intake/event-loop.ts"

interface Timer {
  readonly at: number
  readonly work: () => void
  off: boolean
}

/**
 * Time that passes only when it is told to, and the turns of the event loop in it: what is to run soon runs before any time
 * passes, in the order in which it came, and what falls due runs at its instant. Nothing waits and nothing is by chance.
 */
export class VirtualTime {
  now: number
  #turns: Array<() => void> = []
  /** By their instants; of one instant in the order in which they came. */
  readonly #timers: Array<Timer> = []

  constructor(now: number) {
    this.now = now
  }

  soon(work: () => void): void {
    this.#turns.push(work)
  }

  after(ms: number, work: () => void): () => void {
    const timer: Timer = { at: this.now + Math.max(0, Math.ceil(ms)), work, off: false }
    let place = this.#timers.length
    while (place > 0 && this.#timers[place - 1]!.at > timer.at) place--
    this.#timers.splice(place, 0, timer)
    return () => void (timer.off = true)
  }

  /** Runs whatever is to run at this instant, until nothing is left. */
  settle(): void {
    for (let turns = 0; this.#turns.length > 0; turns++) {
      if (turns > 10_000) throw new Error("something goes on for ever at one instant")
      const turn = this.#turns
      this.#turns = []
      for (const work of turn) work()
    }
  }

  /** Lets time come to `until`: all that falls due on the way runs at its instant. */
  pass(until: number): void {
    this.settle()
    for (let next = this.#timers[0]; next !== undefined && next.at <= until; next = this.#timers[0]) {
      this.#timers.shift()
      if (next.off) continue
      this.now = Math.max(this.now, next.at)
      next.work()
      this.settle()
    }
    this.now = Math.max(this.now, until)
  }
}

const nanos = (ms: number): bigint => BigInt(Math.round(ms * 1e6))

/** Effect's clock by a loop and the time it runs in. */
const clockOf = (now: () => number, { after }: EventLoop): Clock.Clock => ({
  currentTimeMillisUnsafe: now,
  currentTimeMillis: Effect.sync(now),
  currentTimeNanosUnsafe: () => nanos(now()),
  currentTimeNanos: Effect.sync(() => nanos(now())),
  monotonicTimeNanosUnsafe: () => nanos(now()),
  monotonicTimeNanos: Effect.sync(() => nanos(now())),
  sleep: (duration) =>
    Effect.callback<void>((resume) => {
      const callOff = after(Duration.toMillis(duration), () => resume(Effect.void))
      return Effect.sync(callOff)
    })
})

/** All that an Effect program takes from its machine, by a loop of virtual time and a chance of its own. */
export const machineOf = (now: () => number, loop: EventLoop, chance: () => number): Context.Context<never> => {
  const scheduler = new Scheduler.MixedScheduler("async", (work) => {
    let off = false
    loop.soon(() => {
      if (!off) work()
    })
    return () => void (off = true)
  })
  return Context.make(Clock.Clock, clockOf(now, loop)).pipe(
    Context.add(Scheduler.Scheduler, scheduler),
    Context.add(Random.Random, {
      nextDoubleUnsafe: chance,
      nextIntUnsafe: () => Math.floor(chance() * Number.MAX_SAFE_INTEGER)
    }),
    Context.add(References.MinimumLogLevel, "None")
  )
}
