import { HashMap } from "effect"
import type { Lived } from "../alerts/turned.ts"
import type { AlertCondition } from "../domain/alert.ts"
import type { DeviceId } from "../domain/ids.ts"
import type { AlertPanelCondition, ConditionRef } from "../domain/panel-condition.ts"
import { isPending } from "./write-back.ts"

/** A condition that its panel holds for interesting, as it was last told, and the alert that it is of. */
export interface KnownCondition {
  readonly device: DeviceId
  readonly condition: ConditionRef
  readonly of: { readonly condition: AlertCondition; readonly key: string }
  /** The EventId of its newest state. */
  readonly event: string
  /** EventIds of the states before it that differ from it only in our own notes, or in their shelving. */
  readonly same?: ReadonlyArray<string>
  readonly active?: boolean
  readonly acked: boolean
  readonly shelved?: boolean
  readonly answerable: boolean
  readonly commentable?: boolean
  readonly shelvable?: boolean
  readonly by?: string
  readonly comment?: string
}

export type KnownConditions = HashMap.HashMap<string, KnownCondition>

/** A condition may be told of at several points, and be of another alert at each. */
export const knownKey = (device: string, { id, branch }: ConditionRef, of: AlertCondition): string =>
  JSON.stringify([device, id, branch ?? "", of])

/** So many conditions of one alert are answered with it: a panel makes a branch of each unanswered happening. */
const ofOneAlertMax = 16

/** Whether an alert's condition is this one. */
export const isOf = (
  { device, id, branch }: AlertPanelCondition,
  known: Pick<KnownCondition, "device" | "condition">
): boolean => device === known.device && id === known.condition.id && branch === known.condition.branch

/** A condition as its alert shows it. */
export const entryOf = ({ device, condition, acked, by, comment }: KnownCondition): AlertPanelCondition => ({
  device,
  ...condition,
  acked,
  ...(acked && by !== undefined ? { ackedBy: by } : {}),
  ...(acked && comment !== undefined ? { comment } : {})
})

const isSettled = ({ acked, writeBack, besides = [] }: AlertPanelCondition): boolean =>
  acked && (writeBack === undefined || writeBack.state === "proved") && !besides.some(isPending)

/** Adds a condition to those of an alert. It takes the place of one that is answered where there is no more room. */
export const withEntry = (
  entries: ReadonlyArray<AlertPanelCondition>,
  entry: AlertPanelCondition
): ReadonlyArray<AlertPanelCondition> => {
  if (entries.length < ofOneAlertMax) return [...entries, entry]
  const settled = entries.find(isSettled)
  return settled === undefined ? entries : [...entries.filter((one) => one !== settled), entry]
}

const nameOf = ({ device, id, branch }: AlertPanelCondition): string => JSON.stringify([device, id, branch ?? ""])

/** An alert that was raised just now knows the conditions that tell it too. */
export const withPanelConditions = ({ alert, change }: Lived, known: KnownConditions): Lived => {
  const entries = [...HashMap.values(known)]
    .filter(({ of, acked, active }) => {
      const tells = active === true || !acked
      return tells && of.key === alert.key && of.condition === alert.condition
    })
    .map(entryOf)
    // In one order, however the map came about.
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .slice(0, ofOneAlertMax)
  if (entries.length === 0) return { alert, change }
  const bound = { ...alert, panelConditions: entries }
  return { alert: bound, change: { ...change, alert: bound } }
}
