import { HashMap } from "effect"
import type { Campus, Device } from "../domain/campus.ts"
import type { Fact } from "../domain/fact.ts"
import { reviewArming } from "./arming.ts"
import { reviseCertificates } from "./certificates.ts"
import type { EpochMs } from "../domain/ids.ts"
import { indexCampus, type IndexedDoor, type Role } from "./campus-index.ts"
import { unknownDoor } from "./door-memory.ts"
import type { DoorInput } from "./door-step.ts"
import { reviseWitnesses } from "./hearing.ts"
import { tellDoor, turnDoor, turnUntil } from "./doors.ts"
import type { Draft } from "./draft.ts"
import { doorInput } from "./observed.ts"
import { reviseRules } from "./rules/revised.ts"
import { reviseSilences } from "./silence.ts"
import { lose, lostInput } from "./supervision.ts"
import { reviewThreatLevel } from "./threat-level.ts"

/** Whether what the device says means the same as before: its address, its profile, which points are swapped. */
const meansTheSame = (before: Device, after: Device): boolean =>
  before.link === after.link &&
  before.profile === after.profile &&
  before.address === after.address &&
  (before.disabled ?? false) === (after.disabled ?? false) &&
  JSON.stringify(before.invert ?? []) === JSON.stringify(after.invert ?? [])

/**
 * What devices that were changed have said can no longer be trusted: a swapped contact would else open every door it
 * belongs to. Their next reading is a recovery.
 */
const reviseDevices = (draft: Draft, campus: Campus | undefined): void => {
  const { devices } = draft.inner.index
  for (const before of campus?.devices ?? []) {
    const after = devices.get(before.id)
    if (after !== undefined && meansTheSame(before, after)) continue
    const reason = after === undefined ? "it is no longer configured" : "its configuration was changed"
    lose(draft, before.id, reason, draft.now)
    if (after !== undefined && after.disabled !== true) continue
    draft.endGrace(`device:${before.id}`)
    draft.endGrace(`silence:${before.id}`)
    draft.situation.devices = draft.situation.devices.without(before.id)
  }
  const gone = draft.inner.pointsOf.keys().filter((id) => !devices.has(id))
  for (const id of gone) {
    for (const ref of draft.pointsOf(id)) draft.situation.points = draft.situation.points.without(ref)
    draft.inner.pointsOf = draft.inner.pointsOf.without(id)
  }
  draft.inner.panelConditions = HashMap.filter(draft.inner.panelConditions, ({ device }) => devices.has(device))
}

/** What a point is to the door is known from elsewhere now, or no longer: it is out of sight, then as its point says. */
const rebind = (draft: Draft, door: IndexedDoor, role: Role, ref: string, bound: boolean, at: EpochMs): void => {
  const when = { at, heardAt: at, seq: draft.seq }
  if (!bound) {
    const input = lostInput(role, ref, at)
    if (input !== undefined) tellDoor(draft, door, { ...when, ...input } as DoorInput)
    return
  }
  const state = draft.point(ref)
  const input =
    state === undefined ? undefined : doorInput(role, ref, state.reading, when, { edge: false, news: false })
  if (input !== undefined) tellDoor(draft, door, input)
}

/** A door is put together otherwise since `at`: what has come to it or left it is told to it. */
export const reviseDoor = (
  draft: Draft,
  before: IndexedDoor | undefined,
  after: IndexedDoor,
  at: EpochMs = draft.now
): void => {
  const { id } = after.door
  if (!draft.situation.doors.has(id)) draft.setDoor(after, unknownDoor(draft.now))
  const had = new Set((before?.points ?? []).map(([ref, role]) => `${role} ${ref}`))
  const has = new Set(after.points.map(([ref, role]) => `${role} ${ref}`))
  for (const [ref, role] of before?.points ?? [])
    if (!has.has(`${role} ${ref}`)) rebind(draft, after, role, ref, false, at)
  for (const [ref, role] of after.points) if (!had.has(`${role} ${ref}`)) rebind(draft, after, role, ref, true, at)
  reviseWitnesses(draft, after)
  turnUntil(draft, after, at)
  turnDoor(draft, after, at)
  // Its times may have changed, and with them what falls due.
  draft.setDoor(after, draft.doorMemory(after))
  const commands = draft.commands(id)
  if (commands.length > 0) draft.setCommands(after, commands)
}

/**
 * A new configuration. What it leaves as it was goes on as if nothing had happened. The alerts of doors and devices it
 * no longer has stay until a person closes them.
 */
export const configure = (draft: Draft, fact: Extract<Fact, { _tag: "ConfigApplied" }>): void => {
  const before = draft.inner.index
  const campus = draft.situation.campus
  const { bypasses } = draft.situation
  const index = indexCampus(fact.campus, (ref) => HashMap.has(bypasses, ref))
  draft.inner.index = index
  draft.situation.campus = fact.campus
  draft.situation.configVersion = fact.version
  draft.situation.refusedConfig = undefined
  for (const id of draft.situation.doors.keys().filter((door) => !index.doors.has(door))) {
    draft.situation.doors = draft.situation.doors.without(id)
    draft.situation.commands = HashMap.remove(draft.situation.commands, id)
    draft.endGrace(`door:${id}`)
    draft.endGrace(`command:${id}`)
    draft.endGrace(`turn:${id}`)
  }
  reviseDevices(draft, campus)
  reviseCertificates(draft, campus)
  draft.situation.frozen = HashMap.filter(draft.situation.frozen, (_, camera) => index.cameras.has(camera))
  reviseSilences(draft, before)
  for (const door of index.doors.values()) reviseDoor(draft, before.doors.get(door.door.id), door)
  reviewArming(draft)
  reviewThreatLevel(draft)
  reviseRules(draft, campus, before)
}

/** What was written is wrong: all goes on as it was, and officers are told so until it is mended. */
export const configRefused = (draft: Draft, { by, problems }: Extract<Fact, { _tag: "ConfigRefused" }>): void => {
  const since = draft.situation.refusedConfig?.since ?? draft.now
  draft.situation.refusedConfig = { since, by, problems }
}
