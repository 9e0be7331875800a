import { Schema } from "effect"
import { AreaId, CameraId, DeviceId, DoorId, PlanId } from "./ids.ts"

/** A place on a plan, in the units of its drawing, from the left and from the top. */
const place = { x: Schema.Finite, y: Schema.Finite }

/** Where something is on a plan. An area may have an outline besides the place of its name. */
export const PlanMarker = Schema.Union([
  Schema.Struct({ door: DoorId, ...place }),
  Schema.Struct({ camera: CameraId, ...place }),
  Schema.Struct({ device: DeviceId, ...place }),
  Schema.Struct({
    area: AreaId,
    ...place,
    outline: Schema.optionalKey(
      Schema.Array(Schema.Tuple([Schema.Finite, Schema.Finite])).pipe(Schema.check(Schema.isMinLength(3)))
    )
  })
]).annotate({ identifier: "PlanMarker", description: "A door, a camera, a device or an area, and where it is" })
export type PlanMarker = typeof PlanMarker.Type

/** What a plan is, whoever drew it. */
export const planFields = {
  id: PlanId,
  name: Schema.NonEmptyString,
  /** What it shows: a building, a floor, the whole outdoors. */
  area: AreaId,
  markers: Schema.Array(PlanMarker)
}

/** A drawing of a part of the campus, and what is where on it. */
export const Plan = Schema.Struct({
  ...planFields,
  /** SHA-256 of the drawing: another drawing is another plan. */
  picture: Schema.NonEmptyString,
  /** Its viewBox: left, top, width and height. */
  box: Schema.Tuple([Schema.Finite, Schema.Finite, Schema.Finite, Schema.Finite])
}).annotate({ identifier: "Plan" })
export type Plan = typeof Plan.Type
