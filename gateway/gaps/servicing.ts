import { Effect, HashMap, Option } from "effect"
import type { NotKept } from "../../adapters/adapter.ts"
import { bypassable, rolesIn } from "../correlation/campus-index.ts"
import type { Situation } from "../correlation/situation.ts"
import type { Door } from "../domain/campus.ts"
import type { PointRef } from "../domain/ids.ts"
import { type Bypass, type Maintenance, type ServicedThing, serviceKeyOf } from "../domain/out-of-service.ts"
import type { Intake } from "../intake/intake.ts"
import type { Settings } from "../settings/load-settings.ts"
import { NothingToService, NotOutOfService, ServiceRefused } from "./refused.ts"

/** Who takes something out of service, why, and for how long; left out: as long as the configuration allows. */
export interface Servicing {
  readonly by: string
  readonly reason: string
  readonly minutes?: number | undefined
}

/** The time that is asked for, where it may be. */
const minutesOf = ({ minutes }: Servicing, most: number, setting: string): Effect.Effect<number, ServiceRefused> => {
  if (minutes === undefined || minutes <= most) return Effect.succeed(minutes ?? most)
  return Effect.fail(new ServiceRefused({ why: `${most} minutes is the longest (${setting} of the configuration)` }))
}

const isConfigured = ({ campus }: Situation, { door, device, area }: ServicedThing): boolean =>
  campus !== undefined &&
  (campus.doors.some(({ id }) => id === door) ||
    campus.devices.some(({ id }) => id === device) ||
    campus.areas.some(({ id }) => id === area))

const doorOfPoint = ({ campus }: Situation, point: string): Door | undefined =>
  campus?.doors.find((door) => rolesIn(door, point).length > 0)

const whyNot = (door: Door, point: string): string | undefined => {
  const roles = rolesIn(door, point)
  if (roles.every((role) => bypassable.has(role))) return undefined
  const role = roles.find((one) => !bypassable.has(one)) ?? "point"
  return (
    `${point} is a ${role} of ${door.name}, which must be believed; put the door in maintenance instead, ` +
    `or disable the device in the configuration`
  )
}

/** What officers take out of service, and put back. Every act is a fact in the log before it is answered. */
export const makeServicing = (
  intake: Intake["Service"],
  limits: () => Pick<Settings, "maintenance">["maintenance"]
) => ({
  /** A second time puts another end to it, counted from now. */
  begin: Effect.fn("Gaps.begin")(function* (
    about: ServicedThing,
    servicing: Servicing
  ): Effect.fn.Return<Maintenance, NothingToService | ServiceRefused | NotKept> {
    const key = serviceKeyOf(about)
    if (!isConfigured(intake.situation(), about)) return yield* new NothingToService({ what: key.replace(":", " ") })
    const { by, reason } = servicing
    const minutes = yield* minutesOf(servicing, limits().maxMinutes, "maintenance.maxMinutes")
    yield* intake.enter({ _tag: "MaintenanceBegan", ...about, by, reason, minutes })
    const begun = Option.getOrUndefined(HashMap.get(intake.situation().maintenance, key))
    return begun ?? (yield* new NothingToService({ what: key.replace(":", " ") }))
  }),

  end: Effect.fn("Gaps.end")(function* (
    about: ServicedThing,
    by: string
  ): Effect.fn.Return<void, NotOutOfService | NotKept> {
    const key = serviceKeyOf(about)
    if (!HashMap.has(intake.situation().maintenance, key))
      return yield* new NotOutOfService({ what: key.replace(":", " "), state: "in maintenance" })
    yield* intake.enter({ _tag: "MaintenanceEnded", ...about, by })
  }),

  /** A second time puts another end to it, counted from now. */
  bypass: Effect.fn("Gaps.bypass")(function* (
    point: PointRef,
    servicing: Servicing
  ): Effect.fn.Return<Bypass, NothingToService | ServiceRefused | NotKept> {
    const door = doorOfPoint(intake.situation(), point)
    if (door === undefined) return yield* new NothingToService({ what: `point ${point} of a door` })
    const why = whyNot(door, point)
    if (why !== undefined) return yield* new ServiceRefused({ why })
    const { by, reason } = servicing
    const minutes = yield* minutesOf(servicing, limits().bypassMaxMinutes, "maintenance.bypassMaxMinutes")
    yield* intake.enter({ _tag: "PointBypassed", door: door.id, point, by, reason, minutes })
    const begun = Option.getOrUndefined(HashMap.get(intake.situation().bypasses, point))
    return begun ?? (yield* new NothingToService({ what: `point ${point} of a door` }))
  }),

  endBypass: Effect.fn("Gaps.endBypass")(function* (
    point: PointRef,
    by: string
  ): Effect.fn.Return<void, NotOutOfService | NotKept> {
    const bypass = Option.getOrUndefined(HashMap.get(intake.situation().bypasses, point))
    if (bypass === undefined) return yield* new NotOutOfService({ what: point, state: "bypassed" })
    yield* intake.enter({ _tag: "BypassEnded", door: bypass.door, point, by })
  })
})
