import type { Observation, PointValue } from "../../../gateway/domain/observation.ts"
import type { Reading } from "../../profile/file.ts"
import type { Scope } from "../../profile/path.ts"
import type { Reader } from "../../profile/reader.ts"
import type { Answering } from "../answering.ts"
import type { Condition, Plain } from "../sources.ts"

type PanelCondition = Extract<Observation, { _tag: "PanelCondition" }>

/** A point that a condition is told of, and what it makes of it while it is active. */
export interface ConditionPlace {
  readonly mapping: Pick<Reading, "deviceTime" | "origin">
  readonly point: string
  readonly means: PanelCondition["means"]
}

/** What an alarm's mapping makes of its point; that the words fit the kind was looked at when the profile was read. */
export const readingMeant = (kind: PointValue["kind"], value: string): PanelCondition["means"] => ({
  reading: { kind, value } as PointValue
})

/** A condition and each of its branches is one of its own. */
export const keyOf = ({ conditionId, branchId }: Pick<Condition, "conditionId" | "branchId">): string =>
  JSON.stringify([conditionId, branchId ?? ""])

/** Which condition an observation is made of. */
export const refOf = ({ conditionId, branchId }: Pick<Condition, "conditionId" | "branchId">) =>
  branchId === undefined ? { id: conditionId } : { id: conditionId, branch: branchId }

/** No name and no comment that a person writes is longer; the whole is at the server. */
const wordsMax = 512

const words = (value: Plain | undefined): string | undefined =>
  typeof value === "string" && value.trim() !== "" ? value.slice(0, wordsMax) : undefined

/** OPC 10000-4, 7.27: the null node stands for no state. */
const isTold = (state: Plain | undefined): boolean => typeof state === "string" && state !== "" && state !== "i=0"

/** How a condition stands, as it is told at a point. `fields` are those of the event that told it. */
export const conditionAt = (
  reader: Reader,
  { mapping, point, means }: ConditionPlace,
  condition: Condition,
  scope: Scope,
  fields: Readonly<Record<string, Plain>>,
  answering: Answering
): PanelCondition => {
  const { device, profile, topic } = reader.heard
  const deviceTime = reader.deviceTime(mapping, scope)
  const [comment, by] = [words(fields["Comment"]), words(fields["ClientUserId"])]
  return {
    _tag: "PanelCondition",
    device: device.id,
    point,
    origin: reader.origin(mapping, scope),
    source: topic,
    ...(deviceTime === undefined ? {} : { deviceTime }),
    ...(reader.holds(profile.simulated, scope) ? { test: true } : {}),
    condition: refOf(condition),
    event: condition.eventId,
    // A disabled condition says nothing of its state (OPC 10000-9, 5.5.2).
    ...(condition.enabled ? { active: condition.active } : {}),
    acked: condition.acked,
    retain: condition.retain,
    ...(comment === undefined ? {} : { comment }),
    ...(by === undefined ? {} : { by }),
    means,
    // A branch is an earlier state: shelving is not of it. A server that shelves nothing tells no state of it.
    ...(isTold(fields["ShelvingState/CurrentState/Id"]) ? { shelved: condition.shelved } : {}),
    answerable: answering.acknowledge !== "none",
    ...(answering.comments ? { commentable: true } : {}),
    ...(answering.shelving && condition.branchId === undefined ? { shelvable: true } : {})
  }
}

/** Of a condition that the server did not repeat: it is over, and wants no answer that the server knows of. */
export const goneAt = (
  reader: Reader,
  place: ConditionPlace,
  condition: Condition,
  scope: Scope,
  answering: Answering
): PanelCondition => {
  const over = { ...condition, enabled: true, active: false, retain: false }
  return { ...conditionAt(reader, place, over, scope, {}, answering), gone: true }
}
