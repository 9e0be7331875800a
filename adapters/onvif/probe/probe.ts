import { Effect, Result, type Scope } from "effect"
import type { Device } from "../../../gateway/domain/campus.ts"
import type { EpochMs } from "../../../gateway/domain/ids.ts"
import type { Unable } from "../../adapter.ts"
import { SecretMissing } from "../../secret.ts"
import { reachableUrl } from "../wire/address.ts"
import type { MeasuredClock } from "../../adapter.ts"
import { makeClocks } from "../clock/clocks.ts"
import type { CallFailed, Connection } from "../wire/connection.ts"
import { type DeviceSettings, deviceSettings, Unusable } from "../device-settings.ts"
import { askTime } from "../clock/device-time.ts"
import { type DeviceInformation, type Library, makeLibrary } from "../device/library.ts"
import { openConnection } from "../wire/open-connection.ts"
import { certificateAt, judgeCertificate } from "./probe-certificate.ts"
import { isFarOff, judgeClock } from "./probe-clock.ts"
import { hearEvents } from "./probe-events.ts"
import { logIn } from "./probe-login.ts"
import { askServices, type Offered } from "./probe-services.ts"
import { findName, type Reached, reach } from "../../probing/reach.ts"
import { type Found, StepFailed } from "../../probing/steps.ts"
import { type ProbeSteps, probeSteps, type Step } from "./probe-step.ts"
import type { OnvifSettings } from "../settings.ts"
import { makeSnapshots } from "../device/snapshot.ts"

/** A device to be looked at, as the configuration has it. */
export interface Target {
  readonly settings: OnvifSettings
  readonly device: Device
}

export interface ProbeOptions extends Target {
  readonly now: () => EpochMs
  /** Told of each step as it ends. */
  readonly tell: (step: Step) => void
}

/** What a probe learnt of a device that let it in. */
export interface Probed {
  readonly information: DeviceInformation | undefined
}

/** For one request to the device or media service. */
const callMs = 10_000

/** The device's part of the configuration; what is wrong with it is told as a step. */
export const settingsOf = ({ settings, device }: Target): Effect.Effect<DeviceSettings, StepFailed> =>
  Effect.try({ try: () => deviceSettings(settings, device), catch: (cause) => cause }).pipe(
    Effect.catch((cause) => {
      if (cause instanceof SecretMissing) {
        const todo = "start the probe with the environment, and as the user, that the gateway runs with"
        return Effect.fail(new StepFailed({ said: cause.message, todo }))
      }
      if (cause instanceof Unusable) {
        return Effect.fail(new StepFailed({ said: cause.message, todo: "put it right in the configuration" }))
      }
      return Effect.die(cause)
    })
  )

const reachedAt = ({ hostname, protocol, port: named }: URL): Reached => {
  const port = Number(named !== "" ? named : protocol === "https:" ? "443" : "80")
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port,
    place: `${hostname}:${port}`,
    who: "device",
    alive: "the device has power",
    closedPort:
      "check the port (`discover onvif` shows it; 80, 8000, 8080, 8899 and 2020 are common), and switch ONVIF on at the device: many come with it off"
  }
}

/** The name and the connection: what a certificate is looked at after. */
export const reachStep = Effect.fnUntraced(function* (steps: ProbeSteps, url: URL): Effect.fn.Return<void, StepFailed> {
  const place = reachedAt(url)
  yield* steps.run("name", findName(place))
  yield* steps.run("connection", reach(place))
})

const plain: Found<void> = {
  value: undefined,
  said: "nothing is encrypted: the device is called at an http:// address",
  leftOut: true
}

/** The clock is asked with the certificate: it is the first call, and the connection judges the one by the other. */
const certificateAndClock = Effect.fnUntraced(function* (
  steps: ProbeSteps,
  own: DeviceSettings,
  connection: Connection,
  now: () => EpochMs
): Effect.fn.Return<MeasuredClock | undefined, StepFailed> {
  const { url, access } = own
  const clocks = makeClocks(connection, now)
  let asked: Result.Result<void, CallFailed> | undefined
  const ask = Effect.gen(function* () {
    asked ??= yield* Effect.result(askTime(connection, url.href, now).pipe(Effect.map((told) => clocks.asked(told))))
    return Result.isFailure(asked) ? asked.failure : undefined
  })
  const judge = Effect.gen(function* () {
    const certificate = yield* certificateAt(url)
    const failure = yield* ask
    const refused = failure?.kind === "unpinned" ? failure : undefined
    return yield* judgeCertificate({ certificate, access, refused, now: now() })
  })
  yield* steps.run("certificate", url.protocol === "https:" ? judge : Effect.succeed(plain))
  return yield* steps.run(
    "clock",
    Effect.flatMap(ask, (failure) => judgeClock(clocks.estimate(), failure))
  )
})

