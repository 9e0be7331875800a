import type { Parts } from "./cli/command-line.ts"

const starter = async () => (await import("./app.ts")).starter
const settings = async () => (await import("./app.ts")).readSettings

/** What this gateway's commands run with. Every part is loaded by the command that needs it: `--help` and `watch` bring no broker and no database along. */
export const parts: Parts = {
  checks: async () => (await import("./installed.ts")).checks,
  starter,
  demo: async () => ({ ...(await starter()), ...(await import("./demonstration.ts")).demonstration }),
  discover: async () => (await import("./discovery.ts")).discoverParts(await settings()),
  discoverOnvif: async () => (await import("./probing.ts")).discoverOnvifParts,
  probe: async () => (await import("./probing.ts")).probeParts,
  certs: async () => (await import("./certificates.ts")).certsParts,
  map: async () => (await import("./discovery.ts")).mapParts(await settings()),
  schedule: settings,
  calendar: () => import("./settings/ics-calendar.ts"),
  simulate: async () => (await import("./cli/scenario-runner.ts")).simulate(await settings()),
  scenarios: async () => (await import("./cli/scenario-runner.ts")).scenarioParts(await settings()),
  replay: async () => (await import("./replaying.ts")).replayParts,
  verifyLog: async () => (await import("./evidence/verify-evidence.ts")).verifyWithEvidence,
  explainLog: async () => (await import("./explain/explain-log.ts")).explainLog,
  watchdog: async () => (await import("./watchdog/watchdog-parts.ts")).watchdogParts
}
