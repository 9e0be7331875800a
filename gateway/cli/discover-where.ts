import { statSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { CredentialsRejected, type LinkLost } from "../../adapters/adapter.ts"
import type { Device } from "../domain/campus.ts"
import type { LinkSettings, Settings } from "../settings/load-settings.ts"
import type { DiscoverParts } from "./discovered.ts"
import { CommandFailed, usage } from "./failure.ts"
import { quoted, tell } from "./output.ts"
import { usualConfig, usualSettings } from "./usual-config.ts"

/** Where the password of the broker's user is: never a flag, which others on the machine can read. */
export const passwordVariable = "GATEHOUSE_BROKER_PASSWORD"

const help = "npm run gatehouse -- discover mqtt --help"

/** What the flags say. */
export interface Options {
  readonly operands: ReadonlyArray<string>
  readonly link: string | undefined
  readonly forMs: number
  readonly username: string | undefined
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  readonly config: string | undefined
  /** Absent: nothing is written; empty: to the usual place. */
  readonly write: string | undefined
  readonly json: boolean
}

interface Operands {
  readonly url: string | undefined
  readonly file: string | undefined
}

export type Named = Options & Pick<Operands, "file">

/** A broker's address, and behind `--write` a file's name, in whatever order. */
export const operandsOf = ({ operands, write }: Options): Effect.Effect<Operands, CommandFailed> => {
  const isFile = (text: string): boolean => write !== undefined && /\.ya?ml$/.test(text)
  const files = [...(write === undefined || write === "" ? [] : [write]), ...operands.filter(isFile)]
  const brokers = operands.filter((text) => !isFile(text))
  const [broker] = brokers
  if (brokers.length > 1 || files.length > 1)
    return Effect.fail(usage(`one broker and one file at most are understood, not ${operands.join(" ")}`, help))
  const url = broker === undefined || broker.includes("://") ? broker : `mqtt://${broker}`
  if (url !== undefined && /^\w+:\/\/[^/]*@/.test(url))
    return Effect.fail(
      usage(`the address must hold no user: give --username, and the password as ${passwordVariable}`, help)
    )
  if (url !== undefined && !(/^mqtts?:\/\/[^/\s]+\/?$/.test(url) && URL.canParse(url)))
    return Effect.fail(usage(`${url} is not the address of a broker, such as mqtt://broker.example:1883`, help))
  return Effect.succeed({ url, file: files[0] })
}

/** The configuration, where there is one. Looking at a broker needs none; a link of it, or writing to it, does. */
export const settingsFor = (
  parts: DiscoverParts,
  options: Options
): Effect.Effect<Settings | undefined, CommandFailed> => {
  const { config, link, write, operands } = options
  const needed = link !== undefined || write !== undefined || operands.length === 0
  return usualSettings(parts.settings, config, needed)
}

/** Where to listen, and for whom. */
export interface Place {
  readonly url: string
  readonly config: string | undefined
  readonly link: LinkSettings | undefined
  /** The configured devices that may speak there. */
  readonly devices: ReadonlyArray<Device>
  /** All of them are to be heard there; else they may as well belong to another broker. */
  readonly theirs: boolean
}

const sameBroker = (a: string, b: string): boolean => {
  const [left, right] = [new URL(a), new URL(b)]
  const port = ({ protocol, port: own }: URL): string => (own !== "" ? own : protocol === "mqtts:" ? "8883" : "1883")
  return left.hostname === right.hostname && port(left) === port(right)
}

/** The links of the configuration that go to an MQTT broker. */
const linksOf = (parts: DiscoverParts, settings: Settings | undefined) =>
  (settings?.links ?? []).flatMap((link) => {
    const broker = parts.brokerOf(link)
    return broker === undefined ? [] : [{ link, broker }]
  })

/** Where to listen: at the address given, at the link named, or at the one MQTT link that there is. */
export const placeOf = (
  parts: DiscoverParts,
  settings: Settings | undefined,
  { link: wanted, config }: Options,
  url: string | undefined
): Effect.Effect<Place, CommandFailed> => {
  const links = linksOf(parts, settings)
  const names = links.map(({ link }) => link.id).join(", ")
  const devicesOn = (ids: ReadonlyArray<string>): ReadonlyArray<Device> =>
    (settings?.campus.devices ?? []).filter((device) => ids.includes(device.link))
  if (url !== undefined && wanted !== undefined)
    return Effect.fail(usage("give the broker's address or --link, not both: a link has its own", help))
  if (url !== undefined) {
    const here = links.find(({ broker }) => sameBroker(broker, url))
    const ids = here === undefined ? links.map(({ link }) => link.id) : [here.link.id]
    return Effect.succeed({ url, config, link: undefined, devices: devicesOn(ids), theirs: here !== undefined })
  }
  const found = wanted === undefined && links.length === 1 ? links[0] : links.find(({ link }) => link.id === wanted)
  if (found !== undefined)
    return Effect.succeed({
      url: found.broker,
      config,
      link: found.link,
      devices: devicesOn([found.link.id]),
      theirs: true
    })
  if (wanted === undefined)
    return Effect.fail(
      usage(`which broker? give its address${names === "" ? "" : `, or --link with one of ${names}`}`, help)
    )
  if (settings === undefined)
    return Effect.fail(usage(`there is no ${usualConfig}: name the configuration by --config`, help))
  return Effect.fail(
    usage(`there is no MQTT link "${wanted}" in the configuration; it has ${names === "" ? "none" : names}`, help)
  )
}

/** The command to paste, with what it lacked. */
export const again = ({ link, url, config }: Place, more: string): string => {
  const where = link === undefined ? quoted(url) : `--link ${link.id}`
  return `npm run gatehouse -- discover mqtt ${where}${config === undefined ? "" : ` --config ${quoted(config)}`}${more}`
}

/** What went wrong with the broker, as the command tells it. */
export const failed = (place: Place) => (cause: LinkLost | CredentialsRejected | CommandFailed) => {
  if (cause instanceof CommandFailed) return cause
  if (cause instanceof CredentialsRejected)
    return new CommandFailed({
      exitCode: 4,
      reason: `${place.url}: ${cause.reason}`,
      next: /certificate/.test(cause.reason)
        ? again(place, " --cert <file> --key <file>")
        : `${passwordVariable}=<password> ${again(place, " --username <user>")}`
    })
  const isTls = /certificate|self.signed|issuer|ssl|tls/i.test(cause.reason)
  return new CommandFailed({
    exitCode: 3,
    reason: `${place.url} cannot be reached: ${cause.reason}`,
    next: isTls ? again(place, " --ca <file with the certificate of the broker's CA>") : again(place, "")
  })
}

/** Where stubs go: a file, or standard output when the configuration is one file that names no other. */
export const targetOf = (file: string | undefined, config: string | undefined): string | undefined => {
  if (file !== undefined) return file
  const isDirectory = config !== undefined && statSync(config, { throwIfNoEntry: false })?.isDirectory() === true
  return isDirectory ? join(config, "discovered.yaml") : undefined
}

/** The link that what was found belongs to. */
export const linkFor = (
  parts: DiscoverParts,
  place: Place,
  settings: Settings | undefined
): Effect.Effect<string, CommandFailed> => {
  if (place.link !== undefined) return Effect.succeed(place.link.id)
  const links = linksOf(parts, settings)
  const here = links.find(({ broker }) => sameBroker(broker, place.url))
  if (here !== undefined) return Effect.succeed(here.link.id)
  if (settings === undefined)
    return Effect.sync(() => (tell('there is no configuration yet: the link is taken to be "mqtt"'), "mqtt"))
  return Effect.fail(
    new CommandFailed({
      exitCode: 1,
      reason: `nothing was written: no link of the configuration goes to ${place.url}; it has ${links.map(({ link, broker }) => `${link.id} (${broker})`).join(", ") || "no MQTT link"}`,
      next: "npm run gatehouse -- discover mqtt --link <id> --write"
    })
  )
}
