import { Effect } from "effect"
import type { Device } from "../domain/campus.ts"
import { DeviceId, LinkId } from "../domain/ids.ts"
import { hint } from "../settings/did-you-mean.ts"
import type { Settings } from "../settings/load-settings.ts"
import { usualConfig, usualSettings } from "./usual-config.ts"
import { CommandFailed, usage } from "./failure.ts"
import { quoted } from "./output.ts"
import type { ProbeParts, ProbeTarget } from "./probe-parts.ts"

/** Where the password of a device that is in no configuration is: never a flag, which others on the machine can read. */
export const passwordVariable = "GATEHOUSE_DEVICE_PASSWORD"

/** To be filled in by whoever pastes the command. */
export const aUser = "<user>"

/** What the flags say. */
export interface ProbeOptions {
  readonly device: string
  readonly config: string | undefined
  readonly username: string | undefined
  readonly json: boolean
}

/** The command to paste, with what it lacked. */
export const again = ({ device, config, username }: ProbeOptions, more = ""): string =>
  `npm run gatehouse -- probe ${quoted(device)}${config === undefined ? "" : ` --config ${quoted(config)}`}` +
  `${username === undefined ? "" : ` --username ${username === aUser ? username : quoted(username)}`}${more}`

const readingOf = (settings: Settings | undefined): Pick<ProbeTarget, "profilesDirectory" | "timeZone"> => ({
  profilesDirectory: settings?.profilesDirectory ?? "config/profiles",
  timeZone: settings?.campus.site.timeZone ?? "UTC"
})

const configuredTarget = (
  parts: ProbeParts,
  settings: Settings,
  device: Device,
  { config }: ProbeOptions
): Effect.Effect<ProbeTarget, CommandFailed> => {
  const link = settings.links.find(({ id }) => id === device.link)
  const protocol = link === undefined ? undefined : parts.protocolOf(link)
  if (link !== undefined && protocol !== undefined)
    return Effect.succeed({ device, settings: link.settings, configured: true, protocol, ...readingOf(settings) })
  const speaks = link === undefined ? "is on no link" : `speaks ${link.adapter}`
  return Effect.fail(
    usage(
      `"${device.id}" ${speaks}: probe looks at devices of ONVIF and OPC UA, and at no others yet`,
      link?.adapter === "mqtt"
        ? `npm run gatehouse -- map ${device.id}${config === undefined ? "" : ` --config ${quoted(config)}`}`
        : "npm run gatehouse -- probe --help"
    )
  )
}

/** A name or number that can only be an address: no device has it as its id. */
const looksLikeAddress = (text: string): boolean => /[.:[]/.test(text) || text === "localhost"

/** The device that is meant: by its id, by the address it has in the configuration, or by an address alone. */
export const targetOf = Effect.fnUntraced(function* (
  parts: ProbeParts,
  options: ProbeOptions
): Effect.fn.Return<{ readonly target: ProbeTarget; readonly settings: Settings | undefined }, CommandFailed> {
  const { device: wanted, username } = options
  const settings = yield* usualSettings(parts.settings, options.config, true)
  const devices = settings?.campus.devices ?? []
  const speaks = ({ link: of }: Device): ProbeTarget["protocol"] | undefined => {
    const link = settings?.links.find(({ id }) => id === of)
    return link === undefined ? undefined : parts.protocolOf(link)
  }
  const found =
    devices.find(({ id }) => id === wanted) ?? devices.find((one) => one.address === wanted && speaks(one) === "onvif")
  if (found !== undefined && settings !== undefined) {
    if (username !== undefined)
      return yield* usage(
        `"${found.id}" is configured, its user too: --username is for devices that are not`,
        again({ ...options, username: undefined })
      )
    return { target: yield* configuredTarget(parts, settings, found, options), settings }
  }
  if (wanted.startsWith("opc.tcp://"))
    return yield* usage(
      "an OPC UA server has many devices: probe takes the id of one of the configuration, and discover shows what is there",
      `npm run gatehouse -- discover opcua ${quoted(wanted)}${options.config === undefined ? "" : ` --config ${quoted(options.config)}`}`
    )
  if (!looksLikeAddress(wanted) || !parts.isAddress(wanted)) {
    const known = hint(
      wanted,
      devices.filter((one) => speaks(one) !== undefined).map(({ id }) => id)
    )
    const none = settings === undefined ? ` (there is no ${usualConfig}: name a configuration by --config)` : known
    return yield* usage(
      `there is no device "${wanted}"${none}, and it is no address such as 10.0.0.7 or camera.example:8080`,
      "npm run gatehouse -- probe --help"
    )
  }
  // A name for what has none; no id of the configuration is meant.
  const device: Device = {
    id: DeviceId.make("device"),
    link: LinkId.make("none"),
    profile: "onvif",
    address: wanted
  }
  const own = { settings: parts.settingsFor(username, passwordVariable), ...readingOf(settings) }
  return { target: { device, configured: false, protocol: "onvif", ...own }, settings }
})
