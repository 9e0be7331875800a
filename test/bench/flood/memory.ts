import { idsOf } from "../parts/campus.ts"
import { startConnectedDevices } from "../parts/devices.ts"
import { expectPresses } from "../parts/gateway-subject.ts"
import { residentMb } from "../parts/process-costs.ts"
import { type Row, tell } from "../parts/report.ts"
import { slopeOf } from "../parts/spread.ts"
import { withGateway } from "../parts/with-gateway.ts"

/** Memory is looked at after each so many events. */
const every = 50_000

/** A gateway that has nothing to do takes less than this, megabytes. */
const restAim = { below: 200 }

/** Flat is: a million events add no more than a tenth of that, megabytes. */
const growthAim = { atMost: 20 }

/** In the first half of a run the heap grows to the size that the flow needs; a leak shows in the second as well. */
const laterOf = (samples: ReadonlyArray<number>): ReadonlyArray<number> => samples.slice(Math.floor(samples.length / 2))

export interface MemoryOptions {
  readonly events: number
  readonly devices: number
  /** Presses of all devices together under way at a time. */
  readonly window: number
}

/** What a gateway holds resident while a great many events go through its embedded broker. */
export const memory = ({ events, devices, window }: MemoryOptions): Promise<ReadonlyArray<Row>> => {
  const buttons = idsOf("button", devices)
  return withGateway({ buttons }, async (gateway, campus) => {
    const { pid } = gateway
    const atRest = residentMb(pid)
    tell({ memory: "at rest", residentMb: atRest })
    const flow = await startConnectedDevices(campus.mqttPort, buttons)
    const samples: Array<number> = []
    try {
      for (let done = 0; done < events; done += every) {
        const presses = Math.min(every, events - done)
        await flow.have({ do: "flow", presses, window: Math.ceil(window / devices) })
        samples.push(residentMb(pid))
        tell({ memory: done + presses, residentMb: samples.at(-1) })
      }
    } finally {
      await flow.stop()
    }
    expectPresses(campus, events)
    return [
      { what: "resident at rest, MB", gateway: atRest, aim: restAim },
      { what: `resident after ${every} events, MB`, gateway: samples[0] ?? Number.NaN },
      { what: `resident after ${events} events, MB`, gateway: samples.at(-1) ?? Number.NaN },
      { what: "resident, most, MB", gateway: Math.max(...samples) },
      {
        what: "growth by a million events, second half, MB",
        gateway: (slopeOf(laterOf(samples)) * 1e6) / every,
        aim: growthAim
      }
    ]
  })
}