const introduced = (information: DeviceInformation | undefined): Found<void> => {
  if (information === undefined)
    return { value: undefined, said: "the device does not tell who made it", leftOut: true }
  const { manufacturer, model, firmwareVersion, serialNumber } = information
  return {
    value: undefined,
    said: `${manufacturer} ${model}, firmware ${firmwareVersion}, serial number ${serialNumber}`,
    facts: { ...information }
  }
}

interface Pictured {
  readonly own: DeviceSettings
  readonly connection: Connection
  readonly library: Library
  readonly reachable: (advertised: string) => string | undefined
  readonly offered: Offered
}

const noPicture = ({ reason }: Unable): StepFailed =>
  new StepFailed({
    said: reason,
    todo: "look whether the device's own page shows a picture; the device's parameters may name a media profile (mediaProfile), or where its picture is (snapshotUri)"
  })

/** One picture of the device, where it has any. */
const takePicture = Effect.fnUntraced(function* (pictured: Pictured): Effect.fn.Return<Found<void>, StepFailed> {
  const { own, connection, library, reachable, offered } = pictured
  if (!offered.hasMedia && own.snapshotUri === undefined)
    return { value: undefined, said: "the device has no media service, and so no pictures", leftOut: true }
  const { snapshot } = yield* makeSnapshots({
    connection,
    library,
    reachable,
    uri: own.snapshotUri,
    mediaProfile: own.mediaProfile
  })
  const { bytes } = yield* Effect.mapError(snapshot, noPicture)
  // Only JPEG and PNG are let through; ISO/IEC 15948, 5.2 begins with 0x89.
  const type = bytes[0] === 0x89 ? "PNG" : "JPEG"
  const said = `a ${type} picture of ${Math.max(1, Math.round(bytes.length / 1000))} kB`
  return { value: undefined, said, facts: { type: `image/${type.toLowerCase()}`, bytes: bytes.length } }
})

const walk = Effect.fnUntraced(function* (
  steps: ProbeSteps,
  { settings, device, now }: ProbeOptions
): Effect.fn.Return<Probed, StepFailed, Scope.Scope> {
  const own = yield* settingsOf({ settings, device }).pipe(
    Effect.tapError((failure) => Effect.ignore(steps.run("settings", failure)))
  )
  const { url, access } = own
  yield* reachStep(steps, url)
  const connection = yield* openConnection(access)
  const clock = yield* certificateAndClock(steps, own, connection, now)
  const reachable = (advertised: string) => reachableUrl(advertised, url, settings.advertisedHosts)
  const library = yield* makeLibrary({ connection, deviceUrl: url, reachable, timeoutMs: callMs })
  const information = yield* steps.run("login", logIn({ url, access, library, now, clockIsOff: isFarOff(clock) }))
  yield* steps.run("device", Effect.succeed(introduced(information)))
  const offered = yield* steps.run("services", askServices({ connection, deviceUrl: url, library, reachable }))
  const { eventsUrl, events } = offered
  const caller = { connection, now, reachable }
  const hearing = hearEvents({ caller, eventsUrl, events, own, canPush: settings.push !== undefined })
  // A picture needs no events.
  const heard = yield* Effect.result(steps.run("events", hearing))
  yield* steps.run("picture", takePicture({ own, connection, library, reachable, offered }))
  return Result.isFailure(heard) ? yield* heard.failure : { information }
})

/**
 * Looks at a device step by step, as a gateway comes to hear it: its name, a connection, its certificate and clock, who
 * we are, what it is and can do, one real subscription with a pull, and one picture. Each step is told as it ends, those
 * that were not come to as left out. It has a subscription of its own, which is ended. Answers what it learnt, or
 * undefined when a step failed.
 */
export const probeDevice = (options: ProbeOptions): Effect.Effect<Probed | undefined> => {
  const steps = probeSteps(options.tell)
  return Effect.scoped(walk(steps, options)).pipe(
    Effect.catch(() => Effect.succeed(undefined)),
    Effect.tap(() => Effect.sync(steps.leaveOutRest))
  )
}
