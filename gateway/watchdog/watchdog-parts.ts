import type { WatchdogParts } from "../cli/watchdog.ts"
import { tellBy, testMessage, wayName } from "./alarm-ways.ts"
import { lookNow, watchGateway } from "./watch.ts"
import { signs } from "./watched.ts"
import { readWatchdog } from "./watchdog-settings.ts"

/** What the command line runs a watchdog with. */
export const watchdogParts: WatchdogParts = {
  read: readWatchdog,
  watch: watchGateway,
  look: lookNow,
  tellBy,
  testMessage,
  wayName,
  signs
}
