import { AreaId, DeviceId, DoorId, PointRef } from "../../gateway/domain/ids.ts"
import type { Unstamped } from "../../gateway/intake/intake.ts"
import type { Entering } from "./plan.ts"

const [by, reason] = ["Ada", "being repaired"]
const east = DoorId.make("east")
const hall = AreaId.make("hall")
const point = PointRef.make("east-contact/contact")

/** What an officer enters, as the fact that it is. */
export const enteringOf = (what: Entering, now: number, minutes: number): Unstamped => {
  const until = now + minutes * 60_000
  switch (what) {
    case "east in maintenance":
      return { _tag: "MaintenanceBegan", door: east, by, reason, minutes }
    case "panel in maintenance":
      return { _tag: "MaintenanceBegan", device: DeviceId.make("panel"), by, reason, minutes }
    case "hall in maintenance":
      return { _tag: "MaintenanceBegan", area: hall, by, reason, minutes }
    case "maintenance ends":
      return { _tag: "MaintenanceEnded", door: east, by }
    case "contact bypassed":
      return { _tag: "PointBypassed", door: east, point, by, reason, minutes }
    case "bypass ends":
      return { _tag: "BypassEnded", door: east, point, by }
    case "armed":
    case "disarmed":
      return { _tag: "AreaArmingOverridden", area: hall, state: what, until, by, reason }
    case "arming ends":
      return { _tag: "AreaArmingOverrideEnded", area: hall, by, reason }
  }
}
