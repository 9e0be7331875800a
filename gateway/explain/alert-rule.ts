import type { Alert } from "../domain/alert.ts"
import type { CompleteDoorTimes } from "../domain/door.ts"
import { defaultOfflineGraceSeconds, linkGraceSeconds } from "../correlation/supervision.ts"
import { ruleNumbers, ruleWords } from "./rule-words.ts"
import type { Campus } from "../domain/campus.ts"

/** A rule as an alert names it: what it says, and the numbers that it went by. */
export interface RuleTold {
  readonly id: string
  readonly text: string
  readonly numbers: Readonly<Record<string, number>>
}

type TimeName = keyof CompleteDoorTimes

const doorRules: Readonly<Record<string, { readonly text: string; readonly times: ReadonlyArray<TimeName> }>> = {
  "door.forced": {
    text: "The door opens, and neither its mode, nor a grant, nor a request to exit makes that rightful before its grace is over",
    times: [
      "grantSeconds",
      "extendedGrantSeconds",
      "entrySeconds",
      "rexValidSeconds",
      "rexLateSeconds",
      "reorderGraceMs",
      "relatchMs",
      "debounceMs"
    ]
  },
  "door.unverified": {
    text: "The door opens, nothing makes that rightful before its grace is over, and not all that might have was heard",
    times: ["grantSeconds", "entrySeconds", "rexValidSeconds", "rexLateSeconds", "reorderGraceMs"]
  },
  "door.held": {
    text: "The door stands open for longer than it may while its mode does not let it",
    times: ["heldOpenSeconds", "heldPreAlarmSeconds", "extendedGrantSeconds"]
  },
  "door.probable-exit": {
    text: "The door opens, and a request to exit comes so shortly after that somebody has pushed it before the sensor saw them",
    times: ["rexLateSeconds", "reorderGraceMs"]
  },
  "door.controller": { text: "The door's controller itself reports it", times: [] },
  "door.tamper": { text: "A tamper contact of the door is on", times: [] },
  "door.fault": { text: "A point of the door is at fault, or can no longer be read", times: [] }
}

const others: Readonly<Record<string, string>> = {
  "supervision.offline": "The device is offline for longer than its grace",
  "supervision.silence": "The device says nothing for longer than it is expected to",
  "supervision.link": "The link is away for longer than its grace, or was rejected",
  "supervision.frozen-picture": "The camera's picture stays the same to the last byte for longer than it may",
  "command.proof": "A door's command was taken, and no reading shows in time that it was done",
  "notify.channel": "A channel to people takes no messages",
  "notify.address": "A person's address is refused by a channel",
  "notify.test-alert": "The test alert that goes the whole road of an alert did not come through",
  "rules.overload": "A rule hears of more than it can watch",
  "emergency.panic": "Somebody pressed panic: each press counts",
  "access.duress": "A credential signalled duress: each one counts"
}

const deviceNumbers = ({ rule, device }: Alert, campus: Campus | undefined): Readonly<Record<string, number>> => {
  if (rule === "supervision.link") return { linkGraceSeconds }
  const found = campus?.devices.find(({ id }) => id === device)
  if (rule === "supervision.offline") {
    return { offlineGraceSeconds: found?.offlineGraceSeconds ?? defaultOfflineGraceSeconds }
  }
  const expected = found?.expectedIntervalSeconds
  return rule === "supervision.silence" && expected !== undefined ? { expectedIntervalSeconds: expected } : {}
}

/** The rule of an alert with its numbers, as the configuration of then has them. */
export const ruleOf = (alert: Alert, campus: Campus | undefined, times: CompleteDoorTimes): RuleTold => {
  const written = campus?.rules?.find(({ id }) => id === alert.rule)
  if (written !== undefined) return { id: alert.rule, text: ruleWords(written), numbers: ruleNumbers(written) }
  const known = doorRules[alert.rule]
  if (known === undefined) {
    return { id: alert.rule, text: others[alert.rule] ?? alert.title, numbers: deviceNumbers(alert, campus) }
  }
  return {
    id: alert.rule,
    text: known.text,
    numbers: Object.fromEntries(known.times.map((name) => [name, times[name]]))
  }
}
