import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Effect, Exit, Option, type Runtime } from "effect"
import { CliError, Command } from "effect/cli"
import { diagnostics } from "../diagnostics.ts"
import packageJson from "../../package.json" with { type: "json" }
import { areaCommand } from "./area.ts"
import { calendarCommand, type CalendarParts } from "./calendar.ts"
import { certsCommand } from "./certs.ts"
import type { CertsParts } from "./certs-listed.ts"
import { checkCommand, type Checks } from "./check.ts"
import { demoCommand, type DemoParts } from "./demo.ts"
import { discoverCommand } from "./discover.ts"
import { alarmHealthCommand } from "./alarm-health.ts"
import { doctorCommand } from "./doctor.ts"
import { doorCommand } from "./door.ts"
import type { DiscoverOnvifParts } from "./discover-onvif-found.ts"
import type { DiscoverParts } from "./discovered.ts"
import { explainCommand } from "./explain.ts"
import type { ExplainLog } from "../explain/explain-log.ts"
import { CommandFailed } from "./failure.ts"
import { gapsCommand } from "./gaps.ts"
import { incidentCommand } from "./incident.ts"
import { logCommand, type VerifyLog } from "./log.ts"
import { maintenanceCommand } from "./maintenance.ts"
import { mapCommand } from "./map.ts"
import type { MapParts } from "./mapped.ts"
import { pointTo, tell } from "./output.ts"
import { probeCommand } from "./probe.ts"
import type { ProbeParts } from "./probe-parts.ts"
import { replayCommand, type ReplayParts } from "./replay.ts"
import { peopleCommand } from "./people.ts"
import { shiftCommand } from "./shift.ts"
import { tokensCommand } from "./tokens.ts"
import type { Starter } from "./running.ts"
import { scheduleCommand, type ScheduleParts } from "./schedule.ts"
import { serveCommand } from "./serve.ts"
import { simulateCommand, type Simulate } from "./simulate.ts"
import { statusCommand } from "./status.ts"
import { rulesCommand } from "./rules.ts"
import { threatCommand } from "./threat.ts"
import { testCommand, type ScenarioParts } from "./test.ts"
import { watchCommand } from "./watch.ts"
import { watchdogCommand, type WatchdogParts } from "./watchdog.ts"

/** What the commands run with; a command whose part is left out does not exist. Each part is loaded only by the command that needs it, so that `--help` is quick. */
export interface Parts {
  readonly checks: () => Promise<Checks>
  readonly starter: () => Promise<Starter>
  readonly demo?: () => Promise<DemoParts>
  readonly discover?: () => Promise<DiscoverParts>
  readonly discoverOnvif?: () => Promise<DiscoverOnvifParts>
  readonly probe?: () => Promise<ProbeParts>
  readonly certs?: () => Promise<CertsParts>
  readonly map?: () => Promise<MapParts>
  readonly schedule?: () => Promise<ScheduleParts>
  readonly calendar?: () => Promise<CalendarParts>
  readonly simulate?: () => Promise<Simulate>
  readonly scenarios?: () => Promise<ScenarioParts>
  readonly replay?: () => Promise<ReplayParts>
  readonly verifyLog?: () => Promise<VerifyLog>
  readonly explainLog?: () => Promise<ExplainLog>
  readonly watchdog?: () => Promise<WatchdogParts>
}

/** These run until they are told to stop: being told is their success. */
const servers = new Set(["serve", "demo", "watchdog"])

/** 0 done, 1 checked and found wrong, 2 bad usage, 3 not reachable, 4 refused, 5 and 6 of `replay`, 130 interrupted. */
export const exitCodeOf = (exit: Exit.Exit<unknown, unknown>, command: string | undefined): number => {
  if (Exit.isSuccess(exit)) return 0
  if (Cause.hasInterruptsOnly(exit.cause)) return command !== undefined && servers.has(command) ? 0 : 130
  const failure = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  if (failure instanceof CommandFailed) return failure.exitCode
  if (CliError.isCliError(failure)) return failure._tag === "ShowHelp" && failure.errors.length === 0 ? 0 : 2
  return 1
}

