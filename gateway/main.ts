import { enableCompileCache } from "node:module"

// Compiled code is kept between runs: the command line answers in a fraction of the time.
enableCompileCache()

const { runCommandLine } = await import("./cli/command-line.ts")

const starter = async () => (await import("./app.ts")).starter
const settings = async () => (await import("./app.ts")).readSettings

// Every part is loaded by the command that needs it: `--help` and `watch` bring no broker and no database along.
runCommandLine({
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
})
