import { Result } from "effect"
import { parse } from "yaml"
import { makeOpcuaMapping, type OpcuaMapping } from "../../../adapters/opcua/mapping/normalize.ts"
import { compileProfile, type OpcuaProfile } from "../../../adapters/opcua/mapping/profile.ts"
import type {
  Condition,
  ConditionGone,
  HeardCondition,
  HeardEvent,
  HeardValue,
  Plain
} from "../../../adapters/opcua/sources.ts"
import type { Device } from "../../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"

export const noon = Date.UTC(2026, 0, 15, 12)

export const bands = [
  { from: 0, priority: 4 },
  { from: 401, priority: 3 },
  { from: 601, priority: 2 },
  { from: 801, priority: 1 }
] as const

export const deviceOf = (more: Partial<Device> = {}): Device => ({
  id: DeviceId.make("panel"),
  link: LinkId.make("opcua"),
  profile: "own",
  address: "/",
  ...more
})

const head = "description: own\nprotocol: opcua\ntests: []\n"
const namespaces = 'namespaces: { p: "urn:panel" }\n'

/** A profile from what stands in it beside its head. Throws where it cannot be used. */
export const profileOf = (text: string): OpcuaProfile => {
  const own = text.includes("namespaces:") ? "" : namespaces
  const compiled = compileProfile("own", parse(head + own + text, { merge: true }))
  if (Result.isFailure(compiled)) throw new Error(JSON.stringify(compiled.failure))
  return compiled.success
}

/** The mapping of a device by a profile, from its text. */
export const mappingOf = (text: string, device: Partial<Device> = {}): OpcuaMapping =>
  makeOpcuaMapping(profileOf(text), deviceOf(device), { timeZone: "UTC", severity: bands })

const from = (key: string, matched: ReadonlyArray<string>) => ({
  key: `panel ${key}`,
  matched,
  device: DeviceId.make("panel"),
  node: `nsu=urn:panel;s=${[key, ...matched].join(" ")}`,
  origin: "change" as const
})

/** A variable's value as it is heard of the source that a profile names so. */
export const value = (node: string, held: Plain, more: Partial<HeardValue> = {}): HeardValue => ({
  _tag: "Value",
  ...from(node, more.matched ?? []),
  value: held,
  status: "good",
  statusName: "Good",
  sourceTime: undefined,
  overflow: false,
  ...more
})

export const bad = (node: string, more: Partial<HeardValue> = {}): HeardValue =>
  value(node, null, { status: "bad", statusName: "BadNoCommunication", ...more })

/** An event of a type, as it is heard of a notifier; its fields beside those that each has. */
export const event = (
  type: string,
  fields: Readonly<Record<string, Plain>> = {},
  more: Partial<HeardEvent> = {}
): HeardEvent => ({
  _tag: "Event",
  ...from("events of i=2253", more.matched ?? []),
  eventId: "0a",
  types: [type, "i=2041"],
  time: undefined,
  severity: 500,
  fields: { SourceNode: null, SourceName: null, Message: "", ...fields },
  ...more
})

const offNormal = "i=10637"

export const condition = (name: string, active: boolean, more: Partial<Condition> = {}): Condition => ({
  conditionId: `nsu=urn:panel;s=${name}`,
  branchId: undefined,
  eventId: "0a",
  name,
  enabled: true,
  active,
  acked: false,
  confirmed: undefined,
  shelved: false,
  retain: true,
  severity: 500,
  message: name,
  ...more
})

/** A condition's state as it is heard of a notifier. */
export const state = (held: Condition, more: Partial<Omit<HeardCondition, "_tag">> = {}): HeardCondition => {
  const { _tag: _, ...heard } = event(offNormal, more.fields ?? {}, { eventId: held.eventId, severity: held.severity })
  return { ...heard, ...more, fields: { ...heard.fields, ...more.fields }, _tag: "Condition", condition: held }
}

export const gone = (held: Condition, more: Partial<ConditionGone> = {}): ConditionGone => {
  const { origin: _, ...place } = from("events of i=2253", [])
  return { _tag: "ConditionGone", ...place, condition: held, ...more }
}

/** What an observation says, in few words. */
export const brief = (observation: Observation): string => {
  switch (observation._tag) {
    case "Reading":
      return `${observation.point} ${observation.reading.value} ${observation.origin}`
    case "Occurrence":
      return `${observation.point} ${observation.occurrence._tag} ${observation.origin}`
    case "PanelCondition":
      return `${observation.point} condition ${observation.acked ? "acknowledged" : "unacknowledged"} ${observation.origin}`
    case "Availability":
      return `${observation.state} ${observation.origin}`
    case "Certificate":
      return `certificate of ${observation.holder}`
    case "Gap":
      return `gap ${observation.count ?? ""}`.trim()
    case "Unreadable":
      return `unreadable: ${observation.why}`
    case "UnknownDevice":
      return `unknown ${observation.address}`
  }
}
