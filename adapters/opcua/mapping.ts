import { Effect } from "effect"
import type { Device } from "../../gateway/domain/campus.ts"
import type { DeviceId } from "../../gateway/domain/ids.ts"
import { CredentialsRejected, type LinkContext } from "../adapter.ts"
import { abilitiesOf } from "./abilities.ts"
import type { Answering } from "./answering.ts"
import { makeOpcuaMapping, type OpcuaMapping } from "./mapping/normalize.ts"
import { readOpcuaProfiles } from "./mapping/profiles.ts"
import { keepGap } from "./subscription/reporting.ts"
import type { OpcuaSettings } from "./settings.ts"
import type { Mapping } from "./sources.ts"

const reject = (reason: string): CredentialsRejected => new CredentialsRejected({ reason })

const memoryKey = "opcua mapping"

type Mappings = ReadonlyMap<DeviceId, OpcuaMapping>

/** What of officers' acts goes back to a device, by its own settings or its link's. */
const answeringAt = (settings: OpcuaSettings, device: Device): Answering => ({
  acknowledge: device.acknowledge ?? settings.acknowledge,
  comments: device.comments ?? settings.comments,
  shelving: device.shelving ?? settings.shelving
})

/** The mapping of each device, by its profile. */
const mappingsFor = (
  settings: OpcuaSettings,
  { devices, profilesDirectory: directory, timeZone }: LinkContext
): Effect.Effect<Mappings, CredentialsRejected> =>
  Effect.gen(function* () {
    const wanted = devices.map(({ profile }) => profile)
    const { profiles } = yield* Effect.try({
      try: () => readOpcuaProfiles(directory, wanted),
      catch: (cause) =>
        reject(`the profiles in ${directory} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`)
    })
    const mappings = yield* Effect.forEach(devices, (device: Device) => {
      const profile = profiles.find(({ name }) => name === device.profile)
      if (profile === undefined) return Effect.fail(reject(`there is no usable OPC UA profile "${device.profile}"`))
      const answering = answeringAt(settings, device)
      const options = { timeZone: device.timeZone ?? timeZone, severity: settings.severity, answering }
      return Effect.succeed([device.id, makeOpcuaMapping(profile, device, options)] as const)
    })
    return new Map(mappings)
  })

/** Tells what of the devices' profiles cannot be asked for: what it would have told is not heard. */
const tellProblems = (context: LinkContext, mappings: Mappings): Effect.Effect<void> =>
  Effect.forEach(
    [...mappings].flatMap(([device, { problems }]) => problems.map((why) => ({ device, why }))),
    ({ device, why }) => keepGap(context, "SubscriptionRefused", why, { devices: [device] }),
    { discard: true }
  )

/** They outlive an attempt: they know what was active. */
const remembered = (settings: OpcuaSettings, context: LinkContext): Effect.Effect<Mappings, CredentialsRejected> =>
  Effect.suspend(() => {
    const known = context.memory.get(memoryKey) as Mappings | undefined
    if (known !== undefined) return Effect.succeed(known)
    return mappingsFor(settings, context).pipe(
      Effect.tap((mappings) => Effect.sync(() => context.memory.set(memoryKey, mappings))),
      Effect.tap((mappings) => tellProblems(context, mappings))
    )
  })

/** What a link asks its server for, and what that means: its devices' profiles together. */
export const mappingOf = (settings: OpcuaSettings, context: LinkContext): Effect.Effect<Mapping, CredentialsRejected> =>
  Effect.map(remembered(settings, context), (mappings): Mapping => {
    const all = [...mappings.values()]
    return {
      sources: {
        values: all.flatMap(({ sources }) => sources.values),
        events: all.flatMap(({ sources }) => sources.events)
      },
      normalize: (heard) => {
        const mapping = heard.device === undefined ? undefined : mappings.get(heard.device)
        if (mapping === undefined) return []
        const { observations, outcome } = mapping.normalize(heard, context.now())
        if (outcome !== "mapped") context.count(outcome)
        return observations
      },
      reached: () => all.flatMap((mapping) => mapping.reached()),
      abilities: (writes) => new Map([...mappings].map(([id, mapping]) => [id, abilitiesOf(mapping, writes)]))
    }
  })
