import { userInfo, hostname } from "node:os"
import { Effect } from "effect"
import { CredentialsRejected, type LinkLost } from "../../adapters/adapter.ts"
import { writeSheet } from "../settings/conformance-sheet.ts"
import type { Settings } from "../settings/load-settings.ts"
import { sheetLines, sightingLine, tasksFor } from "./conformance-lines.ts"
import { CommandFailed } from "./failure.ts"
import { say, sayJson, tell } from "./output.ts"
import type { ObservationCourse, ProbeParts, ProbeTarget } from "./probe-parts.ts"
import { again, type ProbeOptions } from "./probe-where.ts"

export interface ConformanceOptions extends ProbeOptions {
  readonly minutes: number
  readonly write: boolean
}

/** Completes when the person at the terminal presses Enter; never where there is none. */
const enterPressed: Effect.Effect<void> = Effect.callback((resume) => {
  if (!process.stdin.isTTY) return
  const done = (): void => resume(Effect.void)
  process.stdin.once("data", done)
  return Effect.sync(() => {
    process.stdin.off("data", done)
    process.stdin.pause()
  })
})

const measuring: Readonly<Record<string, string>> = {
  subscription: "trying how the device leads a subscription (some seconds)",
  subscribers: "opening subscriptions until it refuses, ten at most; all are ended again",
  reconnect: "cutting the connection, and subscribing anew",
  picture: "taking two pictures"
}

const course =
  ({ json, minutes }: ConformanceOptions) =>
  (event: ObservationCourse): void => {
    if (event._tag === "Measuring") return tell(measuring[event.what] ?? event.what)
    if (event._tag === "Seen") {
      if (json) sayJson({ event: "seen", at: new Date().toISOString(), ...event.sighting })
      else say(sightingLine(event.sighting, new Date()))
      return
    }
    tell(`${event.product}; it offers ${event.offered} topics`)
    tell(`watching for ${minutes} min${process.stdin.isTTY ? ", or until you press Enter" : ""}. Meanwhile, please:`)
    for (const task of tasksFor(event)) tell(`  - ${task}`)
  }

const failed =
  (options: ConformanceOptions) =>
  (cause: LinkLost | CredentialsRejected | CommandFailed): CommandFailed =>
    cause instanceof CommandFailed
      ? cause
      : new CommandFailed({
          exitCode: 1,
          reason: `the device could not be observed: ${cause.reason}`,
          next: again(options, cause instanceof CredentialsRejected && /--enrol/.test(cause.reason) ? " --enrol" : "")
        })

const observer = (): string => {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    // A container may run as a user that has no name.
    return hostname()
  }
}

/** Observes what a device really does, shows it, and saves it where that is wanted. */
export const observeConformance = Effect.fnUntraced(function* (
  parts: ProbeParts,
  target: ProbeTarget,
  settings: Settings | undefined,
  options: ConformanceOptions
) {
  const { json, minutes, write } = options
  const saved = write && target.configured ? settings?.dataDir : undefined
  if (write && saved === undefined)
    return yield* new CommandFailed({
      exitCode: 2,
      reason: "--write saves the sheet of a configured device; this one is known by its address alone",
      next: again(options, " --conformance")
    })
  const sheet = yield* parts
    .observe({
      target,
      profilesDirectory: settings?.profilesDirectory ?? "config/profiles",
      timeZone: settings?.campus.site.timeZone ?? "UTC",
      observedBy: observer(),
      tell: course(options),
      until: Effect.raceFirst(Effect.sleep(minutes * 60_000), enterPressed)
    })
    .pipe(Effect.mapError(failed(options)))
  if (json) sayJson({ event: "sheet", ...sheet })
  else for (const line of sheetLines(sheet)) say(line)
  if (saved === undefined) {
    tell(target.configured ? `next: ${again(options, " --conformance --write")}   # to save it` : "nothing was saved")
    return
  }
  const file = yield* Effect.try({
    try: () => writeSheet(saved, sheet),
    catch: (cause) =>
      new CommandFailed({
        exitCode: 1,
        reason: `the sheet was not saved: ${cause instanceof Error ? cause.message : String(cause)}`,
        next: again(options, " --conformance --write")
      })
  })
  if (json) sayJson({ event: "written", file })
  tell(`saved as ${file}`)
  tell(`next: npm run gatehouse -- check ${options.config ?? ""}`.trimEnd())
})
