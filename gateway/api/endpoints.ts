import { alarmHealthRoutes } from "./alarm-health-routes.ts"
import { alertRoutes } from "./alert-routes.ts"
import { areaRoutes } from "./area-routes.ts"
import { capRoutes } from "./cap-routes.ts"
import { campusRoutes } from "./campus-routes.ts"
import { channelRoutes } from "./channel-routes.ts"
import { commandRoutes } from "./command-routes.ts"
import { consoleRoutes } from "./console-routes.ts"
import { configRoutes } from "./config-routes.ts"
import type { Endpoint } from "./endpoint.ts"
import { explanationRoutes } from "./explanation-routes.ts"
import { evidenceRoutes } from "./evidence-routes.ts"
import { floodRoutes } from "./flood-routes.ts"
import { gapRoutes } from "./gap-routes.ts"
import { healthRoutes } from "./health-routes.ts"
import { incidentRoutes } from "./incident-routes.ts"
import { journalRoutes } from "./journal-routes.ts"
import { inboundRoutes } from "./inbound-routes.ts"
import { logRoutes } from "./log-routes.ts"
import { peopleRoutes } from "./people-routes.ts"
import { planRoutes } from "./plan-routes.ts"
import { pushRoutes } from "./push-routes.ts"
import { replayRoutes } from "./replay-routes.ts"
import { reportRoutes } from "./report-routes.ts"
import { ruleRoutes } from "./rule-routes.ts"
import { scheduleRoutes } from "./schedule-routes.ts"
import { sessionRoutes } from "./session-routes.ts"
import { shiftRoutes } from "./shift-routes.ts"
import { tokenRoutes } from "./token-routes.ts"
import type { Sources } from "./sources.ts"

/** Every route below `/api/v1`, in one table: express and the OpenAPI document are both made from it. */
export const endpoints = (sources: Sources): ReadonlyArray<Endpoint> => [
  ...sessionRoutes(sources),
  ...peopleRoutes(sources),
  ...tokenRoutes(sources),
  ...shiftRoutes(sources),
  ...campusRoutes(sources),
  ...areaRoutes(sources),
  ...scheduleRoutes(sources),
  ...planRoutes(sources),
  ...commandRoutes(sources),
  ...alertRoutes(sources),
  ...channelRoutes(sources),
  ...floodRoutes(sources),
  ...alarmHealthRoutes(sources),
  ...explanationRoutes(sources),
  ...evidenceRoutes(sources),
  ...consoleRoutes(sources),
  ...configRoutes(sources),
  ...ruleRoutes(sources),
  ...gapRoutes(sources),
  ...healthRoutes(sources),
  ...incidentRoutes(sources),
  ...reportRoutes(sources),
  ...inboundRoutes(sources),
  ...capRoutes(sources),
  ...pushRoutes(sources),
  ...logRoutes(sources),
  ...journalRoutes(sources),
  ...replayRoutes(sources)
]
