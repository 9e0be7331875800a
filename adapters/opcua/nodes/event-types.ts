/**
 * OPC UA's own event types by their names, so far as profiles have a use for them: OPC 10000-5, 6.4 and OPC 10000-9,
 * 5.5 to 5.8; the numbers are those of the NodeIds.csv that belongs to OPC 10000-6.
 */
const eventTypes = {
  BaseEventType: 2041,
  AuditEventType: 2052,
  AuditSecurityEventType: 2058,
  AuditSessionEventType: 2069,
  AuditActivateSessionEventType: 2075,
  SystemEventType: 2130,
  DeviceFailureEventType: 2131,
  BaseModelChangeEventType: 2132,
  GeneralModelChangeEventType: 2133,
  ConditionType: 2782,
  DialogConditionType: 2830,
  AcknowledgeableConditionType: 2881,
  AlarmConditionType: 2915,
  LimitAlarmType: 2955,
  ExclusiveLimitAlarmType: 9341,
  NonExclusiveLimitAlarmType: 9906,
  DiscreteAlarmType: 10523,
  OffNormalAlarmType: 10637,
  TripAlarmType: 10751,
  SystemOffNormalAlarmType: 11753,
  CertificateExpirationAlarmType: 13225
} as const

const nodeOf = (name: keyof typeof eventTypes): string => `i=${eventTypes[name]}`

const isKnown = (name: string): name is keyof typeof eventTypes => Object.hasOwn(eventTypes, name)

/** The node of one of OPC UA's own event types; `undefined` for a name that is none of them. */
export const eventTypeNode = (name: string): string | undefined => (isKnown(name) ? nodeOf(name) : undefined)

/** The names that are known, for messages to people. */
export const eventTypeNames: ReadonlyArray<string> = Object.keys(eventTypes)

/** Every event has it above it. */
export const baseEventType = nodeOf("BaseEventType")

/** Every condition's type has it above it, and thereby every alarm's. */
export const conditionType = nodeOf("ConditionType")

export const acknowledgeableConditionType = nodeOf("AcknowledgeableConditionType")

export const alarmConditionType = nodeOf("AlarmConditionType")

/** The server says that nodes came or went. */
export const modelChangeEventType = nodeOf("BaseModelChangeEventType")
