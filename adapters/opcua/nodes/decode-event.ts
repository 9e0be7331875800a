import type { EpochMs } from "../../../gateway/domain/ids.ts"
import { systemTypes } from "./event-filter.ts"
import { plainVariant, type SomeVariant, timeOf } from "./plain.ts"
import type { Condition, HeardCondition, HeardEvent, HeardOrigin, Plain } from "../sources.ts"

/** An event as it came: its fields by name, plain, and its time. */
export interface RawEvent {
  readonly fields: Readonly<Record<string, Plain>>
  readonly time: EpochMs | undefined
}

/** Puts the fields of an event to their names. A server may send fewer than were asked for. */
export const rawEvent = (
  names: ReadonlyArray<string>,
  values: ReadonlyArray<SomeVariant | null>,
  namespaces: ReadonlyArray<string>
): RawEvent => {
  const at = names.indexOf("Time")
  const fields = names.map((name, nth): readonly [string, Plain] => {
    const value = values[nth]
    return [name, value === undefined || value === null ? null : plainVariant(value, namespaces)]
  })
  return { fields: Object.fromEntries(fields), time: timeOf(values[at]?.value) }
}

/** What an event of OPC UA's own says about the source itself. */
export type SystemEvent = keyof typeof systemTypes

/** Which one of them an event is, by its type and those above it. */
export const systemEventOf = (types: ReadonlyArray<string>): SystemEvent | undefined =>
  (Object.keys(systemTypes) as ReadonlyArray<SystemEvent>).find((name) => types.includes(systemTypes[name]))

const text = (value: Plain | undefined): string => (typeof value === "string" ? value : "")

const textOrNothing = (value: Plain | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined

const truth = (value: Plain | undefined): boolean | undefined => (typeof value === "boolean" ? value : undefined)

/** OPC 10000-4, 7.27: the null node, which stands for no branch. */
const nullNode = "i=0"

/** OPC 10000-9, table 55: the state of an alarm that is not shelved. */
export const unshelved = "i=2930"

const severityIn = (value: Plain | undefined): number =>
  typeof value === "number" ? Math.min(Math.max(value, 0), 1000) : 0

const conditionOf = ({ fields }: RawEvent, conditionId: string): Condition => {
  const branchId = textOrNothing(fields["BranchId"])
  const shelving = textOrNothing(fields["ShelvingState/CurrentState/Id"])
  const retain = truth(fields["Retain"]) ?? false
  return {
    conditionId,
    branchId: branchId === nullNode ? undefined : branchId,
    eventId: text(fields["EventId"]),
    name: text(fields["ConditionName"]),
    enabled: truth(fields["EnabledState/Id"]) ?? true,
    // A condition that is no alarm has no ActiveState: it is interesting or it is not.
    active: truth(fields["ActiveState/Id"]) ?? retain,
    acked: truth(fields["AckedState/Id"]) ?? true,
    confirmed: truth(fields["ConfirmedState/Id"]),
    shelved: shelving !== undefined && shelving !== nullNode && shelving !== unshelved,
    retain,
    severity: severityIn(fields["Severity"]),
    message: text(fields["Message"])
  }
}

/** What a mapping hears of an event. */
export const heardOf = (
  from: Pick<HeardEvent, "key" | "matched" | "device" | "node">,
  raw: RawEvent,
  types: ReadonlyArray<string>,
  origin: HeardOrigin
): HeardEvent | HeardCondition => {
  const { fields, time } = raw
  const event = {
    ...from,
    eventId: textOrNothing(fields["EventId"]),
    types,
    time,
    severity: severityIn(fields["Severity"]),
    fields,
    origin
  }
  const conditionId = textOrNothing(fields["ConditionId"])
  return conditionId === undefined || conditionId === nullNode
    ? { _tag: "Event", ...event }
    : { _tag: "Condition", ...event, condition: conditionOf(raw, conditionId) }
}
