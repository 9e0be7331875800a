import { Context, Effect, HashMap, Layer, Option, Schema } from "effect"
import type { NotKept } from "../../adapters/adapter.ts"
import { threatLevelsOf } from "../correlation/threat-level.ts"
import type { ArmingState } from "../domain/arming.ts"
import { AreaId } from "../domain/ids.ts"
import { Intake, type Unstamped } from "../intake/intake.ts"

/** The campus has no such area. */
export class UnknownArea extends Schema.TaggedError<UnknownArea>()("UnknownArea", { area: Schema.String }) {
  override get message(): string {
    return `there is no area ${this.area}`
  }
}

/** An area cannot be armed or disarmed for so long. */
export class OverrideTooLong extends Schema.TaggedError<OverrideTooLong>()("OverrideTooLong", {
  area: Schema.String,
  maxHours: Schema.Finite
}) {
  override get message(): string {
    return `area ${this.area} cannot be overridden for so long: ${this.maxHours} h is the longest (arming.overrideMaxHours of the configuration); what lasts longer belongs to its schedule`
  }
}

/** An area that follows its schedule cannot be given back to it. */
export class AreaNotOverridden extends Schema.TaggedError<AreaNotOverridden>()("AreaNotOverridden", {
  area: Schema.String
}) {
  override get message(): string {
    return `area ${this.area} is not overridden, or no longer`
  }
}

/** The site has no such threat level. */
export class UnknownThreatLevel extends Schema.TaggedError<UnknownThreatLevel>()("UnknownThreatLevel", {
  level: Schema.String,
  known: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `there is no threat level "${this.level}"; this site has ${this.known.join(", ")}`
  }
}

/** What an officer wants of an area, and for how long. */
export interface ArmingOrder {
  readonly area: string
  readonly state: ArmingState
  readonly minutes: number
  readonly by: string
  readonly reason: string
}

/** What an officer wants the threat level to be. */
export interface ThreatOrder {
  readonly level: string
  /** Absent: until somebody sets another one. */
  readonly minutes?: number | undefined
  readonly by: string
  readonly reason: string
}

export interface AreasOptions {
  readonly now: () => number
  /** No area is armed or disarmed against its schedule for longer. Read anew for each order. */
  readonly limits: { readonly overrideMaxHours: number }
}

/** What officers say of areas and of the site. Each word is a fact in the log before it is answered. */
export class Areas extends Context.Service<
  Areas,
  {
    /** A second word on an area takes the place of the first. */
    readonly override: (order: ArmingOrder) => Effect.Effect<void, UnknownArea | OverrideTooLong | NotKept>
    readonly endOverride: (
      area: string,
      by: string,
      reason: string
    ) => Effect.Effect<void, UnknownArea | AreaNotOverridden | NotKept>
    readonly setThreatLevel: (order: ThreatOrder) => Effect.Effect<void, UnknownThreatLevel | NotKept>
  }
>()("gateway/Areas") {
  static readonly layer = (options: AreasOptions) => Layer.effect(Areas, make(options))
}

const hourMs = 3_600_000
const minuteMs = 60_000

const make = Effect.fnUntraced(function* ({ now, limits }: AreasOptions) {
  const intake = yield* Intake
  const enter = (fact: Unstamped) => Effect.asVoid(intake.enter(fact))

  const known = (area: string): Effect.Effect<AreaId, UnknownArea> =>
    Effect.suspend(() => {
      const found = intake.situation().campus?.areas.find(({ id }) => id === area)
      return found === undefined ? Effect.fail(new UnknownArea({ area })) : Effect.succeed(found.id)
    })

  return Areas.of({
    override: Effect.fn("Areas.override")(function* ({ area, state, minutes, by, reason }) {
      const id = yield* known(area)
      const maxHours = limits.overrideMaxHours
      if (minutes * minuteMs > maxHours * hourMs) return yield* new OverrideTooLong({ area, maxHours })
      const until = now() + minutes * minuteMs
      yield* enter({ _tag: "AreaArmingOverridden", area: id, state, until, by, reason })
    }),
    endOverride: Effect.fn("Areas.endOverride")(function* (area, by, reason) {
      const id = yield* known(area)
      const standing = Option.getOrUndefined(HashMap.get(intake.situation().arming, id))
      if (standing?.override === undefined) return yield* new AreaNotOverridden({ area })
      yield* enter({ _tag: "AreaArmingOverrideEnded", area: id, by, reason })
    }),
    setThreatLevel: Effect.fn("Areas.setThreatLevel")(function* ({ level, minutes, by, reason }) {
      const levels = threatLevelsOf(intake.situation().campus)
      if (!levels.includes(level)) return yield* new UnknownThreatLevel({ level, known: levels })
      const ends = minutes === undefined ? {} : { until: now() + minutes * minuteMs }
      yield* enter({ _tag: "ThreatLevelSet", level, by, reason, ...ends })
    })
  })
})
