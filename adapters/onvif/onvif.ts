import { Effect, Result, type Scope } from "effect"
import type { Device } from "../../gateway/domain/campus.ts"
import { type Abilities, type Adapter, CredentialsRejected, type LinkContext, LinkLost, Unable } from "../adapter.ts"
import { tellCertificate } from "../certificate.ts"
import { SecretMissing } from "../secret.ts"
import { followPush } from "./events/base-notification.ts"
import { type DeviceSettings, deviceSettings, Unusable } from "./device-settings.ts"
import { commandDoor, commandsOf, doorOf, modePointOf, readDoorMode } from "./device/doors.ts"
import { type Hearing, makeHearing } from "./events/hearing.ts"
import type { Mistakable, Names } from "./device/names.ts"
import { makeOnvifMapping, type OnvifMapping } from "./mapping/normalize.ts"
import { notifyListener } from "./events/notify-listener.ts"
import { openConnection } from "./wire/open-connection.ts"
import type { OnvifProfile } from "./mapping/profile.ts"
import { readOnvifProfiles } from "./mapping/profiles.ts"
import { followPullPoint, release } from "./events/pull-point.ts"
import { rememberedIn } from "./events/remembered.ts"
import { connect, type Session } from "./device/session.ts"
import { OnvifSettings } from "./settings.ts"
import { makeSnapshots } from "./device/snapshot.ts"
import type { Stream } from "./events/stream.ts"
import type { Terms } from "./events/subscription.ts"

type LinkError = LinkLost | CredentialsRejected

const reject = (reason: string): CredentialsRejected => new CredentialsRejected({ reason })

const settingsFor = (settings: OnvifSettings, device: Device): Effect.Effect<DeviceSettings, CredentialsRejected> =>
  Effect.try({
    try: () => deviceSettings(settings, device),
    catch: (cause) => cause
  }).pipe(
    Effect.catch((cause) =>
      cause instanceof SecretMissing || cause instanceof Unusable
        ? Effect.fail(reject(cause.message))
        : Effect.die(cause)
    )
  )

/** Reading one takes a tenth of a second: once for the devices of a link, which share its settings. */
const profilesRead = new WeakMap<OnvifSettings, Map<string, OnvifProfile | undefined>>()

const profileFor = (settings: OnvifSettings, directory: string, name: string): OnvifProfile | undefined => {
  const known = profilesRead.get(settings) ?? new Map<string, OnvifProfile | undefined>()
  profilesRead.set(settings, known)
  if (!known.has(name)) {
    const { profiles } = readOnvifProfiles(directory, [name])
    const own = profiles.find((profile) => profile.name === name)
    known.set(name, own)
  }
  return known.get(name)
}

const mappingKey = "onvif mapping"

