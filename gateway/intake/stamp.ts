import type { MeasuredClock } from "../../adapters/adapter.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs, LinkId } from "../domain/ids.ts"
import type { Observation } from "../domain/observation.ts"
import { type ClockSamples, skewFreeMs, timeByClock, timeOf } from "./clock-quality.ts"

/** An observation as intake takes it in. */
export interface Heard {
  /** The gateway's clock. */
  readonly at: EpochMs
  readonly link: LinkId
  readonly observation: Observation
  readonly receivedAt: EpochMs
  /** The device's clock, where its adapter has measured it. */
  readonly clock?: MeasuredClock | undefined
}

/** One device's clock: how it was seen to differ from ours, and what it showed last. */
interface DeviceClock {
  readonly samples: ClockSamples
  readonly shown: EpochMs
}

/** The devices' clocks as measured so far, and the times of facts by them. */
export class DeviceClocks {
  readonly #clocks = new Map<string, DeviceClock>()

  /** The observation as a fact: when it happened, by its device's clock where that can be trusted. */
  stamp({ at, link, observation, receivedAt, clock }: Heard): Extract<Fact, { _tag: "Observed" }> {
    const fact = { _tag: "Observed", at, link, observation, receivedAt, occurredAt: receivedAt } as const
    if (!("deviceTime" in observation) || observation.deviceTime === undefined) return fact
    const { deviceTime, device, origin } = observation
    const live = origin === "change"
    const measured = clock === undefined ? undefined : timeByClock(clock, deviceTime, receivedAt, live)
    if (measured !== undefined) return { ...fact, occurredAt: measured.occurredAt, clock: measured.quality }
    const before = this.#clocks.get(device)
    // A clock that goes back was set: all that was learnt of it is of the clock before.
    const known = before === undefined || (live && deviceTime < before.shown - skewFreeMs) ? [] : before.samples
    const timed = timeOf(known, deviceTime, receivedAt, live)
    if (live) this.#clocks.set(device, { samples: timed.samples, shown: deviceTime })
    return { ...fact, occurredAt: timed.occurredAt, clock: timed.quality }
  }
}
