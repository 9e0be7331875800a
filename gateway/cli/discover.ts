import { existsSync } from "node:fs"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { Device } from "../domain/campus.ts"
import type { Settings } from "../settings/load-settings.ts"
import type { DiscoverParts, Found } from "./discovered.ts"
import { discoverFlags, textFlag } from "./discover-flags.ts"
import { discoverOnvifCommand } from "./discover-onvif.ts"
import { discoverOpcuaCommand } from "./discover-opcua.ts"
import type { DiscoverOnvifParts } from "./discover-onvif-found.ts"
import { foundLines } from "./discover-table.ts"
import {
  again,
  failed,
  linkFor,
  type Named,
  operandsOf,
  type Options,
  passwordVariable,
  type Place,
  placeOf,
  settingsFor,
  targetOf
} from "./discover-where.ts"
import { waiting } from "./discover-waiting.ts"
import { durationFlag } from "./duration.ts"
import { CommandFailed } from "./failure.ts"
import { quoted, say, sayJson, several, tell } from "./output.ts"
import { stubsFor } from "./stubs.ts"
import { usualConfig } from "./usual-config.ts"
import { tellWritten, writeStubs } from "./write-stubs.ts"

const show = (
  found: Found,
  devices: ReadonlyArray<Device>,
  { json, asYaml, theirs }: { json: boolean; asYaml: boolean; theirs: boolean }
): void => {
  if (!json) {
    // Standard output is then the YAML alone, so that it can be added to a file.
    for (const line of foundLines(found, devices)) (asYaml ? tell : say)(line)
    return
  }
  const disabled = new Set<string>(devices.filter((device) => device.disabled === true).map(({ id }) => id))
  for (const { configured, ...device } of found.devices) {
    const known = configured === undefined ? null : { id: configured, disabled: disabled.has(configured) }
    sayJson({ event: "device", ...device, configured: known })
  }
  for (const proposal of found.proposals) sayJson({ event: "proposal", ...proposal })
  for (const prefix of found.unrecognised) sayJson({ event: "unrecognised", ...prefix })
  for (const device of theirs ? found.silent : []) sayJson({ event: "silent", device })
}

/** Listens for its time and shows what was heard: also when the broker goes away meanwhile, or a person has seen enough. */
const hear = (parts: DiscoverParts, place: Place, settings: Settings | undefined, options: Named) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { forMs, json, username, tls, file, config } = options
      const hearing = yield* parts
        .listen({
          link: place.link,
          url: place.link === undefined ? place.url : undefined,
          username,
          password: process.env[passwordVariable],
          tls,
          devices: place.devices,
          profilesDirectory: settings?.profilesDirectory ?? "config/profiles",
          timeZone: settings?.campus.site.timeZone ?? "UTC"
        })
        .pipe(Effect.mapError(failed(place)))
      for (const filter of hearing.refused) tell(`the broker does not let us subscribe to ${filter}`)
      tell(`listening at ${place.url} for ${forMs / 1000} s; nothing is sent to it`)
      const asYaml = options.write !== undefined && targetOf(file, config) === undefined
      const seen = Effect.sync(() => show(hearing.found(), place.devices, { json, asYaml, theirs: place.theirs }))
      yield* Effect.raceFirst(waiting(hearing, forMs), hearing.lost).pipe(
        Effect.mapError(failed(place)),
        Effect.onExit(() => seen)
      )
      return hearing.found()
    })
  )

const write = Effect.fnUntraced(function* (
  parts: DiscoverParts,
  found: Found,
  place: Place,
  settings: Settings | undefined,
  options: Named
) {
  const { file, config, json } = options
  const link = yield* linkFor(parts, place, settings)
  const target = targetOf(file, config)
  const stubs = yield* writeStubs(settings, {
    command: "discover mqtt",
    file: target,
    json,
    make: (existing) => stubsFor(found.devices, { link, where: place.url, existing }),
    nothing: "every device that was recognised is configured",
    elsewhere: again(place, " --write=<another file>")
  })
  if (target === undefined) return
  tellWritten(target, stubs, json)
  const paths = [config ?? usualConfig, ...(file === undefined ? [] : [file])].map(quoted)
  tell(`next: npm run gatehouse -- check ${[...new Set(paths)].join(" ")}`)
})

