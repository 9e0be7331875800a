import { describe, expect, it } from "vitest"
import {
  conditionHeard,
  type Conditions,
  conditionsFrom,
  forgotten,
  isRefreshing,
  knownConditions,
  noConditions,
  refreshEnded,
  refreshStarted,
  sourceOf
} from "../../../adapters/opcua/subscription/conditions.ts"
import type { Condition, HeardCondition } from "../../../adapters/opcua/sources.ts"

const from = { key: "alarms", matched: [], device: undefined, node: "i=2253" }
const source = sourceOf(from)

const heard = (conditionId: string, more: Partial<Condition> = {}): HeardCondition => ({
  _tag: "Condition",
  ...from,
  eventId: more.eventId ?? "01",
  types: [],
  time: undefined,
  severity: 500,
  fields: {},
  origin: "change",
  condition: {
    conditionId,
    branchId: undefined,
    eventId: "01",
    name: "DoorForced",
    enabled: true,
    active: true,
    acked: false,
    confirmed: undefined,
    shelved: false,
    retain: true,
    severity: 500,
    message: "",
    ...more
  }
})

const all = (...events: ReadonlyArray<HeardCondition>): Conditions => events.reduce(conditionHeard, noConditions)

const ids = (conditions: Conditions) => knownConditions(conditions).map(({ condition }) => condition.conditionId)

describe("the conditions of a panel", () => {
  it("are known while the panel holds them for interesting, and no longer", () => {
    const conditions = all(heard("door-1"), heard("door-2"))
    expect(ids(conditions).toSorted()).toEqual(["door-1", "door-2"])
    expect(ids(conditionHeard(conditions, heard("door-1", { active: false, retain: false })))).toEqual(["door-2"])
  })

  it("are one each with their branches, which want an answer of their own", () => {
    const conditions = all(heard("door-1"), heard("door-1", { branchId: "b1", active: false }))
    expect(knownConditions(conditions)).toHaveLength(2)
    const answered = conditionHeard(conditions, heard("door-1", { branchId: "b1", acked: true, retain: false }))
    expect(knownConditions(answered).map(({ condition }) => condition.branchId)).toEqual([undefined])
  })

  it("that are not repeated in a refresh are gone, and are forgotten once that is on disk", () => {
    const before = refreshStarted(all(heard("door-1"), heard("door-2")), source)
    expect(isRefreshing(before, source)).toBe(true)
    const [after, gone] = refreshEnded(conditionHeard(before, heard("door-2")), source)
    expect(isRefreshing(after, source)).toBe(false)
    expect(gone.map(({ condition }) => condition.conditionId)).toEqual(["door-1"])
    expect(ids(after).toSorted()).toEqual(["door-1", "door-2"])
    expect(ids(gone.reduce(forgotten, after))).toEqual(["door-2"])
  })

  it("that came back before their end was on disk stay known", () => {
    const before = refreshStarted(all(heard("door-1")), source)
    const [after, gone] = refreshEnded(before, source)
    const back = conditionHeard(after, heard("door-1", { eventId: "02" }))
    expect(ids(gone.reduce(forgotten, back))).toEqual(["door-1"])
  })

  it("of one source are not judged by the refresh of another", () => {
    const other = { ...heard("door-9"), key: "other" }
    const before = refreshStarted(conditionHeard(all(heard("door-1")), other), source)
    const [, gone] = refreshEnded(before, source)
    expect(gone.map(({ condition }) => condition.conditionId)).toEqual(["door-1"])
    expect(refreshEnded(before, sourceOf(other))[1]).toEqual([])
  })

  it("are the same after they were kept and read again", () => {
    const conditions = all(heard("door-1"), heard("door-2", { branchId: "b1" }))
    const kept = JSON.parse(JSON.stringify(knownConditions(conditions))) as ReturnType<typeof knownConditions>
    const again = refreshStarted(conditionsFrom(kept), source)
    const [, gone] = refreshEnded(conditionHeard(again, heard("door-2", { branchId: "b1" })), source)
    expect(gone.map(({ condition }) => condition.conditionId)).toEqual(["door-1"])
  })
})
