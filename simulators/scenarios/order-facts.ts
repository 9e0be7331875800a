import type { Fact } from "../../gateway/domain/fact.ts"
import { type AlertId, AreaId, DeviceId, DoorId, type EpochMs, LinkId, PointRef } from "../../gateway/domain/ids.ts"
import type { LinkState } from "../../gateway/domain/link.ts"
import type { Observation } from "../../gateway/domain/observation.ts"
import { RuleId } from "../../gateway/domain/rule.ts"
import type { Named, Order, Serviced } from "./scenario.ts"

const minuteMs = 60_000

/** What an order may ask the gateway that it is given to. */
export interface Receiver {
  /** The link that everything is heard on. */
  readonly link: string
  /** The open alert that is meant. */
  readonly openAlert: (alert: Named) => AlertId | undefined
}

/** An officer's word on an alert that is not open then: the scenario is not as it was meant. */
export class NoSuchAlert extends Error {
  override readonly name = "NoSuchAlert"
  readonly order: Order

  constructor(order: Order, condition: string) {
    super(`no alert ${condition} is open at this time`)
    this.order = order
  }
}

const servicedThing = ({ door, device, area }: Serviced) => ({
  ...(door === undefined ? {} : { door: DoorId.make(door) }),
  ...(device === undefined ? {} : { device: DeviceId.make(device) }),
  ...(area === undefined ? {} : { area: AreaId.make(area) })
})

const linkState = (holds: boolean): LinkState =>
  holds ? { _tag: "Online" } : { _tag: "Offline", reason: "as the scenario has it" }

const observed = (link: string, at: EpochMs, observation: Observation): Fact => ({
  _tag: "Observed",
  at,
  link: LinkId.make(link),
  receivedAt: at,
  occurredAt: at,
  observation
})

/** A certificate as a link that has just connected tells of it. */
const certificateOf = (device: string, until: EpochMs): Observation => ({
  _tag: "Certificate",
  device: DeviceId.make(device),
  holder: "peer",
  fingerprint: `${device} until ${until}`,
  subject: `CN=${device}`,
  validUntil: until,
  source: device
})

/** Messages that a queue on the way had no room for. Whose they were it does not say. */
const lossOf = (count: number): Observation => ({
  _tag: "Gap",
  cause: "QueueDropped",
  devices: [],
  count,
  detail: `${count} messages were thrown away`
})

type AlertWord = Extract<Order["what"], { readonly alert: Named }>

const alertFact = (what: AlertWord, order: Order, at: EpochMs, alert: AlertId | undefined): Fact => {
  if (alert === undefined) throw new NoSuchAlert(order, what.alert.condition)
  const { by, reason } = order
  switch (what._tag) {
    case "Acknowledge":
      return { _tag: "AlertAcknowledged", at, alert, by, note: reason }
    case "CloseAlert":
      return { _tag: "AlertClosed", at, alert, by, reason, outcome: what.outcome }
    case "Shelve":
      return { _tag: "AlertShelved", at, alert, by, reason, minutes: what.forMs / minuteMs }
  }
}

/** What an officer's word is in the log, as the gateway's API would have entered it at `at`. Throws `NoSuchAlert`. */
export const factOf = (order: Order, at: EpochMs, receiver: Receiver): Fact => {
  const { by, reason, what } = order
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
    case "Maintain":
      return { _tag: "MaintenanceBegan", ...servicedThing(what.thing), ...said, minutes: what.forMs / minuteMs }
    case "EndMaintenance":
      return { _tag: "MaintenanceEnded", ...servicedThing(what.thing), at, by }
    case "Bypass": {
      const { door, point, forMs } = what
      const minutes = forMs / minuteMs
      return { _tag: "PointBypassed", door: DoorId.make(door), point: PointRef.make(point), ...said, minutes }
    }
    case "EndBypass":
      return { _tag: "BypassEnded", door: DoorId.make(what.door), point: PointRef.make(what.point), at, by }
    case "Forgive":
      return { _tag: "RuleForgiven", rule: RuleId.make(what.rule), key: what.key, ...said }
    case "Certificate":
      return observed(receiver.link, at, certificateOf(what.device, at + what.endsInMs))
    case "EventsLost":
      return observed(receiver.link, at, lossOf(what.count))
    case "Link":
      return { _tag: "LinkChanged", at, link: LinkId.make(receiver.link), state: linkState(what.holds) }
    case "Acknowledge":
    case "CloseAlert":
    case "Shelve":
      return alertFact(what, order, at, receiver.openAlert(what.alert))
  }
}
