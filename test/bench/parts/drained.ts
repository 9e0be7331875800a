import { arrivals } from "./arrivals.ts"
import type { Device } from "./device.ts"
import { pressAtFullSpeed } from "./speaking.ts"
import type { Subject } from "./subject.ts"

/**
 * Has the subject drain a broker in which all `presses` wait: it stands still while they are published, so that the
 * publisher's own speed is not in it. Calls `started` when it goes on; completes when all have arrived.
 */
export const drained = async (
  subject: Subject,
  button: Device,
  presses: number,
  started: () => void
): Promise<void> => {
  const done = arrivals(subject, presses)
  subject.process.kill("SIGSTOP")
  await pressAtFullSpeed([button], { window: 2000, presses }).reached(presses)
  started()
  subject.process.kill("SIGCONT")
  await done
}
