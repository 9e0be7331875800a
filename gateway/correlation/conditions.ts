import type { AlertCondition, Priority } from "../domain/alert.ts"
import { type AreaId, DeviceId, type EpochMs } from "../domain/ids.ts"
import type { PointValue } from "../domain/observation.ts"
import type { ConditionRef } from "../domain/panel-condition.ts"
import type { IndexedPoint, Role } from "./campus-index.ts"
import type { Draft } from "./draft.ts"

/** What a condition of a point is called, how much it matters, and which rule says so. */
export interface Kind {
  readonly condition: AlertCondition
  readonly title: string
  readonly priority: Priority
  readonly rule: string
}

const tampered: Kind = { condition: "DoorTampered", title: "Tamper", priority: 2, rule: "door.tamper" }
const faulted: Kind = { condition: "DoorFaulted", title: "Fault", priority: 3, rule: "door.fault" }
/** A contact or lock that can no longer be read may have had its wire cut. */
const blinded: Kind = { ...faulted, priority: 2 }

/** What a point is to the first door it belongs to. */
const boundTo = (draft: Draft, ref: string) => draft.inner.index.roles.get(ref)?.[0]

/**
 * Whether a point's value is a condition that asks for a person, and whether it holds; `undefined` for values that say
 * nothing of one. A point's role decides before its kind: a plain input may be a casing switch.
 */
export const conditionOf = (
  role: Role | undefined,
  { kind, value }: PointValue
): (Kind & { on: boolean }) | undefined => {
  if (value === "unknown" || value === "Unknown") return undefined
  if (kind === "fault") return { ...faulted, on: value === "on" }
  if (kind === "tamper" || role === "tamper") return { ...tampered, on: value === "on" || value === "open" }
  if (role === "position" || role === "lock") return { ...blinded, on: value === "fault" }
  return undefined
}

/** Whether a point's value may be a condition that holds: contacts and locks that can be read are none. */
const mayHold = (role: Role, { kind, value }: PointValue): boolean =>
  (role !== "position" && role !== "lock") || value === "fault" || kind === "fault" || kind === "tamper"

/** A condition of a panel has alerts of its own, and so has each of its branches. */
export const panelKeyOf = (device: string, { id, branch }: ConditionRef): string =>
  `condition:${device}:${id}${branch === undefined ? "" : `#${branch}`}`

const keyOf = (draft: Draft, ref: string): string => keyAt(boundTo(draft, ref), ref)

const keyAt = (bound: ReturnType<typeof boundTo>, ref: string): string =>
  bound === undefined ? `device:${ref.slice(0, ref.indexOf("/"))}` : bound.door.key

/** Whether another point behind the same alert still says so: two casings open, one closed again. */
const elsewhere = (draft: Draft, ref: string, condition: AlertCondition): boolean => {
  const key = keyOf(draft, ref)
  const beside =
    boundTo(draft, ref)?.door.points.map(([other]) => other) ?? draft.pointsOf(ref.slice(0, ref.indexOf("/")))
  return beside.some((other) => {
    const state = other === ref ? undefined : draft.point(other)
    if (state === undefined || keyOf(draft, other) !== key) return false
    const found = conditionOf(boundTo(draft, other)?.role, state.reading)
    return found?.condition === condition && found.on
  })
}

/** What happened at a point: when, told in which words, and what the alert of it is about. */
interface Happened {
  readonly at: EpochMs
  readonly text: string
  readonly momentary?: boolean
  /** Where it is not the point's door or device. */
  readonly key?: string
  /** Where, as whoever told it says. */
  readonly told?: Told
}

/** Where somebody is who calls from no device of the campus. */
export interface Told {
  readonly area?: AreaId | undefined
  /** In their own words. */
  readonly place?: string | undefined
}

/** The condition of a point holds: it raises its alert, or is told to it again. */
export const activate = (draft: Draft, ref: string, kind: Kind, { at, text, momentary, key, told }: Happened): void => {
  const door = boundTo(draft, ref)?.door.door
  const device = DeviceId.make(ref.slice(0, ref.indexOf("/")))
  const { name = told?.place ?? device, area = told?.area } = draft.inner.index.devices.get(device) ?? {}
  draft.finding({
    _tag: "ConditionActive",
    condition: kind.condition,
    key: key ?? keyOf(draft, ref),
    at,
    why: [{ at, seq: draft.seq, text }],
    rule: kind.rule,
    priority: kind.priority,
    title: `${kind.title}: ${door?.name ?? name}`,
    ...(momentary === true ? { momentary } : {}),
    ...(door === undefined ? { device, ...(area === undefined ? {} : { area }) } : { door: door.id, area: door.area })
  })
}

const said = (ref: string, { value }: PointValue): string => `${ref} is ${value}`

/** A point's new value: raises its condition when the source says it is `news`, and lets it return to normal. */
export const conditionChanged = (
  draft: Draft,
  { ref, roles }: IndexedPoint,
  value: PointValue,
  at: EpochMs,
  news: boolean
): void => {
  const bound = roles[0] ?? boundTo(draft, ref)
  // So it is with nearly every message: all is well, and was.
  if (bound !== undefined && !mayHold(bound.role, value) && !draft.isConcerned(bound.door.alertsSpot)) return
  const found = conditionOf(bound?.role, value)
  if (found === undefined) return
  if (found.on) {
    if (news) activate(draft, ref, found, { at, text: said(ref, value) })
    return
  }
  const { condition } = found
  const key = keyAt(bound, ref)
  if (!draft.isActive(condition, key) || elsewhere(draft, ref, condition)) return
  const why = [{ at, seq: draft.seq, text: said(ref, value) }]
  draft.finding({ _tag: "ConditionNormal", condition, key, at, why })
}

const panic: Kind = { condition: "PanicPressed", title: "Panic pressed", priority: 1, rule: "emergency.panic" }
const duress: Kind = { condition: "DuressSignalled", title: "Duress", priority: 1, rule: "access.duress" }

/** What a call for help is called. */
export const callKinds = { PanicPressed: panic, DuressSignalled: duress } as const

const callTexts = { PanicPressed: "Panic was pressed", DuressSignalled: "Duress was signalled" } as const

/** Somebody calls for help. Each call counts: the second is not the first one going on. `key`: where a panel's condition is it. */
export const calledForHelp = (
  draft: Draft,
  ref: string,
  by: keyof typeof callKinds,
  { at, key, told }: { readonly at: EpochMs; readonly key?: string | undefined; readonly told?: Told }
): void =>
  activate(draft, ref, callKinds[by], {
    at,
    text: callTexts[by],
    momentary: true,
    ...(key === undefined ? {} : { key }),
    ...(told === undefined ? {} : { told })
  })
