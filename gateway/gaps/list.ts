import type { Situation } from "../correlation/situation.ts"
import type { ConfigProblem } from "../domain/configuration.ts"
import type { EpochMs } from "../domain/ids.ts"
import { type Gap, GapKind } from "../domain/gap.ts"
import { alertGaps } from "./alert-gaps.ts"
import { calendarGaps } from "./calendar-gaps.ts"
import { certificateGaps } from "./certificate-gaps.ts"
import { channelGaps } from "./channel-gaps.ts"
import { consoleGaps } from "./console-gaps.ts"
import { deviceGaps } from "./device-gaps.ts"
import { doorGaps } from "./door-gaps.ts"
import { gatewayGaps } from "./gateway-gaps.ts"
import { incidentGaps } from "./incident-gaps.ts"
import { officerGaps } from "./officer-gaps.ts"
import { pointGaps } from "./point-gaps.ts"

/** A link as it is configured, with what its settings leave unprotected. */
export interface GapLink {
  readonly id: string
  readonly weaknesses: ReadonlyArray<string>
}

/** All that the list is made from. */
export interface GapSources {
  /** The gateway's clock. */
  readonly at: EpochMs
  readonly situation: Situation
  readonly links: ReadonlyArray<GapLink>
  /** What the reader of the configuration warned of: a rule that its controller cannot serve. */
  readonly warnings: ReadonlyArray<ConfigProblem>
  /** The ids of the people who have registered a device, for channels that they have to do that for. */
  readonly registered: ReadonlySet<string>
  /** Whether the log keeps what comes; `refusedSince`: since when it does not. */
  readonly store: { readonly accepting: boolean; readonly refusal?: string; readonly refusedSince?: number }
}

const rank = new Map(GapKind.literals.map((kind, nth) => [kind, nth]))

/** Worst first; among equals the kind, then what has lasted longest; what has no beginning has always been so. */
const byWeight = (a: Gap, b: Gap): number =>
  a.severity - b.severity ||
  (rank.get(a.kind) ?? 0) - (rank.get(b.kind) ?? 0) ||
  (a.since ?? 0) - (b.since ?? 0) ||
  (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** Everything that is not protected right now, worst first. The same situation and configuration give the same list. */
export const gapsOf = (sources: GapSources): ReadonlyArray<Gap> =>
  [
    gatewayGaps,
    channelGaps,
    deviceGaps,
    pointGaps,
    certificateGaps,
    calendarGaps,
    doorGaps,
    officerGaps,
    consoleGaps,
    alertGaps,
    incidentGaps
  ]
    .flatMap((list) => list(sources))
    .sort(byWeight)
