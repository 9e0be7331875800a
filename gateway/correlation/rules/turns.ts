import type { Campus } from "../../domain/campus.ts"
import type { EpochMs } from "../../domain/ids.ts"
import type { Rule } from "../../domain/rule.ts"
import type { Draft } from "../draft.ts"
import { isDuring, nextChange } from "../schedules.ts"
import type { CompiledRule } from "./compiled-rule.ts"
import { deafenTo, hearBy } from "./hear.ts"
import { besides } from "./hits.ts"
import { lastingNow } from "./lasting.ts"
import { type Located, located } from "./places.ts"
import type { Signal } from "./signal.ts"

/** A rule's circumstances begin to be met, or cease to be. */
type Turn = "begins" | "ends"

const agendaKey = (rule: string): string => `circumstance:${rule}`

/**
 * What lasts when a rule's circumstances begin is watched from here on, and no longer when they end; `area`: they turn there
 * alone.
 */
const turned = (draft: Draft, rule: CompiledRule, turn: Turn, area?: string): void => {
  for (const listener of rule.listeners) {
    for (const signal of lastingNow(draft, rule.rule, area)) {
      const step = typeof listener.step === "number" ? listener.step : listener.step(signal)
      if (!listener.words.includes(signal.word) || step === undefined || step === besides) continue
      const places: ReadonlyArray<Located> = located(draft.inner.index, signal).filter(
        ({ place }) => area === undefined || place.area === area
      )
      if (turn === "begins") hearBy(draft, { rule, listener }, signal, places, draft.instant)
      else deafenTo(draft, rule, places, draft.instant)
    }
  }
}

/** What a change of an area's arming, or of the threat level, is to a rule; `undefined`: nothing. */
const turnOf = ({ armed, threat }: Rule, { word, fields }: Signal): Turn | undefined => {
  if (word === "ThreatLevelChanged") {
    const listens = (level: unknown): boolean => threat?.some((one) => one === level) === true
    const [was, is] = [listens(fields["from"]), listens(fields["to"])]
    return threat === undefined || was === is ? undefined : is ? "begins" : "ends"
  }
  if (armed === undefined || (word !== "AreaArmed" && word !== "AreaDisarmed")) return undefined
  return (word === "AreaArmed") === armed ? "begins" : "ends"
}

/** An area was armed or disarmed, or the threat level changed: rules that watch what lasts there begin to, or cease. */
export const circumstancesTurn = (draft: Draft, signal: Signal): void => {
  for (const rule of draft.inner.index.rules.turning.get(signal.word) ?? []) {
    const turn = turnOf(rule.rule, signal)
    if (turn !== undefined) turned(draft, rule, turn, signal.area)
  }
}

const holdsAt = (campus: Campus, { during, outside }: Rule, at: EpochMs): boolean =>
  (during === undefined || isDuring(campus, during, at)) && (outside === undefined || !isDuring(campus, outside, at))

/** Sets when the schedules of a rule turn next. */
const wait = (draft: Draft, { during, outside, id }: Rule, at: EpochMs): void => {
  const { campus } = draft.situation
  const next = [during, outside].flatMap((schedule) =>
    campus === undefined || schedule === undefined ? [] : (nextChange(campus, schedule, at) ?? [])
  )
  draft.grace(agendaKey(id), next.length === 0 ? undefined : Math.min(...next))
}

/** A schedule of a rule that watches what lasts may have turned at `at`. */
export const scheduleTurns = (draft: Draft, id: string, at: EpochMs): void => {
  const rule = draft.inner.index.rules.byId.get(id)
  const { campus } = draft.situation
  if (rule === undefined || campus === undefined) return draft.endGrace(agendaKey(id))
  const [was, is] = [holdsAt(campus, rule.rule, at - 1), holdsAt(campus, rule.rule, at)]
  if (was !== is) turned(draft, rule, is ? "begins" : "ends")
  wait(draft, rule.rule, at)
}

/**
 * Another configuration: schedules may be otherwise now. `same`: whether a rule is as it was before. A turn that waits for a start
 * to settle comes yet, at its own instant: until then it is as just before it.
 */
export const reviseTurns = (draft: Draft, before: Campus | undefined, same: (id: string) => boolean): void => {
  const { byId } = draft.inner.index.rules
  for (const { id } of before?.rules ?? []) if (!byId.has(id)) draft.endGrace(agendaKey(id))
  const { campus } = draft.situation
  for (const [id, rule] of byId) {
    const { during, outside } = rule.rule
    if (rule.kind !== "stays" || (during === undefined && outside === undefined)) draft.endGrace(agendaKey(id))
    else {
      const due = draft.dueAt(agendaKey(id))
      const isPending = same(id) && due !== undefined && due <= draft.now
      const at = isPending ? due - 1 : draft.now
      const was = before !== undefined && holdsAt(before, rule.rule, at)
      const is = campus !== undefined && holdsAt(campus, rule.rule, at)
      if (same(id) && was !== is) turned(draft, rule, is ? "begins" : "ends")
      if (!isPending) wait(draft, rule.rule, draft.now)
    }
  }
}
