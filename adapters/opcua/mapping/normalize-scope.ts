import type { Scope } from "../../profile/path.ts"
import { priorityOf, type SeverityBand } from "../settings.ts"
import type { Condition, ConditionGone, HeardCondition, HeardEvent, HeardValue, Plain } from "../sources.ts"

/** What a mapping can look at in a variable's message. */
export const valueNames = ["value", "status", "node", "elements", "bits"] as const

/** What a mapping can look at in an event, beside the fields that its profile selects. */
export const eventNames = [
  "EventType",
  "EventId",
  "Time",
  "SourceNode",
  "SourceName",
  "Message",
  "Severity",
  "ConditionId",
  "BranchId",
  "ConditionName",
  "Retain",
  "EnabledState/Id",
  "Comment",
  "ClientUserId",
  "AckedState/Id",
  "ConfirmedState/Id",
  "ActiveState/Id",
  "ActiveState/TransitionTime",
  "ShelvingState/CurrentState/Id",
  "priority",
  "node",
  "enabled",
  "active",
  "acked",
  "confirmed",
  "shelved"
] as const

/** Integers are looked at bit by bit so far. */
const bitsMax = 32

const bitsOf = (value: Plain): Readonly<Record<string, boolean>> => {
  const bits: Record<string, boolean> = {}
  if (typeof value !== "number" || !Number.isInteger(value)) return bits
  for (let bit = 0; bit < bitsMax; bit++) bits[bit] = ((value >>> bit) & 1) === 1
  return bits
}

const elementsOf = (value: Plain): Readonly<Record<string, Plain>> =>
  Array.isArray(value) ? Object.fromEntries((value as ReadonlyArray<Plain>).map((item, nth) => [nth, item])) : {}

/**
 * A variable's message: `value` with its structure's fields (`value.State`) or its array's places (`value.3`), `elements`
 * of an array by their places (`elements.{n}`), `bits` of an integer (`bits.3`), `status` and `node`.
 */
export const valueScope = ({ value, statusName, node }: HeardValue, captures: Scope["captures"]): Scope => ({
  payload: {
    value,
    status: statusName,
    node,
    // Made when they are asked for.
    get elements() {
      return elementsOf(value)
    },
    get bits() {
      return bitsOf(value)
    }
  },
  captures
})

/** node-opcua's server writes the name of a source with its namespace's index where an alarm tells it. */
const withoutIndex = (name: string): string => name.replace(/^\d+:/, "")

const statesOf = ({ enabled, active, acked, confirmed, shelved, name }: Condition) => ({
  ConditionName: name,
  enabled,
  active,
  acked,
  confirmed: confirmed ?? null,
  shelved
})

/** What an event says: its fields by name, its `priority`, and of a condition the states that it is in. */
export const eventScope = (
  heard: HeardEvent | HeardCondition,
  bands: ReadonlyArray<SeverityBand>,
  captures: Scope["captures"]
): Scope => {
  const { fields, node, severity } = heard
  const name = fields["SourceName"]
  const called = typeof name === "string" && name !== "" ? { source: withoutIndex(name) } : {}
  return {
    payload: {
      ...fields,
      Severity: severity,
      priority: priorityOf(bands, severity),
      node,
      ...(heard._tag === "Condition" ? statesOf(heard.condition) : {})
    },
    captures: { ...called, ...captures }
  }
}

/** All that is left to say of a condition that the server does not repeat: it is active no longer. */
export const goneScope = (
  { condition, node }: ConditionGone,
  bands: ReadonlyArray<SeverityBand>,
  captures: Scope["captures"]
): Scope => ({
  payload: {
    ...statesOf({ ...condition, active: false }),
    ConditionId: condition.conditionId,
    Message: condition.message,
    Severity: condition.severity,
    priority: priorityOf(bands, condition.severity),
    node
  },
  captures
})
