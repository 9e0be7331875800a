import { Effect, type Scope } from "effect"
import type { Campus, Door } from "../../gateway/domain/campus.ts"
import { type Action, inWords } from "../campus/action.ts"
import { campusDay, type Incident } from "../campus/day.ts"
import { chance, type Timed } from "../campus/people.ts"
import { stepWorld, type World, worldAtRest } from "../campus/world.ts"
import { simulateDevices } from "../mqtt/devices.ts"
import { speakersOf } from "../mqtt/speakers.ts"
import { type ApartData, opcuaDevicesApart } from "../opcua/apart.ts"
import { onvifDevicesOf } from "../onvif/campus-devices.ts"
import { allGreeted } from "./play.ts"

/** The first door is forced this long after the demonstration began; it is told before. */
export const forcedAfterMs = 20_000
const toldBeforeMs = 15_000

/** How long until everything out of the ordinary has happened once, and happens again elsewhere. */
const roundMs = 8 * 60_000

/** From the first to the last: what nobody attends, what has a reader, and a device with a connection of its own. */
interface Targets {
  readonly unattended: ReadonlyArray<Door>
  readonly attended: ReadonlyArray<Door>
  readonly devices: ReadonlyArray<string>
}

/** Forced first of all, where the campus has it. */
const favourite = "roof-hatch"

const targetsOf = (campus: Campus): Targets => {
  const withContact = campus.doors.filter((door) => door.position !== undefined)
  const readers = (door: Door): number => door.accessPoints?.length ?? 0
  const unattended = withContact.filter((door) => readers(door) === 0 && (door.rex?.length ?? 0) === 0)
  const first = Math.max(
    0,
    unattended.findIndex((door) => door.id === favourite)
  )
  const alone = speakersOf(campus).flatMap(({ devices, will }) =>
    will !== undefined && devices.length === 1 ? devices : []
  )
  return {
    unattended: [...unattended.slice(first), ...unattended.slice(0, first)],
    attended: withContact.filter((door) => readers(door) > 0),
    devices: alone.toReversed()
  }
}

const nth = <A>(items: ReadonlyArray<A>, index: number): A | undefined => items[index % items.length]

const timed = (afterMs: number, action: Action): Timed => ({ afterMs, action })

const forced = (atMs: number, door: Door): Incident => ({
  atMs: atMs - toldBeforeMs,
  doors: [door.id],
  course: [
    { afterMs: 0, text: `${door.name} will be forced in ${toldBeforeMs / 1000} s` },
    timed(toldBeforeMs, { _tag: "Open", door: door.id }),
    timed(toldBeforeMs + 14_000, { _tag: "Close", door: door.id })
  ]
})

const held = (atMs: number, door: Door): Incident => ({
  atMs,
  doors: [door.id],
  course: [
    { afterMs: 0, text: `Somebody props ${door.name} open` },
    timed(1000, { _tag: "Badge", door: door.id, person: "george", granted: true }),
    timed(2500, { _tag: "Open", door: door.id }),
    timed(75_000, { _tag: "Close", door: door.id })
  ]
})

const deniedBurst = (atMs: number, door: Door): Incident => ({
  atMs,
  doors: [door.id],
  course: [0, 4000, 7000, 11_000].map((afterMs) =>
    timed(afterMs, { _tag: "Badge", door: door.id, person: "visitor", granted: false })
  )
})

/** Longer than a device's grace, so that it becomes an alert. */
const offline = (atMs: number, device: string): Incident => ({
  atMs,
  doors: [],
  course: [timed(0, { _tag: "Offline", device }), timed(110_000, { _tag: "Online", device })]
})

/** What goes wrong in the demonstration, without end: a round of incidents, then the same elsewhere. */
export function* demoIncidents(campus: Campus): Generator<Incident, never, void> {
  const { unattended, attended, devices } = targetsOf(campus)
  for (let round = 0; ; round++) {
    const at = round * roundMs
    const [toForce, toHold] = [nth(unattended, round), nth(attended, round + 1)]
    const [toTry, toCut] = [nth(attended, round + 2), nth(devices, round)]
    if (toForce !== undefined) yield forced(at + forcedAfterMs, toForce)
    if (toHold !== undefined) yield held(at + 90_000, toHold)
    if (toTry !== undefined) yield deniedBurst(at + 200_000, toTry)
    if (toCut !== undefined) yield offline(at + 250_000, toCut)
    if (unattended.length + attended.length + devices.length === 0)
      yield { atMs: at, doors: [], course: [{ afterMs: 0, text: "Nothing can happen on a campus without doors" }] }
  }
}

/** The simulated campus of a demonstration, its devices waiting to be called. */
export interface DemoWorld {
  /**
   * Connects the devices that call to the broker at `url` (`mqtt://127.0.0.1:1883`), and lets the campus live until the
   * scope closes: people come and go, and now and then something goes wrong. Completes once every device is connected.
   * `onStep` is told what happens out of the ordinary, in words.
   */
  readonly live: (options: {
    readonly url: string
    readonly onStep: (step: string) => void
  }) => Effect.Effect<void, Error, Scope.Scope>
}

/** Where the campus's OPC UA servers are, and who may ask them. */
export type DemoPanels = Omit<ApartData, "campus" | "world">

/**
 * Starts a campus at rest, whatever was before, and those of its devices that wait to be called: what speaks ONVIF, and
 * what speaks OPC UA where it is said at which places.
 */
export const openDemoWorld = Effect.fn("openDemoWorld")(function* (
  campus: Campus,
  panels?: DemoPanels
): Effect.fn.Return<DemoWorld, Error, Scope.Scope> {
  let world: World = worldAtRest(campus)
  const apart = panels === undefined ? undefined : yield* opcuaDevicesApart({ campus, world, ...panels })
  const called = yield* onvifDevicesOf({ campus, world: () => world, now: Date.now })
  if (apart !== undefined) yield* apart.started
  const live: DemoWorld["live"] = Effect.fn("live")(function* ({ url, onStep }) {
    const calling = yield* simulateDevices({ url, speakers: speakersOf(campus), world: () => world, now: Date.now })
    yield* allGreeted(calling, url)
    const start = Date.now()
    const nameOf = (id: string): string => [...campus.doors, ...campus.devices].find((one) => one.id === id)?.name ?? id
    onStep(`People come and go at ${campus.doors.length} doors`)
    const day = Effect.gen(function* () {
      for (const moment of campusDay(campus, chance(start), demoIncidents(campus))) {
        yield* Effect.sleep(Math.max(0, start + moment.atMs - Date.now()))
        if (moment._tag === "Told") {
          onStep(moment.text)
          continue
        }
        const stepped = stepWorld(world, moment.action)
        world = stepped.world
        if (moment.incident) onStep(inWords(moment.action, nameOf))
        yield* called.say(stepped.signals)
        const said = apart?.say(world, stepped.signals) ?? Effect.void
        yield* Effect.forkScoped(
          said.pipe(Effect.catch(({ message }) => Effect.sync(() => onStep(`The panels cannot go on: ${message}`))))
        )
        // Life does not wait for a broker; what it says while the broker is away waits in the devices.
        yield* Effect.forkScoped(calling.say(stepped.signals, Date.now()))
      }
    })
    yield* Effect.forkScoped(day)
  })
  return { live }
})
