import { HashMap, Option } from "effect"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import { endsSoonMinutes } from "../domain/out-of-service.ts"
import { bypassable, indexCampus, rolesIn } from "./campus-index.ts"
import { reviseDoor } from "./configured.ts"
import { tellDoor } from "./doors.ts"
import type { Draft } from "./draft.ts"
import { replaceLasting } from "./rules/moved.ts"
import { rulesOfLasting } from "./rules/rule-index.ts"

type Of<Tag extends Fact["_tag"]> = Extract<Fact, { readonly _tag: Tag }>

const setDeadlines = (draft: Draft, point: string, until: EpochMs | undefined): void => {
  const warnAt = until === undefined ? undefined : until - endsSoonMinutes * 60_000
  if (until === undefined) draft.endGrace(`bypass:${point}`)
  else draft.grace(`bypass:${point}`, until)
  if (warnAt === undefined || warnAt <= draft.now) draft.endGrace(`bypass-ends:${point}`)
  else draft.grace(`bypass-ends:${point}`, warnAt)
}

/** What the point is to the door as it is configured, bypassed or not. */
const rolesOf = ({ situation: { campus } }: Draft, door: string, point: string) => {
  const configured = campus?.doors.find(({ id }) => id === door)
  return configured === undefined ? [] : rolesIn(configured, point)
}

/** The door is put together anew of the points that are believed. */
const regroup = (draft: Draft, id: string, at: EpochMs): void => {
  const { campus, bypasses } = draft.situation
  const before = draft.inner.index
  if (campus === undefined) return
  draft.inner.index = indexCampus(campus, (ref) => HashMap.has(bypasses, ref))
  const after = draft.inner.index.doors.get(id)
  if (after !== undefined) reviseDoor(draft, before.doors.get(id), after, at)
  replaceLasting(draft, before, rulesOfLasting(draft.inner.index), after?.door.area)
}

const tellService = (draft: Draft, id: string, _tag: "TakenOut" | "PutBack", at: EpochMs): void => {
  const door = draft.inner.index.doors.get(id)
  if (door !== undefined) tellDoor(draft, door, { _tag, at, heardAt: at, seq: draft.seq })
}

/** A point is not believed from now on; a second time puts another end to it. A point that must be believed stays so. */
export const pointBypassed = (draft: Draft, fact: Of<"PointBypassed">): void => {
  const { door, point, by, reason, minutes } = fact
  const roles = rolesOf(draft, door, point)
  if (roles.length === 0 || !roles.every((role) => bypassable.has(role))) return
  const until = draft.now + minutes * 60_000
  const isNew = !HashMap.has(draft.situation.bypasses, point)
  const bypass = { door, point, by, reason, at: draft.now, until }
  draft.situation.bypasses = HashMap.set(draft.situation.bypasses, point, bypass)
  setDeadlines(draft, point, until)
  if (!isNew) return
  regroup(draft, door, draft.now)
  if (roles.includes("position")) tellService(draft, door, "TakenOut", draft.now)
}

/** What the point says counts again, from what it says now on: that is no edge. */
const end = (draft: Draft, point: string, by: string, at: EpochMs): void => {
  const bypass = Option.getOrUndefined(HashMap.get(draft.situation.bypasses, point))
  setDeadlines(draft, point, undefined)
  if (bypass === undefined) return
  const { door, reason } = bypass
  draft.situation.bypasses = HashMap.remove(draft.situation.bypasses, point)
  draft.event({ _tag: "BypassOver", at, door, point: bypass.point, by, reason })
  if (rolesOf(draft, door, point).includes("position")) tellService(draft, door, "PutBack", at)
  regroup(draft, door, at)
}

export const bypassEnded = (draft: Draft, fact: Of<"BypassEnded">): void => end(draft, fact.point, fact.by, draft.now)

/** Its time is over. */
export const bypassOver = (draft: Draft, point: string, at: EpochMs): void => end(draft, point, "its time is over", at)

/** Its time is over soon: whoever answers for it is to know. */
export const bypassEndsSoon = (draft: Draft, point: string): void => {
  draft.endGrace(`bypass-ends:${point}`)
  const bypass = Option.getOrUndefined(HashMap.get(draft.situation.bypasses, point))
  if (bypass === undefined) return
  const { door, until, by } = bypass
  draft.event({ _tag: "BypassEndsSoon", at: draft.now, door, point: bypass.point, by, until })
}

/** What a door no longer has cannot be bypassed there. */
export const reviseBypasses = (draft: Draft): void => {
  const gone = [...HashMap.values(draft.situation.bypasses)].filter(
    ({ door, point }) => rolesOf(draft, door, point).length === 0
  )
  for (const { point, door } of gone.sort((a, b) => (a.point < b.point ? -1 : 1))) {
    end(draft, point, "it is no longer configured", draft.now)
    tellService(draft, door, "PutBack", draft.now)
  }
}