/** The device's mapping outlives its link: it knows what was told before. */
const mappingFor = (
  settings: OnvifSettings,
  { memory, profilesDirectory: directory, timeZone }: LinkContext,
  device: Device
): Effect.Effect<OnvifMapping, CredentialsRejected> =>
  Effect.suspend(() => {
    const known = memory.get(mappingKey) as OnvifMapping | undefined
    if (known !== undefined) return Effect.succeed(known)
    return Effect.try({
      try: () => profileFor(settings, directory, device.profile),
      catch: (cause) =>
        reject(`the profiles in ${directory} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
    }).pipe(
      Effect.flatMap((profile) => {
        if (profile === undefined) return Effect.fail(reject(`there is no usable ONVIF profile "${device.profile}"`))
        const mapping = makeOnvifMapping(profile, device, device.timeZone ?? timeZone)
        memory.set(mappingKey, mapping)
        return Effect.succeed(mapping)
      })
    )
  })

/** How long a command waits for the mode it led to. */
const proofMs = 2000

/** How long a command waits for the list of doors, when its door is not in it: an officer waits too. */
const namesMs = 2000

/** After a command the device is asked for the door's mode: that shows what became of it where no event does. */
const tellMode = Effect.fnUntraced(function* (
  { caller, doorsUrl = "" }: Session,
  hearing: Hearing,
  device: Device,
  token: string
) {
  const point = modePointOf(token)
  if (point === undefined) return
  const askedAt = caller.now()
  const mode = yield* readDoorMode(caller.connection, doorsUrl, token)
  if (mode === undefined) return
  // An event may have come meanwhile, and be newer.
  yield* hearing.tell(
    {
      _tag: "Reading",
      device: device.id,
      point,
      origin: "change",
      source: "GetDoorState",
      reading: { kind: "mode", value: mode }
    },
    () => hearing.isOvertaken(point, mode, askedAt)
  )
})

const doorCommands = (session: Session, hearing: Hearing, device: Device): Pick<Abilities, "command" | "takes"> => {
  const { doorsUrl, caller, names, readNames } = session
  if (doorsUrl === undefined) return {}
  return {
    takes: (point) => {
      const door = doorOf(names().doors, point)
      return Result.isFailure(door) ? [] : commandsOf(door.success)
    },
    command: (point, command) =>
      Effect.gen(function* () {
        let found = doorOf(names().doors, point)
        if (Result.isFailure(found)) {
          // Its list may have been read before the door was made, or not at all.
          yield* Effect.ignore(Effect.timeout(readNames, namesMs))
          found = doorOf(names().doors, point)
        }
        if (Result.isFailure(found)) return yield* new Unable({ reason: `${device.id}: ${found.failure}` })
        const door = found.success
        const proof = Effect.ignore(Effect.timeout(tellMode(session, hearing, device, door.token), proofMs))
        yield* commandDoor(caller.connection, doorsUrl, door, command).pipe(
          Effect.tapError(({ _tag }) => (_tag === "AnswerLost" ? proof : Effect.void))
        )
        yield* proof
      })
  }
}

const followEvents = (stream: Stream, settings: OnvifSettings): Effect.Effect<never, LinkError, Scope.Scope> => {
  const terms: Terms = {
    pullMs: settings.pullSeconds * 1000,
    leaseMs: settings.leaseSeconds * 1000,
    silenceMs: settings.silenceSeconds * 1000
  }
  const { mode } = stream.settings
  const { push } = settings
  const pushed =
    push === undefined
      ? Effect.fail(reject("the device has no pull points: say in push where it is to send its events"))
      : Effect.flatMap(notifyListener(push), (listener) => followPush(stream, terms, listener, push.senders === "any"))
  if (mode === "push" || (mode === "auto" && stream.session.events.pullPoints === false)) return pushed
  return mode === "auto" ? followPullPoint(stream, terms, pushed) : followPullPoint(stream, terms)
}

/** Says what a device is, when that is news. */
const introduce = ({ memory }: LinkContext, device: Device, { information }: Session): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { manufacturer, model, firmwareVersion } = information
    const said = `${device.id} is a ${manufacturer} ${model}, firmware ${firmwareVersion}`
    if (memory.get("onvif device") === said) return Effect.void
    memory.set("onvif device", said)
    return Effect.logInfo(said)
  })

/** Warns, once, of tokens that come to the points of another. */
const warnOf =
  ({ memory }: LinkContext, device: Device) =>
  ({ mistakable: { doors, accessPoints } }: Names): Effect.Effect<void> => {
    const said = (what: string, tokens: Mistakable) =>
      [...tokens].map(
        ([token, first]) =>
          `${device.id}: ${what} "${token}" comes to the same points as "${first}": what is said of it is left out, ` +
          `and neither can be told anything. Give it another token`
      )
    const warnings = [...said("door", doors), ...said("access point", accessPoints)].filter((one) => !memory.has(one))
    for (const one of warnings) memory.set(one, true)
    return Effect.forEach(warnings, (one) => Effect.logWarning(one), { discard: true })
  }

const followDevice = Effect.fnUntraced(function* (
  settings: OnvifSettings,
  context: LinkContext,
  device: Device
): Effect.fn.Return<never, LinkError, Scope.Scope> {
  const own = yield* settingsFor(settings, device)
  const mapping = yield* mappingFor(settings, context, device)
  const remembered = rememberedIn(context.memory)
  const connection = yield* openConnection({
    ...own.access,
    certificateShown: (certificate) =>
      tellCertificate(context, { holder: "peer", device: device.id, certificate, source: device.address })
  })
  const session = yield* connect({
    connection,
    settings: own,
    advertisedHosts: settings.advertisedHosts,
    now: context.now,
    namesRead: warnOf(context, device)
  })
  yield* introduce(context, device, session)
  const hearing = yield* makeHearing({ device, context, session, mapping, remembered })
  const snapshots = yield* makeSnapshots({
    connection,
    library: session.library,
    reachable: session.caller.reachable,
    uri: own.snapshotUri,
    mediaProfile: own.mediaProfile
  })
  const pictures = session.hasMedia || own.snapshotUri !== undefined ? { snapshot: snapshots.snapshot } : {}
  yield* context.able(device.id, { ...pictures, ...doorCommands(session, hearing, device) })
  const stream: Stream = {
    session,
    device,
    settings: own,
    context,
    remembered,
    hear: hearing.hear,
    tellLost: hearing.tellLost,
    tellSessionLost: hearing.tellSessionLost,
    resubscribing: snapshots.forget
  }
  // Whoever stops us knows that the device is there: its place is given back. A device that is lost is told when it is back.
  return yield* Effect.raceAllFirst([followEvents(stream, settings), hearing.endings, session.keepNames]).pipe(
    Effect.onInterrupt(() => release(stream))
  )
})

/** ONVIF devices: cameras, door controllers and whatever else has an event service. One link is one device. */
export const onvif: Adapter<OnvifSettings> = {
  protocol: "onvif",
  perDevice: true,
  // The XML and the digests of some hundred devices fill most of a core.
  thread: new URL(import.meta.url),
  Settings: OnvifSettings,
  link: (settings, context) => {
    const [device] = context.devices
    if (device === undefined) return Effect.fail(new LinkLost({ reason: "no device is configured on this link" }))
    return Effect.scoped(followDevice(settings, context, device))
  }
}
