import { type ClockQuality, clockToleranceMs, type Fact } from "../domain/fact.ts"
import { DeviceId } from "../domain/ids.ts"
import type { Draft } from "./draft.ts"

/** A skewed clock is right again only well within the tolerance: one at its edge would be told again and again. */
const rightWithinMs = clockToleranceMs / 2

/** How far a clock is off, as far as this message proves it: nothing comes from the future, however long it was on its way. */
const offsetOf = ({ aheadMs, trusted, offsetMs }: ClockQuality): number | undefined =>
  aheadMs ?? (trusted ? offsetMs : undefined)

/** A device's own time came with what it says: its clock is told once when it is wrong, and once when it is right again. */
export const clockShown = (draft: Draft, { observation, clock }: Extract<Fact, { _tag: "Observed" }>): void => {
  if (clock === undefined || !("origin" in observation) || observation.origin !== "change") return
  const offsetMs = offsetOf(clock)
  if (offsetMs === undefined) return
  const { device } = observation
  const state = draft.device(device)
  const about = { at: draft.now, device: DeviceId.make(device), offsetMs }
  if (state.skewed === undefined) {
    if (Math.abs(offsetMs) <= clockToleranceMs) return
    draft.setDevice(device, { ...state, skewed: { offsetMs, since: draft.now } })
    draft.event({ _tag: "ClockSkewed", ...about })
  } else if (Math.abs(offsetMs) <= rightWithinMs) {
    const { skewed: _, ...right } = state
    draft.setDevice(device, right)
    draft.event({ _tag: "ClockCorrected", ...about })
  }
}