const discover = Effect.fnUntraced(function* (parts: DiscoverParts, options: Options) {
  const { url, file } = yield* operandsOf(options)
  const settings = yield* settingsFor(parts, options)
  const place = yield* placeOf(parts, settings, options, url)
  const named = { ...options, file }
  const found = yield* hear(parts, place, settings, named)
  const configured = found.devices.filter((device) => device.configured !== undefined).length
  tell(
    `${several(found.devices.length, "device")}, ${configured} configured; ${several(found.messages, "message")}` +
      (place.theirs && found.silent.length > 0 ? `; configured and not heard: ${found.silent.join(", ")}` : "")
  )
  if (options.write !== undefined) return yield* write(parts, found, place, settings, named)
  if (found.devices.length === 0) return tell(`next: ${again(place, " --for 1m")}`)
  const strangers = found.devices.length - configured
  tell(`next: ${strangers > 0 ? again(place, " --write") : "npm run gatehouse -- map <device>"}`)
})

const pemFlag = (name: string, description: string) => textFlag(name, description).pipe(Flag.withMetavar("file"))

const mqttCommand = (load: () => Promise<DiscoverParts>) =>
  Command.make(
    "mqtt",
    {
      operands: Argument.String("broker").pipe(
        Argument.withDescription("The broker, such as mqtt://broker.example:1883 (default: that of the one MQTT link)"),
        Argument.variadic()
      ),
      link: textFlag("link", "Listen at the broker of this link of the configuration, as its user"),
      for: durationFlag("for", "How long to listen (default: 10s)").pipe(Flag.withDefault(10_000)),
      username: textFlag("username", `A user of the broker; the password is read from ${passwordVariable}`),
      ca: pemFlag("ca", "Certificate of the authority that signed the broker's, as PEM"),
      cert: pemFlag("cert", "Our certificate, as PEM"),
      key: pemFlag("key", "The key of our certificate, as PEM"),
      ...discoverFlags
    },
    Effect.fn("discover mqtt")(function* ({
      for: forMs,
      operands,
      json,
      link,
      username,
      ca,
      cert,
      key,
      config,
      write
    }) {
      const parts = yield* Effect.promise(load)
      const tls = Object.fromEntries(
        Object.entries({ ca, cert, key }).flatMap(([name, file]) => (Option.isSome(file) ? [[name, file.value]] : []))
      )
      const missing = Object.values(tls).find((file) => !existsSync(file))
      if (missing !== undefined)
        return yield* new CommandFailed({
          exitCode: 2,
          reason: `there is no file ${missing}`,
          next: "npm run gatehouse -- discover mqtt --help"
        })
      yield* discover(parts, {
        operands,
        forMs,
        json,
        tls,
        link: Option.getOrUndefined(link),
        username: Option.getOrUndefined(username),
        config: Option.getOrUndefined(config),
        write: Option.getOrUndefined(write)
      })
    })
  ).pipe(Command.withDescription("Listen at a broker and tell which devices speak there"))

/** `gatehouse discover`: finds devices; changes none, and writes only with `--write`. */
export const discoverCommand = (load: () => Promise<DiscoverParts>, loadOnvif?: () => Promise<DiscoverOnvifParts>) =>
  Command.make("discover").pipe(
    Command.withDescription("Find devices"),
    Command.withSubcommands([
      mqttCommand(load),
      ...(loadOnvif === undefined ? [] : [discoverOnvifCommand(loadOnvif)]),
      discoverOpcuaCommand(async () => (await load()).opcua())
    ])
  )
