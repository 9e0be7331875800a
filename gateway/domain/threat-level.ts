import { Schema } from "effect"
import { EpochMs } from "./ids.ts"

/** How much the site expects to happen: one of the levels that it has configured. */
export const ThreatLevelName = Schema.String.pipe(
  Schema.check(
    Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
      expected: 'a threat level: letters, digits, ".", "_" and "-", at most 64, such as "elevated"'
    })
  )
).annotate({ identifier: "ThreatLevelName" })
export type ThreatLevelName = typeof ThreatLevelName.Type

/** Lowest first; the lowest is the one that holds while nobody has said otherwise. */
export const defaultThreatLevels: ReadonlyArray<ThreatLevelName> = ["normal", "elevated", "high"]

/** The level that an officer has set, until somebody sets another one or its time is over. */
export const ThreatLevel = Schema.Struct({
  level: ThreatLevelName,
  since: EpochMs,
  by: Schema.NonEmptyString,
  reason: Schema.NonEmptyString,
  /** From here on the lowest level holds again; absent: until somebody says so. */
  until: Schema.optionalKey(EpochMs)
}).annotate({ identifier: "ThreatLevel" })
export type ThreatLevel = typeof ThreatLevel.Type
