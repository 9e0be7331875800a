import { Effect, Fiber, type Scope } from "effect"
import type { Campus } from "../../gateway/domain/campus.ts"
import { type World, worldAtRest } from "../campus/world.ts"
import { type Devices, simulateDevices } from "../mqtt/devices.ts"
import type { Speaker } from "../mqtt/dialect.ts"
import { speakersOf } from "../mqtt/speakers.ts"
import { type CourseEvent, courseOf } from "./course.ts"
import type { Carriage, Scenario } from "./scenario.ts"

export interface PlayOptions {
  readonly campus: Campus
  /** `mqtt://127.0.0.1:1883`. */
  readonly url: string
  /** What happens, in words. */
  readonly onStep: (step: string) => void
  readonly username?: string | undefined
  readonly password?: string | undefined
}

/** A broker that has not taken every device in by then is told as not reachable; it may be starting just now. */
const greetWithin = "5 seconds"

/** A broker that went away during the scenario may come back until this long after the last step. */
const answerWithin = "30 seconds"

/** Sends what no device of the campus says. */
const stranger: Speaker = {
  clientId: "stranger",
  devices: [],
  own: "",
  will: undefined,
  greet: () => [],
  say: () => []
}

const copies = ({ times, redelivered }: Carriage): number => times * (redelivered ? 2 : 1)

const secondsAfter = (start: number, at: number): string => `${((at - start) / 1000).toFixed(1)} s`.padStart(8)

/** Completes when every device has connected and greeted; fails with what is wrong when the broker does not let them. */
export const allGreeted = (devices: Devices, url: string): Effect.Effect<void, Error> =>
  devices.greeted.pipe(
    Effect.timeoutOrElse({
      duration: greetWithin,
      orElse: () => Effect.fail(new Error(`there is no broker at ${url}: ${devices.trouble() ?? "no answer"}`))
    })
  )

/** Does on the sockets what an event of the course says; the answer completes when the broker has answered. */
const enact = (devices: Devices, event: CourseEvent): Effect.Effect<void> => {
  switch (event._tag) {
    case "Says":
      return devices.publish(
        event.speaker,
        Array.from({ length: copies(event.carriage) }, () => event.message)
      )
    case "Sends":
      return devices.publish(
        stranger,
        Array.from({ length: copies(event.carriage) }, () => event.message)
      )
    case "Cut":
      return devices.cut(event.speaker)
    case "Joins":
      return devices.join(event.speaker)
    case "Orders":
    case "GatewayDies":
    case "GatewayBack":
    case "Rejoin":
    case "Told":
      return Effect.void
  }
}

const words = (event: CourseEvent): string | undefined => {
  switch (event._tag) {
    case "Told":
      return event.text
    case "Sends":
      return `a message comes on ${event.message.topic}`
    case "Orders":
      return `${event.order.by} says something to the gateway in this scenario: say it yourself, if you want to see it`
    case "GatewayDies":
      return "the gateway dies in this scenario: stop it yourself, if you want to see it"
    case "GatewayBack":
      return "the gateway is back in this scenario"
    default:
      return undefined
  }
}

/**
 * Plays a scenario's steps in real time, on the devices' own protocols; completes when the broker has answered for the
 * last of them. Time begins once every device has greeted. The scenario fits the campus (`fitsCampus`).
 */
export const playScenario = Effect.fn("playScenario")(function* (
  scenario: Scenario,
  { campus, url, onStep, username, password }: PlayOptions
): Effect.fn.Return<void, Error, Scope.Scope> {
  let world: World = worldAtRest(campus)
  const speakers = speakersOf(campus)
  const sends = scenario.steps.some((step) => step._tag === "Sends")
  const devices = yield* simulateDevices({
    url,
    speakers: sends ? [...speakers, stranger] : speakers,
    world: () => world,
    now: Date.now,
    username,
    password
  })
  yield* allGreeted(devices, url)
  const start = Date.now()
  const underWay: Array<Fiber.Fiber<void>> = []
  for (const event of courseOf({ campus, speakers, steps: scenario.steps, start })) {
    // The devices have greeted by themselves.
    if (event.at < start) continue
    yield* Effect.sleep(Math.max(0, event.at - Date.now()))
    if (event._tag === "Told") world = event.world
    const text = words(event)
    if (text !== undefined) onStep(`${secondsAfter(start, event.at)}  ${text}`)
    underWay.push(yield* Effect.forkScoped(enact(devices, event)))
  }
  yield* Fiber.joinAll(underWay).pipe(
    Effect.timeoutOrElse({
      duration: answerWithin,
      orElse: () =>
        Effect.fail(new Error(`the broker at ${url} does not answer: ${devices.trouble() ?? "no reason given"}`))
    })
  )
  const lost = devices.lost()
  if (lost > 0) return yield* Effect.fail(new Error(`the broker was away too long: ${lost} messages were lost`))
})
