import { isIP } from "node:net"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { Settings } from "../settings/load-settings.ts"
import {
  type DiscoverOnvifParts,
  foundOnvifLines,
  type FoundOnvifs,
  oddities,
  onvifStubs,
  type Place
} from "./discover-onvif-found.ts"
import { discoverFlags, textFlag } from "./discover-flags.ts"
import { waiting } from "./discover-waiting.ts"
import { targetOf } from "./discover-where.ts"
import { CommandFailed, usage } from "./failure.ts"
import { quoted, say, sayJson, several, tell } from "./output.ts"
import { usualSettings } from "./usual-config.ts"
import { tellProbe, tellWritten, writeStubs } from "./write-stubs.ts"

const command = "discover onvif"

const help = `npm run gatehouse -- ${command} --help`

interface Options {
  readonly addresses: ReadonlyArray<string>
  readonly forMs: number
  readonly link: string | undefined
  readonly config: string | undefined
  /** Absent: nothing is written; empty: to the usual place. */
  readonly write: string | undefined
  readonly files: ReadonlyArray<string>
  readonly json: boolean
}

/** The command to paste, with what it lacked. */
const again = ({ addresses, config }: Options, more: string): string => {
  const where = addresses.map((address) => ` --address ${quoted(address)}`).join("")
  return `npm run gatehouse -- ${command}${where}${config === undefined ? "" : ` --config ${quoted(config)}`}${more}`
}

/** `host`, `host:port`, an IPv6 address, `[ipv6]:port`. */
const placeOf = (text: string, usual: number): Place | undefined => {
  if (isIP(text) === 6) return { host: text, port: usual }
  const [, bracketed, plain, given] = /^(?:\[([^\]\s]+)\]|([^\s:/[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = bracketed ?? plain
  const port = given === undefined ? usual : Number(given)
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port }
}

const placesOf = ({ addresses }: Options, port: number): Effect.Effect<ReadonlyArray<Place>, CommandFailed> =>
  Effect.forEach(addresses, (text) => {
    const place = placeOf(text, port)
    return place === undefined
      ? Effect.fail(
          usage(`${text} is no address to ask at, such as 10.0.0.7, camera.example or [2001:db8::7]:3702`, help)
        )
      : Effect.succeed(place)
  })

const show = (
  found: FoundOnvifs,
  settings: Settings | undefined,
  { json, asYaml }: { json: boolean; asYaml: boolean }
): void => {
  const devices = settings?.campus.devices ?? []
  if (!json) {
    // Standard output is then the YAML alone, so that it can be added to a file.
    for (const line of foundOnvifLines(found, devices)) (asYaml ? tell : say)(line)
    return
  }
  for (const {
    configured,
    name = null,
    hardware = null,
    location = null,
    address = null,
    ...device
  } of found.devices) {
    const disabled = devices.some(({ id, disabled: off }) => id === configured && off === true)
    const known = configured === undefined ? null : { id: configured, disabled }
    sayJson({ event: "device", ...device, name, hardware, location, address, configured: known })
  }
}

/** Configured devices that should have answered: multicast asks everybody who is near. */
const silentOnes = (
  { isOnvif }: DiscoverOnvifParts,
  settings: Settings | undefined,
  found: FoundOnvifs
): ReadonlyArray<string> => {
  const links = (settings?.links ?? []).filter(isOnvif).map(({ id }) => id)
  return (settings?.campus.devices ?? [])
    .filter(({ link, disabled }) => links.includes(link) && disabled !== true)
    .map(({ id }) => id as string)
    .filter((id) => !found.devices.some(({ configured }) => configured === id))
}

/** Asks, and listens for its time; what was heard is shown also when a person has seen enough. */
const hear = (parts: DiscoverOnvifParts, settings: Settings | undefined, options: Options) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { forMs, json, write, config } = options
      const places = yield* placesOf(options, parts.port)
      const asking = yield* parts
        .ask(places, settings)
        .pipe(Effect.mapError(({ reason }) => new CommandFailed({ exitCode: 3, reason, next: again(options, "") })))
      for (const where of asking.unasked) tell(`could not ask there: ${where}`)
      tell(`asked by ${asking.asked.join(", ")}; listening for ${forMs / 1000} s; no credentials are sent`)
      const asYaml = write !== undefined && fileFor(options, config) === undefined
      yield* waiting(asking, forMs).pipe(
        Effect.onExit(() => Effect.sync(() => show(asking.found(), settings, { json, asYaml })))
      )
      return asking.found()
    })
  )

/** A file named by `--write`, or behind it; where the configuration is a directory, one in it. */
const fileFor = ({ write, files }: Options, config: string | undefined): string | undefined =>
  targetOf(files[0] ?? (write === "" ? undefined : write), config)

