import { defaultDoorTimes } from "../../../gateway/domain/door.ts"

/** The times of a door that is configured with none, in milliseconds, as the machines written by hand have them. */
export const times = {
  grant: defaultDoorTimes.grantSeconds * 1000,
  entry: defaultDoorTimes.entrySeconds * 1000,
  exit: defaultDoorTimes.rexValidSeconds * 1000,
  preAlarm: defaultDoorTimes.heldPreAlarmSeconds * 1000,
  held: defaultDoorTimes.heldOpenSeconds * 1000,
  grace: defaultDoorTimes.reorderGraceMs,
  debounce: defaultDoorTimes.debounceMs
}
