import { join } from "node:path"
import type { MessageContext } from "../../../adapters/onvif/mapping/normalize.ts"
import type { Items, Notification } from "../../../adapters/onvif/messages/notification.ts"
import type { OnvifProfile } from "../../../adapters/onvif/mapping/profile.ts"
import { onvifProfileForm, readOnvifProfiles } from "../../../adapters/onvif/mapping/profiles.ts"
import { readProfile } from "../../../adapters/profile/files.ts"
import type { Device } from "../../../gateway/domain/campus.ts"
import { DeviceId, LinkId } from "../../../gateway/domain/ids.ts"
import type { Observation } from "../../../gateway/domain/observation.ts"

export const profilesDirectory = join(import.meta.dirname, "../../../config/profiles")

const { profiles } = readOnvifProfiles(profilesDirectory)

/** The shipped profile of that name. */
export const shipped = (name: string): OnvifProfile => {
  const profile = profiles.find((one) => one.name === name)
  if (profile === undefined) throw new Error(`there is no profile ${name}`)
  return profile
}

/** A profile from what a test writes below `protocol: onvif`. */
export const written = (text: string): OnvifProfile => {
  const { profile, problems } = readProfile(
    [onvifProfileForm],
    "test.yaml",
    `protocol: onvif\ndescription: a test\ntests: []\n${text}`
  )
  if (profile === undefined) throw new Error(problems.map(({ line, message }) => `${line}: ${message}`).join("\n"))
  return profile
}

export const camera = (more: Partial<Device> = {}): Device => ({
  id: DeviceId.make("cam"),
  link: LinkId.make("link"),
  profile: "onvif",
  address: "192.0.2.10",
  ...more
})

export const noon = Date.parse("2026-01-15T12:00:00Z")

export const heardAt = (receivedAt: number, more: Partial<MessageContext> = {}): MessageContext => ({
  receivedAt,
  names: new Map(),
  subscription: "first",
  ...more
})

const items = (written: Readonly<Record<string, string>> = {}): Items =>
  Object.assign(Object.create(null) as Record<string, string>, written) as Items

/** A message as the reader of messages would give it. */
export const message = (
  topic: string,
  {
    operation,
    utcTime,
    source = {},
    key = {},
    data = {},
    raw = "<raw/>"
  }: {
    readonly operation?: Notification["operation"]
    readonly utcTime?: string
    readonly source?: Readonly<Record<string, string>>
    readonly key?: Readonly<Record<string, string>>
    readonly data?: Readonly<Record<string, string>>
    readonly raw?: string
  } = {}
): Notification => ({
  topic,
  lenient: false,
  operation,
  utcTime,
  source: items(source),
  key: items(key),
  data: items(data),
  sourceNames: Object.keys(source),
  elements: {},
  raw: () => raw
})

/** `motion-1 on change`, `reader-AP1 AccessGranted change`: what a test needs to know of an observation. */
export const brief = (observation: Observation): string => {
  switch (observation._tag) {
    case "Reading":
      return `${observation.point} ${observation.reading.value} ${observation.origin}`
    case "Occurrence":
      return `${observation.point} ${observation.occurrence._tag} ${observation.origin}`
    default:
      return observation._tag
  }
}
