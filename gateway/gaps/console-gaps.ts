import { HashMap } from "effect"
import type { ConsoleStanding, UnwatchedWhy } from "../domain/console.ts"
import type { Gap } from "../domain/gap.ts"
import type { GapSources } from "./list.ts"

const reasons: Record<UnwatchedWhy, string> = {
  hidden: "its page has been hidden for more than 30 s",
  gone: "it has not been heard for more than 30 s",
  "sound-blocked": "the browser lets it make no sound until somebody clicks"
}

const silencedGap = ({ console, by, silenced }: ConsoleStanding, at: number): ReadonlyArray<Gap> =>
  silenced === undefined || silenced.until <= at
    ? []
    : [
        {
          id: `console-silenced:${console}`,
          kind: "console-silenced",
          severity: 2,
          title: `The console of ${by} makes no sound`,
          since: silenced.since,
          owner: by,
          reason: "silenced by hand",
          until: silenced.until,
          todo: "It sounds again by itself."
        }
      ]

const unwatchedGap = ({ console, by, unwatched }: ConsoleStanding): ReadonlyArray<Gap> =>
  unwatched === undefined
    ? []
    : [
        {
          id: `console-unwatched:${console}`,
          kind: "console-unwatched",
          severity: 2,
          title: `A critical alert waits, and nobody looks at the console of ${by}`,
          since: unwatched.since,
          owner: by,
          reason: reasons[unwatched.why],
          todo: "Somebody is to look at the console, or to acknowledge elsewhere."
        }
      ]

/** Consoles that are silent, and those that nobody looks at while a critical alert waits. */
export const consoleGaps = ({ situation, at }: GapSources): ReadonlyArray<Gap> => {
  const waits = [...HashMap.values(situation.alerts)].some(
    ({ priority, acknowledged, shelved }) => priority === 1 && !acknowledged && shelved === undefined
  )
  return situation.consoles.flatMap((one) => [...silencedGap(one, at), ...(waits ? unwatchedGap(one) : [])])
}
