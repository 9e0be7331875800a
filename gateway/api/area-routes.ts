import { Effect, HashMap, Option, Schema } from "effect"
import { threatLevelAt, threatLevelsOf } from "../correlation/threat-level.ts"
import type { Situation } from "../correlation/situation.ts"
import { ArmingOverride, ArmingState } from "../domain/arming.ts"
import type { Area } from "../domain/campus.ts"
import { AreaId, EpochMs } from "../domain/ids.ts"
import { ThreatLevelName } from "../domain/threat-level.ts"
import { endpoint, type Endpoint } from "./endpoint.ts"
import { notFound } from "./problem.ts"
import { prose } from "./shapes.ts"
import type { Sources } from "./sources.ts"
import { whereIsArea } from "../domain/where.ts"

/** An area, and how it stands. */
export const AreaItem = Schema.Struct({
  id: AreaId,
  name: Schema.String,
  where: Schema.String.annotate({ description: "In words: Science Hall · Upper floor" }),
  in: Schema.optionalKey(AreaId),
  state: ArmingState,
  since: Schema.NullOr(EpochMs).annotate({ description: "null: nobody has ever said when it is armed" }),
  because: Schema.String.annotate({ description: "What decides: a schedule, or an officer with a reason" }),
  override: Schema.optionalKey(ArmingOverride)
}).annotate({ identifier: "AreaItem" })
export const AreaItems = Schema.Struct({ items: Schema.Array(AreaItem) })

/** The threat level that holds, and who set it. */
export const ThreatLevelAnswer = Schema.Struct({
  level: ThreatLevelName,
  levels: Schema.Array(ThreatLevelName).annotate({ description: "All that the site has, lowest first" }),
  since: Schema.optionalKey(EpochMs),
  by: Schema.optionalKey(Schema.String),
  reason: Schema.optionalKey(Schema.String),
  until: Schema.optionalKey(EpochMs)
}).annotate({ identifier: "ThreatLevelAnswer" })

/** The configuration may allow less; no more can be allowed: a week. */
const minutes = Schema.Int.pipe(
  Schema.check(
    Schema.isBetween({ minimum: 1, maximum: 10_080 }, { expected: "minutes: a whole number from 1 to 10080" })
  )
)
export const OverrideBody = Schema.Struct({ state: ArmingState, minutes, reason: prose("a reason") })
export const EndOverrideBody = Schema.Struct({ reason: prose("a reason") })
export const ThreatLevelBody = Schema.Struct({
  level: Schema.NonEmptyString,
  minutes: Schema.optionalKey(minutes).annotate({ description: "Absent: until somebody sets another one" }),
  reason: prose("a reason")
})

const areaItem = (situation: Situation, area: Area): typeof AreaItem.Type => {
  const standing = Option.getOrUndefined(HashMap.get(situation.arming, area.id))
  return {
    id: area.id,
    name: area.name,
    where: whereIsArea(situation.campus, area.id),
    ...(area.in === undefined ? {} : { in: area.in }),
    state: standing?.state ?? "disarmed",
    since: standing?.since ?? null,
    because: standing?.because ?? "no schedule says when it is armed",
    ...(standing?.override === undefined ? {} : { override: standing.override })
  }
}

const threatLevel = (situation: Situation): typeof ThreatLevelAnswer.Type => {
  const level = threatLevelAt(situation)
  const levels = threatLevelsOf(situation.campus)
  const { threat } = situation
  if (threat === undefined || threat.level !== level) return { level, levels }
  const { since, by, reason, until } = threat
  return { level, levels, since, by, reason, ...(until === undefined ? {} : { until }) }
}

/** Areas, how they are armed, and the site's threat level: what there is, and what officers say of it. */
export const areaRoutes = ({ intake, areas }: Sources): ReadonlyArray<Endpoint> => {
  const items = () => {
    const situation = intake.situation()
    return (situation.campus?.areas ?? []).map((area) => areaItem(situation, area))
  }
  const one = (id: string) =>
    Effect.suspend(() => {
      const found = items().find((item) => item.id === id)
      return found === undefined
        ? Effect.fail(notFound("unknown-area", `there is no area ${id}`))
        : Effect.succeed(found)
    })
  return [
    endpoint({
      method: "get",
      path: "/areas",
      right: "see",
      summary: "Every area, whether it is armed, and what decides that",
      answer: AreaItems,
      handle: () => Effect.sync(() => ({ items: items() }))
    }),
    endpoint({
      method: "post",
      path: "/areas/{id}/override",
      right: "arm",
      summary:
        "Arm or disarm an area against its schedule for so many minutes; all in it that has no arming of its own follows",
      body: OverrideBody,
      answer: AreaItem,
      problems: [404, 422],
      handle: ({ param, by, body: { state, minutes: forMinutes, reason } }) =>
        Effect.andThen(areas.override({ area: param("id"), state, minutes: forMinutes, by, reason }), one(param("id")))
    }),
    endpoint({
      method: "post",
      path: "/areas/{id}/end-override",
      right: "arm",
      summary: "Give an area back to its schedule before the override's time is over",
      body: EndOverrideBody,
      answer: AreaItem,
      problems: [404, 409],
      handle: ({ param, by, body }) => Effect.andThen(areas.endOverride(param("id"), by, body.reason), one(param("id")))
    }),
    endpoint({
      method: "get",
      path: "/threat-level",
      right: "see",
      summary: "The site's threat level, and all that it has",
      answer: ThreatLevelAnswer,
      handle: () => Effect.sync(() => threatLevel(intake.situation()))
    }),
    endpoint({
      method: "post",
      path: "/threat-level",
      right: "arm",
      summary: "Set the site's threat level, for so many minutes or until somebody sets another",
      body: ThreatLevelBody,
      answer: ThreatLevelAnswer,
      problems: [422],
      handle: ({ by, body }) => Effect.map(areas.setThreatLevel({ ...body, by }), () => threatLevel(intake.situation()))
    })
  ]
}