const linkFor = (
  parts: DiscoverOnvifParts,
  settings: Settings | undefined,
  options: Options
): Effect.Effect<string, CommandFailed> => {
  const { link } = options
  if (settings === undefined)
    return Effect.sync(() => {
      tell(`there is no configuration yet: the link is taken to be "${link ?? "onvif"}"`)
      return link ?? "onvif"
    })
  const links = settings.links.filter(parts.isOnvif).map(({ id }) => id)
  const [only] = links
  if (link !== undefined && links.includes(link)) return Effect.succeed(link)
  if (link === undefined && only !== undefined && links.length === 1) return Effect.succeed(only)
  const there = links.length === 0 ? "no ONVIF link" : `the ONVIF links ${links.join(", ")}`
  return Effect.fail(
    new CommandFailed({
      exitCode: 1,
      reason:
        `nothing was written: the configuration has ${there}` +
        (links.length === 0
          ? "; add one: links: { onvif: { adapter: onvif, settings: { username: <user>, password: { env: <NAME> } } } }"
          : link === undefined
            ? ", and which one is meant is not said"
            : ` and not "${link}"`),
      next: again(options, " --link <id> --write")
    })
  )
}

const write = Effect.fnUntraced(function* (
  parts: DiscoverOnvifParts,
  found: FoundOnvifs,
  settings: Settings | undefined,
  options: Options
) {
  const { config, json } = options
  const link = yield* linkFor(parts, settings, options)
  const file = fileFor(options, config)
  const stubs = yield* writeStubs(settings, {
    command,
    file,
    json,
    make: (existing) => onvifStubs(found.devices, { link, existing }),
    nothing: "every device that answered is configured",
    elsewhere: again(options, " --write=<another file>")
  })
  const unwritable = found.devices.filter(
    ({ address, configured }) => address === undefined && configured === undefined
  )
  if (unwritable.length > 0)
    tell(
      `${several(unwritable.length, "device")} left out, with no address but a link-local one: give it one of this network`
    )
  if (file === undefined) return
  tellWritten(file, stubs, json)
  tellProbe(stubs, config)
})

const tellNobody = ({ addresses: [asked] }: Options): void => {
  tell(
    asked === undefined
      ? "multicast goes no further than this network: ask a device elsewhere by its address"
      : "many devices have a switch for WS-Discovery, and a firewall may stop UDP port 3702: the device may be there all the same"
  )
  tell(
    asked === undefined
      ? `next: npm run gatehouse -- ${command} --address <host>`
      : `next: npm run gatehouse -- probe ${quoted(asked.replace(/:3702$/, ""))}`
  )
}

const discover = Effect.fnUntraced(function* (parts: DiscoverOnvifParts, options: Options) {
  const { files, write: wanted } = options
  const named = [...(wanted === undefined || wanted === "" ? [] : [wanted]), ...files]
  if (wanted === undefined && files.length > 0)
    return yield* usage(`${files.join(" ")} is not understood: an address to ask at is given by --address`, help)
  if (named.length > 1) return yield* usage(`one file at most is written to, not ${named.join(" and ")}`, help)
  const settings = yield* usualSettings(parts.settings, options.config, options.write !== undefined)
  const found = yield* hear(parts, settings, options)
  const configured = found.devices.filter((device) => device.configured !== undefined).length
  const odd = oddities(found)
  const everywhere = options.addresses.length === 0
  const silent = everywhere ? silentOnes(parts, settings, found) : []
  tell(
    `${several(found.devices.length, "device")}, ${configured} configured${odd === "" ? "" : `; ${odd}`}` +
      (silent.length === 0 ? "" : `; configured and not heard: ${silent.join(", ")}`)
  )
  if (wanted !== undefined) return yield* write(parts, found, settings, options)
  if (found.devices.length === 0) return tellNobody(options)
  const [first] = found.devices
  const strangers = found.devices.length - configured
  tell(`next: ${strangers > 0 ? again(options, " --write") : `npm run gatehouse -- probe ${first?.configured}`}`)
})

/** `gatehouse discover onvif`: asks which cameras and door controllers are there. Nothing that answers is believed. */
export const discoverOnvifCommand = (load: () => Promise<DiscoverOnvifParts>) =>
  Command.make(
    "onvif",
    {
      files: Argument.String("file").pipe(Argument.withDescription("Behind --write: the file"), Argument.variadic()),
      address: Flag.String("address").pipe(
        Flag.withMetavar("host"),
        Flag.withDescription(
          "Ask there, and not by multicast: a device in another network; may be given more than once"
        ),
        Flag.atLeast(0)
      ),
      seconds: Flag.Finite("seconds").pipe(
        Flag.withDescription("How long to listen (default: 5)"),
        Flag.filter(
          (seconds) => seconds > 0 && seconds <= 300,
          () => "a number of seconds, at most 300"
        ),
        Flag.withDefault(5)
      ),
      link: textFlag("link", "The link that devices are written to, where the configuration has several ONVIF links"),
      ...discoverFlags
    },
    Effect.fn("discover onvif")(function* ({ files, address, seconds, link, config, write: to, json }) {
      yield* discover(yield* Effect.promise(load), {
        files,
        addresses: address,
        forMs: seconds * 1000,
        link: Option.getOrUndefined(link),
        config: Option.getOrUndefined(config),
        write: Option.getOrUndefined(to),
        json
      })
    })
  ).pipe(Command.withDescription("Ask the network for cameras and door controllers"))
