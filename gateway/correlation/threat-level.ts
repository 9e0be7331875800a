import type { Campus } from "../domain/campus.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import { defaultThreatLevels, type ThreatLevel } from "../domain/threat-level.ts"
import type { Draft } from "./draft.ts"
import type { Situation } from "./situation.ts"

const key = "threat:site"

/** The levels of a campus, lowest first. */
export const threatLevelsOf = (campus: Campus | undefined): ReadonlyArray<string> =>
  campus?.site.threatLevels ?? defaultThreatLevels

const lowest = (campus: Campus | undefined): string => threatLevelsOf(campus)[0] ?? "normal"

/** The threat level of the site, as the situation stands. */
export const threatLevelAt = ({ threat, campus, at }: Pick<Situation, "threat" | "campus" | "at">): string =>
  threat === undefined || (threat.until !== undefined && threat.until <= at) ? lowest(campus) : threat.level

const become = (draft: Draft, threat: ThreatLevel | undefined, at: EpochMs, reason: string): void => {
  const { campus } = draft.situation
  const from = draft.situation.threat?.level ?? lowest(campus)
  const to = threat?.level ?? lowest(campus)
  draft.situation.threat = threat
  draft.grace(key, threat?.until)
  if (from !== to) draft.event({ _tag: "ThreatLevelChanged", at, from, to, reason })
}

/** A level that the campus does not have is no level: the fact is kept, and nothing follows. */
export const threatLevelSet = (draft: Draft, fact: Extract<Fact, { _tag: "ThreatLevelSet" }>): void => {
  const { level, until, by, reason } = fact
  if (!threatLevelsOf(draft.situation.campus).includes(level)) return
  if (until !== undefined && until <= draft.now) return
  const ends = until === undefined ? {} : { until }
  become(draft, { level, since: draft.now, by, reason, ...ends }, draft.now, `${by}: ${reason}`)
}

/** Its time is over. */
export const threatLevelEnds = (draft: Draft, at: EpochMs): void =>
  become(draft, undefined, at, "the time it was set for is over")

/** The campus may have other levels now. */
export const reviewThreatLevel = (draft: Draft): void => {
  const { threat, campus } = draft.situation
  if (threat !== undefined && !threatLevelsOf(campus).includes(threat.level))
    become(draft, undefined, draft.now, `the configuration no longer has the level "${threat.level}"`)
}
