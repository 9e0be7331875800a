import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { type ConformanceSheet, readSheets, writeSheet } from "../settings/conformance-sheet.ts"
import type { Settings } from "../settings/load-settings.ts"
import { observeConformance } from "./conformance.ts"
import { configFlag, usualConfig } from "./usual-config.ts"
import { CommandFailed, usage } from "./failure.ts"
import { quoted, say, sayJson, tell } from "./output.ts"
import { certificateLines, sayStep } from "./probe-lines.ts"
import type { ProbeParts, ProbeStep, ProbeTarget } from "./probe-parts.ts"
import { again, aUser, passwordVariable, type ProbeOptions, targetOf } from "./probe-where.ts"

interface Options extends ProbeOptions {
  readonly enrol: boolean
  readonly conformance: boolean
  readonly minutes: number
  readonly write: boolean
}

/** What comes after is not tried before a person has acted: certificates are decided upon by `certs`. */
const opcuaRemedy = (
  { step, todo = "", facts = {} }: ProbeStep,
  { link }: ProbeTarget["device"],
  options: ProbeOptions
): CommandFailed => {
  const config = options.config === undefined ? "" : ` --config ${quoted(options.config)}`
  const { thumbprint } = facts
  const nextOf = (): string => {
    if (step === "trust" && typeof thumbprint === "string")
      return `npm run gatehouse -- certs trust ${thumbprint} --link ${quoted(link)}${config}`
    // Who we are is read from the environment and from files: nothing of the configuration need be wrong.
    if (step === "settings" && facts["user"] === undefined)
      return `npm run gatehouse -- check${options.config === undefined ? "" : ` ${quoted(options.config)}`}`
    if (step === "nodes" || step === "namespaces")
      return `npm run gatehouse -- discover opcua --link ${quoted(link)}${config}`
    return again(options)
  }
  return new CommandFailed({ exitCode: 1, reason: `${step}: ${todo}`, next: nextOf() })
}

/** What to do about the first step that failed; the command is what is to be run after that, or instead. */
const remedy = (
  failed: ProbeStep,
  { configured, protocol, device }: ProbeTarget,
  options: ProbeOptions
): CommandFailed => {
  const { step, todo = "" } = failed
  const { username } = options
  const failure = (words: string, next: string) => new CommandFailed({ exitCode: 1, reason: `${step}: ${words}`, next })
  const asUser = `${passwordVariable}=<password> ${again({ ...options, username: username ?? aUser })}`
  if (!configured && step === "settings" && username !== undefined)
    return failure(`the password of "${username}" is read from the environment`, asUser)
  if (!configured && step === "login" && username === undefined)
    return failure("name a user of the device, and give the password by the environment", asUser)
  if (protocol === "opcua") return opcuaRemedy(failed, device, options)
  if (step === "certificate") return failure(todo, again(options, " --enrol"))
  return failure(todo, again(options))
}

/** Tells steps as they end, and remembers the first that failed. */
const telling = (json: boolean) => {
  let failed: ProbeStep | undefined
  return {
    tell: (step: ProbeStep): void => {
      if (json) sayJson({ event: "step", ...step })
      else sayStep(step)
      if (step.result === "failed") failed ??= step
    },
    failed: () => failed
  }
}

/** What was observed of a device once holds for the firmware it had: that it has another now is put down beside it. */
const noteFirmware = (sheet: ConformanceSheet, firmware: string, dataDir: string): void => {
  const { since, ...rest } = sheet
  const known = since?.firmware ?? rest.product.firmware
  if (known === firmware) return
  const at = new Date().toISOString()
  writeSheet(dataDir, rest.product.firmware === firmware ? rest : { ...rest, since: { firmware, at } })
  if (rest.product.firmware !== firmware)
    tell(
      `it was observed with firmware ${rest.product.firmware} and has ${firmware} now: what was seen of it may no longer hold`
    )
}

const compareFirmware = (
  { device, configured }: ProbeTarget,
  settings: Settings | undefined,
  firmware: string | undefined
): Effect.Effect<void> =>
  Effect.sync(() => {
    if (!configured || settings === undefined || firmware === undefined || firmware === "") return
    const sheet = readSheets(settings.dataDir).byDevice.get(device.id)
    try {
      if (sheet !== undefined) noteFirmware(sheet, firmware, settings.dataDir)
    } catch (cause) {
      tell(
        `the conformance sheet of ${device.id} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`
      )
    }
  })

