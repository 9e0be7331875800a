import type { Campus } from "../../gateway/domain/campus.ts"
import { AreaId, CameraId, DeviceId, LinkId } from "../../gateway/domain/ids.ts"
import { type Rule, RuleId } from "../../gateway/domain/rule.ts"
import { campusOf, Stage } from "./door-stage.ts"

/** A rule of the test's own: named `t.<id>`, its alert called as is said. */
export const ruleOf = (id: string, rule: Partial<Rule>, condition?: string): Rule => ({
  id: RuleId.make(`t.${id}`),
  title: "{count} at {door}",
  ...rule,
  ...(condition === undefined ? {} : { alert: { condition, priority: 3, ...rule.alert } })
})

/** The test campus with a camera at its east door, and these rules. */
export const campusWith = (rules: ReadonlyArray<Rule>): Campus => {
  const campus = campusOf({ cameras: [CameraId.make("cam")] })
  const camera = { id: DeviceId.make("cam"), link: LinkId.make("mqtt"), profile: "generic", address: "cam" }
  return {
    ...campus,
    devices: [...campus.devices, camera],
    cameras: [{ id: CameraId.make("cam"), name: "East camera", area: AreaId.make("hall"), device: camera.id }],
    rules
  }
}

/** A gateway with these rules, its east door closed. */
export const ruled = (...rules: ReadonlyArray<Rule>): Stage => Stage.closedDoor(campusWith(rules))

/** Somebody is denied at the east door. */
export const denied = (stage: Stage, credential = "ada", how = {}): Stage =>
  stage.happens("reader/reader", { _tag: "AccessDenied", credential, reason: "Unauthorized" }, how)

/** The camera sees something. */
export const sees = (stage: Stage, object = "person", how = {}): Stage =>
  stage.happens("cam/video", { _tag: "ObjectDetected", object }, how)
