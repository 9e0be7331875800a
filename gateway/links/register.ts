import { Effect, Semaphore } from "effect"
import type { DeviceId } from "../domain/ids.ts"
import { LinkId } from "../domain/ids.ts"
import type { LinkState } from "../domain/link.ts"
import type { Observation } from "../domain/observation.ts"
import { Intake } from "../intake/intake.ts"
import { makeBounds } from "./bounded.ts"
import { makeLosses } from "./losses.ts"
import { makeTurnedAway } from "./turned-away.ts"

const tell = (name: string, state: LinkState): Effect.Effect<void> =>
  "reason" in state
    ? Effect.logWarning(`${name} is ${state._tag}: ${state.reason}`)
    : Effect.logInfo(`${name} is ${state._tag}`)

/** Enters a link's change of state as a fact. A store that refuses keeps no link states either. */
export const enterState =
  (link: string) =>
  (state: LinkState): Effect.Effect<void, never, Intake> =>
    Effect.gen(function* () {
      const intake = yield* Intake
      yield* tell(`link ${link}`, state)
      yield* intake.enter({ _tag: "LinkChanged", link: LinkId.make(link), state }).pipe(Effect.ignore)
    })

/** A device that has a link of its own is there when the link holds. That it is being asked says nothing yet. */
const availabilityIn = (state: LinkState): Pick<Availability, "state" | "reason"> | undefined => {
  switch (state._tag) {
    case "Online":
      return { state: "online", reason: "its link holds" }
    case "Offline":
    case "Rejected":
      return { state: "offline", reason: state.reason }
    case "Connecting":
    case "Stopped":
      return undefined
  }
}

type Availability = Extract<Observation, { _tag: "Availability" }>

/** Reports a device's own link as the device's availability, and completes once it is on disk or refused. */
export const reportAvailability =
  (link: string, device: DeviceId, now: () => number) =>
  (state: LinkState): Effect.Effect<void, never, Intake> =>
    Effect.gen(function* () {
      const intake = yield* Intake
      yield* tell(`device ${device} on link ${link}`, state)
      const said = availabilityIn(state)
      if (said === undefined) return
      const observation: Availability = {
        _tag: "Availability",
        device,
        origin: "change",
        source: `link ${link}`,
        ...said
      }
      yield* Effect.callback<void>((resume) =>
        intake.report(link, { observations: [observation], receivedAt: now(), source: device }, () =>
          resume(Effect.void)
        )
      )
    })

/** What the other side of a link grants, by name. */
export type Granted = Readonly<Record<string, number>>

/**
 * Holds one link's state and what is to be told of it later. `entered` writes a change of state down: once each and in
 * order; attempts that go on failing change the reason that is shown, and fill no log.
 */
export const makeRegister = Effect.fnUntraced(function* (
  entered: (state: LinkState) => Effect.Effect<void, never, Intake>,
  counts: Record<string, number>
) {
  const intake = yield* Intake
  const oneAtATime = yield* Semaphore.make(1)
  let state: LinkState | undefined
  let granted: Granted = {}
  const become = (next: LinkState): Effect.Effect<void> =>
    Effect.suspend(() => {
      const before = state?._tag
      state = next
      return before === next._tag ? Effect.void : entered(next).pipe(Effect.provideService(Intake, intake))
    }).pipe(Semaphore.withPermit(oneAtATime))
  return {
    become,
    state: (): LinkState => state ?? { _tag: "Connecting" },
    counts,
    count: (name: string, amount = 1): void => void (counts[name] = (counts[name] ?? 0) + amount),
    granted: (): Granted => granted,
    grant: (levels: Granted): void => void (granted = levels),
    turnedAway: makeTurnedAway(),
    bounds: makeBounds(),
    losses: makeLosses()
  }
})

export type Register = Effect.Success<ReturnType<typeof makeRegister>>