const enrol = Effect.fnUntraced(function* (parts: ProbeParts, target: ProbeTarget, options: Options) {
  const { json } = options
  const steps = telling(json)
  // Here the steps are on the way: only one that fails is told.
  const tellFailed = (step: ProbeStep): void => {
    if (step.result === "failed") steps.tell(step)
  }
  const shown = yield* parts.certificate(target, tellFailed)
  const failed = steps.failed()
  if (shown === undefined || failed !== undefined) {
    const reason = `${failed?.step ?? "certificate"}: ${failed?.todo ?? "none came"}`
    return yield* new CommandFailed({ exitCode: 1, reason, next: again(options, " --enrol") })
  }
  if (json) sayJson({ event: "certificate", device: target.device.id, ...shown })
  else for (const line of certificateLines(shown, target)) say(line)
  if (shown.enrolled) return tell("this certificate is enrolled already")
  tell(
    "compare the fingerprint with the one on the device's own page: whoever stands in between would show one of his own"
  )
  const whose = target.configured ? `the device "${target.device.id}"` : "the device, once it is in the configuration,"
  tell(`the last line belongs to ${whose} in ${options.config ?? usualConfig}; the device is then called by https`)
  tell(`next: ${again(options)}`)
})

/** What only ONVIF devices can be asked. */
const onvifOnly = ({ device }: ProbeTarget, options: Options): CommandFailed => {
  const config = options.config === undefined ? "" : ` --config ${quoted(options.config)}`
  return options.enrol
    ? usage(
        `"${device.id}" speaks OPC UA: whether its server's certificate is trusted is decided by certs, not by --enrol`,
        `npm run gatehouse -- certs ls --link ${quoted(device.link)}${config}`
      )
    : usage(`"${device.id}" speaks OPC UA: --conformance observes ONVIF devices`, again(options))
}

const probe = Effect.fnUntraced(function* (parts: ProbeParts, options: Options) {
  const { json, conformance } = options
  const { target, settings } = yield* targetOf(parts, options)
  if (target.protocol === "opcua" && (options.enrol || conformance)) return yield* onvifOnly(target, options)
  if (options.enrol) return yield* enrol(parts, target, options)
  if (conformance) return yield* observeConformance(parts, target, settings, options)
  const steps = telling(json)
  const probed = yield* parts.probe(target, steps.tell)
  const failed = steps.failed()
  const { id, address } = target.device
  if (json) sayJson({ event: "probe", device: target.configured ? id : null, address, ok: failed === undefined })
  if (failed !== undefined) return yield* remedy(failed, target, options)
  yield* compareFirmware(target, settings, probed?.firmware)
  if (target.protocol === "opcua") {
    return tell("next: npm run gatehouse -- status   # what the running gateway makes of it")
  }
  tell(
    target.configured
      ? `next: ${again(options, " --conformance --write")}   # what it really reports`
      : "next: npm run gatehouse -- discover onvif --write   # adds it to the configuration, disabled"
  )
})

const conflict = (
  { enrol: enrols, conformance, write, minutes }: Options,
  minutesGiven: boolean
): string | undefined => {
  if (enrols && conformance) return "--enrol and --conformance are two errands: give one"
  if (!conformance && write) return "--write belongs to --conformance: it saves what was observed"
  if (!conformance && minutesGiven) return "--minutes belongs to --conformance"
  return minutes > 0 && minutes <= 1440 ? undefined : "--minutes must be between 0 and 1440"
}

const usualMinutes = 2

/** `gatehouse probe`: looks at a device step by step, as a gateway comes to hear it, and says what to do. */
export const probeCommand = (load: () => Promise<ProbeParts>) =>
  Command.make(
    "probe",
    {
      device: Argument.String("device").pipe(
        Argument.withDescription("The id of a configured device, disabled or not; or an address")
      ),
      config: configFlag,
      username: Flag.String("username").pipe(
        Flag.withDescription(
          `A user of a device that is not configured; the password is read from ${passwordVariable}`
        ),
        Flag.optional
      ),
      enrol: Flag.Boolean("enrol").pipe(
        Flag.withDescription("Print the device's certificate, and the line that makes the gateway trust it alone"),
        Flag.withDefault(false)
      ),
      conformance: Flag.Boolean("conformance").pipe(
        Flag.withDescription("Observe what the device really reports, while somebody works its doors"),
        Flag.withDefault(false)
      ),
      minutes: Flag.Finite("minutes").pipe(
        Flag.withDescription(`With --conformance: how long to watch (default: ${usualMinutes})`),
        Flag.optional
      ),
      write: Flag.Boolean("write").pipe(
        Flag.withDescription("With --conformance: save the sheet, which `check` then holds the configuration against"),
        Flag.withDefault(false)
      ),
      json: Flag.Boolean("json").pipe(Flag.withDescription("One JSON object a line"), Flag.withDefault(false))
    },
    Effect.fn("probe")(function* ({ config, username, minutes, ...flags }) {
      const options: Options = {
        ...flags,
        config: Option.getOrUndefined(config),
        username: Option.getOrUndefined(username),
        minutes: Option.getOrElse(minutes, () => usualMinutes)
      }
      const wrong = conflict(options, Option.isSome(minutes))
      if (wrong !== undefined)
        return yield* new CommandFailed({ exitCode: 2, reason: wrong, next: "npm run gatehouse -- probe --help" })
      yield* probe(yield* Effect.promise(load), options)
    })
  ).pipe(Command.withDescription("Look at a device step by step, and say what to do about the first that fails"))
