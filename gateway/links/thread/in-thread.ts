import { Effect, type Scope } from "effect"
import type { Adapter } from "../../../adapters/adapter.ts"
import type { Device } from "../../domain/campus.ts"
import { AdapterThread, type ThreadOptions } from "./adapter-thread.ts"

/** Numbers the memories that runs are given, so that the other thread knows one again. */
const makeNumbers = () => {
  const numbers = new WeakMap<object, number>()
  let last = 0
  return (one: object): number => {
    const known = numbers.get(one) ?? ++last
    numbers.set(one, known)
    return known
  }
}

export interface InThreadOptions extends ThreadOptions {
  /** The points of a device whose commands somebody may want to know. */
  readonly pointsOf: (device: Device) => ReadonlyArray<string>
}

/**
 * The adapter, its links run on a thread of their own, all on the same: what it has to compute holds nobody else up. The
 * thread starts with the first link and ends with the scope; one that ends by a fault takes its links down with it, and
 * the next attempt starts another.
 */
export const inThread = (
  adapter: Adapter<unknown>,
  options: InThreadOptions
): Effect.Effect<Adapter<unknown>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { thread: module, protocol: name } = adapter
    if (module === undefined) return adapter
    const services = yield* Effect.context<never>()
    const memoryOf = makeNumbers()
    let running: AdapterThread | undefined
    yield* Effect.addFinalizer(() => Effect.promise(async () => running?.terminate()))
    return {
      ...adapter,
      link: (settings, context) =>
        Effect.suspend(() => {
          if (running === undefined || running.isOver)
            running = new AdapterThread({ module: module.href, name }, options, services)
          const { link, devices, timeZone, profilesDirectory, aliveAt, memory } = context
          return running.link(settings, context, {
            link,
            devices,
            timeZone,
            profilesDirectory,
            ...(aliveAt === undefined ? {} : { aliveAt }),
            memory: memoryOf(memory),
            points: devices.flatMap(options.pointsOf)
          })
        })
    }
  })
