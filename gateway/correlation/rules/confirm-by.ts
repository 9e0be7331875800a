import type { Rule } from "../../domain/rule.ts"
import type { Draft } from "../draft.ts"
import type { CompiledRule } from "./compiled-rule.ts"
import { type Hit, noHits, withHit } from "./hits.ts"
import { type About, type Remembered, rememberedAs } from "./remembered.ts"
import { remember, withoutOld } from "./subjects.ts"

/** What confirms may come a little before the alert, and a good while after it. Ours. */
const usual = { fromSeconds: -5, toSeconds: 30 } as const

export const spanOf = ({ fromSeconds, toSeconds }: NonNullable<Rule["confirmBy"]>) => ({
  fromMs: (fromSeconds ?? usual.fromSeconds) * 1000,
  toMs: (toSeconds ?? usual.toSeconds) * 1000
})

/** The steps of a confirmation's hits. */
export const confirmSteps = { alert: 0, sensor: 1 } as const

const isBeside = (alert: Hit, sensor: Hit, { fromMs, toMs }: ReturnType<typeof spanOf>): boolean => {
  const off = (alert.off ?? 0) + (sensor.off ?? 0)
  return sensor.at >= alert.at + fromMs - off && sensor.at <= alert.at + toMs + off
}

const confirmed = (draft: Draft, { rule }: CompiledRule, alert: Hit, sensor: Hit): void => {
  const { confirmBy } = rule
  const open = alert.alert === undefined ? undefined : draft.unsettledAlert(alert.alert)
  if (confirmBy === undefined || open === undefined || open.closed) return
  const { validationLevel, priority } = confirmBy
  draft.finding({
    _tag: "Confirmed",
    condition: open.condition,
    key: open.key,
    at: sensor.at,
    rule: rule.id,
    validationLevel,
    ...(priority === undefined ? {} : { priority }),
    why: [{ at: sensor.at, seq: sensor.seq, text: `${rule.title}: ${sensor.text}` }]
  })
}

/** An alert, or what confirms one, is heard: in whatever order they come. Nothing is waited for. */
export const confirm = (
  draft: Draft,
  compiled: CompiledRule,
  about: About,
  record: Remembered | undefined,
  fresh: Hit
): void => {
  const { confirmBy, id } = compiled.rule
  if (confirmBy === undefined) return
  const hits = withHit(record?.hits ?? noHits, fresh, compiled.spare)
  const kept = rememberedAs(id, hits, {}, undefined, undefined, false)
  remember(draft, about, record, withoutOld(compiled, kept, draft.instant))
  const span = spanOf(confirmBy)
  for (const other of hits) {
    const [alert, sensor] = fresh.step === confirmSteps.alert ? [fresh, other] : [other, fresh]
    if (alert.step !== confirmSteps.alert || sensor.step !== confirmSteps.sensor) continue
    if (isBeside(alert, sensor, span)) confirmed(draft, compiled, alert, sensor)
  }
}
