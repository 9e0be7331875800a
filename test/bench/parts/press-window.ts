import type { Devices } from "./devices.ts"
import { waitedMs } from "./press.ts"
import { type Spread, spreadOf } from "./spread.ts"
import type { Subject } from "./subject.ts"

/** How long a press takes from publish to its goal, of devices that press together so often a second, for so long. */
export const pressWindow = async (
  subject: Pick<Subject, "onPress">,
  devices: Devices,
  { rate, seconds }: { readonly rate: number; readonly seconds: number }
): Promise<Spread> => {
  const took: Array<number> = []
  const arrived = new Promise<void>((resolve) =>
    subject.onPress((action) => {
      took.push(waitedMs(action))
      if (took.length === rate * seconds) resolve()
    })
  )
  await devices.have({ do: "press", rate, seconds })
  await arrived
  return spreadOf(took)
}