const explainFailure = (cause: Cause.Cause<unknown>, argv: ReadonlyArray<string>): void => {
  if (Cause.hasInterruptsOnly(cause)) return
  const failure = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (failure instanceof CommandFailed) {
    if (failure.reason !== undefined) tell(failure.reason)
    return pointTo(failure.next)
  }
  if (CliError.isCliError(failure)) {
    if (failure._tag === "ShowHelp" && failure.errors.length === 0) return
    return pointTo(
      `npm run gatehouse -- ${argv
        .slice(0, 1)
        .filter((word) => /^[a-z]+$/.test(word))
        .concat("--help")
        .join(" ")}`
    )
  }
  tell(`Gatehouse stopped by a fault of its own:\n${Cause.pretty(cause)}`)
  pointTo("npm run gatehouse -- check")
}

/**
 * Whoever read our output is gone (`| head`). What only shows, ends: that is its success. A simulated campus stops as it
 * does on Ctrl-C. Anything else has work of its own, a gateway above all, and goes on without being heard.
 */
const outliveReader = (command: string | undefined): void => {
  const gone = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") throw error
    if (command === "watch") process.exit(0)
    if (command === "demo") process.kill(process.pid, "SIGINT")
  }
  process.stdout.on("error", gone)
  process.stderr.on("error", gone)
}

/** The commands, as typed: what comes after the program's name. A failure is told before it ends the effect. */
export const commandLine = (parts: Parts, argv: ReadonlyArray<string>) =>
  Command.make("gatehouse").pipe(
    Command.withDescription("Campus security gateway: door, access and camera events in, explained alerts out"),
    Command.withSubcommands([
      serveCommand(parts.starter),
      ...(parts.demo === undefined ? [] : [demoCommand(parts.demo)]),
      checkCommand(parts.checks),
      ...(parts.discover === undefined ? [] : [discoverCommand(parts.discover, parts.discoverOnvif)]),
      ...(parts.probe === undefined ? [] : [probeCommand(parts.probe)]),
      ...(parts.certs === undefined ? [] : [certsCommand(parts.certs)]),
      ...(parts.map === undefined ? [] : [mapCommand(parts.map)]),
      ...(parts.schedule === undefined ? [] : [scheduleCommand(parts.schedule)]),
      ...(parts.calendar === undefined ? [] : [calendarCommand(parts.calendar)]),
      ...(parts.scenarios === undefined ? [] : [testCommand(parts.scenarios)]),
      ...(parts.simulate === undefined ? [] : [simulateCommand(parts.simulate)]),
      ...(parts.replay === undefined ? [] : [replayCommand(parts.replay)]),
      watchCommand,
      ...(parts.watchdog === undefined ? [] : [watchdogCommand(parts.watchdog)]),
      statusCommand,
      doorCommand,
      areaCommand,
      threatCommand,
      rulesCommand,
      ...(parts.explainLog === undefined
        ? []
        : [explainCommand(parts.explainLog), doctorCommand(parts.explainLog), alarmHealthCommand(parts.explainLog)]),
      gapsCommand,
      maintenanceCommand,
      incidentCommand,
      shiftCommand,
      peopleCommand,
      tokensCommand,
      ...(parts.verifyLog === undefined ? [] : [logCommand(parts.verifyLog)])
    ]),
    (command) => Command.runWith(command, { version: packageJson.version })(argv),
    Effect.tapCause((cause) => Effect.sync(() => explainFailure(cause, argv))),
    Effect.provide([NodeServices.layer, diagnostics])
  )

/** Runs the command line of this process and ends it with the command's exit code. */
export const runCommandLine = (parts: Parts): void => {
  const argv = process.argv.slice(2)
  outliveReader(argv[0])
  const teardown: Runtime.Teardown = (exit, onExit) => onExit(exitCodeOf(exit, argv[0]))
  NodeRuntime.runMain(commandLine(parts, argv), { teardown, disableErrorReporting: true })
}
