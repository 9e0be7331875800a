import { endedCalendars } from "../correlation/calendar-end.ts"
import type { Gap } from "../domain/gap.ts"
import type { GapSources } from "./list.ts"

/** Calendars that have run out: what goes by them knows no holidays any more. */
export const calendarGaps = ({ at, situation: { campus } }: GapSources): ReadonlyArray<Gap> =>
  campus === undefined
    ? []
    : endedCalendars(campus, at).map(({ id, lastDay, schedules }) => ({
        id: `calendar-over:${id}`,
        kind: "calendar-over",
        severity: 3,
        title: `Calendar ${id} has run out`,
        owner: "configuration",
        reason: `its last entry was ${lastDay}: ${schedules.join(", ")} ${schedules.length === 1 ? "knows" : "know"} no holidays any more`,
        todo: "Import the new school year (gatehouse calendar import), or write its days into the configuration."
      }))
