import type { Fact } from "../domain/fact.ts"
import type { EpochMs, LinkId } from "../domain/ids.ts"
import type { Observation } from "../domain/observation.ts"
import { type ClockSamples, timeOf } from "./clock-quality.ts"

/** An observation as intake takes it in. */
export interface Heard {
  /** The gateway's clock. */
  readonly at: EpochMs
  readonly link: LinkId
  readonly observation: Observation
  readonly receivedAt: EpochMs
}

/** The devices' clocks as measured so far, and the times of facts by them. */
export class DeviceClocks {
  readonly #samples = new Map<string, ClockSamples>()

  /** The observation as a fact: when it happened, by its device's clock where that can be trusted. */
  stamp({ at, link, observation, receivedAt }: Heard): Extract<Fact, { _tag: "Observed" }> {
    const fact = { _tag: "Observed", at, link, observation, receivedAt, occurredAt: receivedAt } as const
    if (!("deviceTime" in observation) || observation.deviceTime === undefined) return fact
    const samples = this.#samples.get(observation.device) ?? []
    const timed = timeOf(samples, observation.deviceTime, receivedAt, observation.origin === "change")
    this.#samples.set(observation.device, timed.samples)
    return { ...fact, occurredAt: timed.occurredAt, clock: timed.quality }
  }
}
