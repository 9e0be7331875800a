import type { Fact } from "../../gateway/domain/fact.ts"
import { AreaId, type EpochMs } from "../../gateway/domain/ids.ts"
import type { Order } from "./scenario.ts"

/** What an officer's word is in the log, as the gateway's API would have entered it at `at`. */
export const factOf = ({ by, reason, what }: Order, at: EpochMs): Fact => {
  const said = { at, by, reason }
  switch (what._tag) {
    case "Override": {
      const { area, state, forMs } = what
      return { _tag: "AreaArmingOverridden", area: AreaId.make(area), state, until: at + forMs, ...said }
    }
    case "EndOverride":
      return { _tag: "AreaArmingOverrideEnded", area: AreaId.make(what.area), ...said }
    case "ThreatLevel": {
      const ends = what.forMs === undefined ? {} : { until: at + what.forMs }
      return { _tag: "ThreatLevelSet", level: what.level, ...said, ...ends }
    }
  }
}
