import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { CredentialsRejected, type LinkLost } from "../../adapters/adapter.ts"
import type { Settings } from "../settings/load-settings.ts"
import { discoverFlags, textFlag } from "./discover-flags.ts"
import type { DiscoverOpcuaParts, OpcuaFound, OpcuaServer, OpcuaShown } from "./discover-opcua-found.ts"
import { foundOpcuaLines, opcuaStubs, sayFound, sayShown, shownLines } from "./discover-opcua-lines.ts"
import {
  again,
  command,
  linkExample,
  type Named,
  opcuaLinks,
  operandsOf,
  type Options,
  serverFor,
  untrusted
} from "./discover-opcua-where.ts"
import { waiting } from "./discover-waiting.ts"
import { targetOf } from "./discover-where.ts"
import { CommandFailed, usage } from "./failure.ts"
import { printable, quoted, say, several, tell } from "./output.ts"
import { aUser, passwordVariable } from "./probe-where.ts"
import { usualSettings } from "./usual-config.ts"
import { tellProbe, tellWritten, writeStubs } from "./write-stubs.ts"

const help = `npm run gatehouse -- ${command} --help`

/** What went wrong with the server, as the command tells it. */
const failed = (server: OpcuaServer, options: Options) => (cause: LinkLost | CredentialsRejected | CommandFailed) => {
  if (cause instanceof CommandFailed) return cause
  const reason = printable(cause.reason)
  if (!(cause instanceof CredentialsRejected))
    return new CommandFailed({ exitCode: 3, reason, next: again(server, options) })
  const isNobody = /without a user/.test(reason) && server.link === undefined
  return new CommandFailed({
    exitCode: 4,
    reason,
    next: isNobody
      ? `${passwordVariable}=<password> ${again(server, options, ` --username ${aUser}`)}`
      : again(server, options)
  })
}

/** Standard output is the YAML alone then, so that it can be added to a file. */
const asYaml = ({ write, file, config }: Named): boolean => write !== undefined && targetOf(file, config) === undefined

const show = (lines: ReadonlyArray<string>, options: Named): void => {
  for (const line of lines) (asYaml(options) ? tell : say)(line)
}

const lookOutside = Effect.fnUntraced(function* (parts: DiscoverOpcuaParts, server: OpcuaServer, options: Named) {
  const shown = yield* parts.outside(server).pipe(Effect.mapError(failed(server, options)))
  if (options.json) sayShown(shown)
  else show([...shownLines(shown), ""], options)
  return shown
})

/** A certificate that nobody trusts ends the command; a channel that is not secured is asked for by a person. */
const mayGoIn = (
  parts: DiscoverOpcuaParts,
  settings: Settings | undefined,
  server: OpcuaServer,
  shown: OpcuaShown,
  options: Options
): Effect.Effect<void, CommandFailed> => {
  const { judgement, shown: certificate, offers } = shown
  const mode = options.securityMode
  const secured =
    mode === undefined ? (server.secured ?? offers.some((offer) => offer.mode !== "None")) : mode !== "None"
  if (!secured || judgement === undefined || certificate === undefined) return Effect.void
  if (judgement._tag === "Untrusted")
    return Effect.fail(untrusted(parts, settings, server, options, certificate.thumbprint))
  if (judgement._tag === "Unacceptable")
    return Effect.fail(
      new CommandFailed({ exitCode: 4, reason: printable(judgement.why), next: again(server, options) })
    )
  return Effect.void
}

const stoppedWords: Readonly<Record<OpcuaFound["stopped"][number], string>> = {
  depth: "there is more below: --depth",
  nodes: "there are more nodes: --nodes",
  time: "the time was over: --seconds"
}

/** Looks for its time; what was seen is shown also when the server goes away meanwhile, or a person has seen enough. */
const lookInside = Effect.fnUntraced(function* (
  parts: DiscoverOpcuaParts,
  settings: Settings | undefined,
  server: OpcuaServer,
  shown: OpcuaShown,
  options: Named
) {
  const { bounds, json } = options
  const looking = yield* parts
    .inside(server, options, shown, bounds, settings)
    .pipe(Effect.mapError(failed(server, options)))
  tell(`looking at ${server.endpoint}, ${looking.as}; nothing is written or subscribed to`)
  const seen = Effect.sync(() => {
    const found = looking.found()
    if (json) sayFound(found, server.devices)
    else show(foundOpcuaLines(found, server.devices), options)
  })
  const counting = Effect.andThen(waiting(looking, bounds.withinMs), Effect.never)
  yield* Effect.raceFirst(counting, looking.done).pipe(
    Effect.mapError(failed(server, options)),
    Effect.onExit(() => seen)
  )
  return looking.found()
})

const linkFor = (
  parts: DiscoverOpcuaParts,
  settings: Settings | undefined,
  server: OpcuaServer,
  options: Options
): Effect.Effect<string, CommandFailed> => {
  if (server.link !== undefined) return Effect.succeed(server.link.id)
  if (settings === undefined)
    return Effect.sync(() => (tell('there is no configuration yet: the link is taken to be "opcua"'), "opcua"))
  const links = opcuaLinks(parts, settings).map(({ link, endpoint }) => `${link.id} (${endpoint})`)
  const { endpoint } = server
  const has = links.length === 0 ? "no OPC UA link" : links.join(", ")
  return Effect.fail(
    new CommandFailed({
      exitCode: 1,
      reason: `nothing was written: no link of the configuration goes to ${endpoint}; it has ${has}; add one: ${linkExample(endpoint)}`,
      next: again(server, options, " --write")
    })
  )
}

const write = Effect.fnUntraced(function* (
  parts: DiscoverOpcuaParts,
  found: OpcuaFound,
  settings: Settings | undefined,
  server: OpcuaServer,
  options: Named
) {
  const { config, json } = options
  const link = yield* linkFor(parts, settings, server, options)
  const file = targetOf(options.file, config)
  const stubs = yield* writeStubs(settings, {
    command,
    file,
    json,
    make: (existing) => opcuaStubs(found.devices, { link, endpoint: server.endpoint, existing }),
    nothing: "every place where a profile fits is configured",
    elsewhere: again(server, options, " --write=<another file>")
  })
  if (file === undefined) return
  tellWritten(file, stubs, json)
  tellProbe(stubs, config)
})

const summary = (found: OpcuaFound): string => {
  const { devices, strays, nodes, stopped, silent } = found
  const configured = devices.filter((device) => device.configured !== undefined).length
  const doors = strays.filter(({ isDoor }) => isDoor).reduce((sum, { count }) => sum + count, 0)
  return (
    `${several(nodes, "node")}; ${several(devices.length, "device")}, ${configured} configured` +
    (doors === 0 ? "" : `; ${several(doors, "object")} like doors, which no profile reads`) +
    (silent.length === 0 ? "" : `; configured and not there: ${silent.join(", ")}`) +
    stopped.map((why) => `; ${stoppedWords[why]}`).join("")
  )
}

const discover = Effect.fnUntraced(function* (parts: DiscoverOpcuaParts, options: Options) {
  const { endpoint, file } = yield* operandsOf(options)
  const needed = endpoint === undefined || options.write !== undefined
  const settings = yield* usualSettings(parts.settings, options.config, needed)
  const server = yield* serverFor(parts, settings, options, endpoint)
  const named = { ...options, file }
  const found = yield* Effect.scoped(
    Effect.gen(function* () {
      const shown = yield* lookOutside(parts, server, named)
      yield* mayGoIn(parts, settings, server, shown, options)
      return yield* lookInside(parts, settings, server, shown, named)
    })
  )
  tell(summary(found))
  if (options.write !== undefined) return yield* write(parts, found, settings, server, named)
  const stranger = found.devices.find(({ configured }) => configured === undefined)
  const first = found.devices[0]?.configured
  const where = options.config === undefined ? "" : ` --config ${quoted(options.config)}`
  if (stranger !== undefined) tell(`next: ${again(server, options, " --write")}`)
  else if (first !== undefined) tell(`next: npm run gatehouse -- probe ${first}${where}`)
  else tell("next: write a profile for what was seen, as adapters/opcua/README.md shows, and look again")
})

const userOf = (flags: {
  readonly username: string | undefined
  readonly passwordEnv: string | undefined
  readonly passwordFile: string | undefined
  readonly certificate: string | undefined
  readonly key: string | undefined
}): Effect.Effect<Options["user"], CommandFailed> => {
  const { username, passwordEnv, passwordFile, certificate, key } = flags
  const wrong =
    passwordEnv !== undefined && passwordFile !== undefined
      ? "--password-env and --password-file are two places: give one"
      : username === undefined && (passwordEnv !== undefined || passwordFile !== undefined)
        ? "a password belongs to --username"
        : (certificate === undefined) !== (key === undefined)
          ? "--certificate and --key belong together"
          : username !== undefined && certificate !== undefined
            ? "--username and --certificate are two users: give one"
            : undefined
  if (wrong !== undefined) return Effect.fail(usage(wrong, help))
  if (username !== undefined) {
    const password = passwordFile === undefined ? { env: passwordEnv ?? passwordVariable } : { file: passwordFile }
    return Effect.succeed({ username, password })
  }
  return Effect.succeed(certificate === undefined || key === undefined ? undefined : { certificate, key })
}

const countFlag = (name: string, description: string, most: number, usual: number) =>
  Flag.Int(name).pipe(
    Flag.withDescription(`${description} (default: ${usual})`),
    Flag.filter(
      (count) => count > 0 && count <= most,
      () => `a number from 1 to ${most}`
    ),
    Flag.withDefault(usual)
  )

/** `gatehouse discover opcua`: looks at what an OPC UA server has, and which profile fits it. */
export const discoverOpcuaCommand = (load: () => Promise<DiscoverOpcuaParts>) =>
  Command.make(
    "opcua",
    {
      operands: Argument.String("endpoint").pipe(
        Argument.withDescription("The server, such as opc.tcp://panel-7.example:4840 (default: that of the one link)"),
        Argument.variadic()
      ),
      link: textFlag("link", "Look at the server of this link of the configuration, as its user"),
      username: textFlag("username", `A user of the server; the password is read from ${passwordVariable}`).pipe(
        Flag.withAlias("user")
      ),
      passwordEnv: textFlag("password-env", "The environment variable with the password instead"),
      passwordFile: textFlag("password-file", "A file whose first line is the password instead"),
      certificate: textFlag("certificate", "Our certificate as a user, as PEM").pipe(Flag.withMetavar("file")),
      key: textFlag("key", "The key of that certificate, as PEM").pipe(Flag.withMetavar("file")),
      securityMode: Flag.Literals("security-mode", ["None", "Sign", "SignAndEncrypt"]).pipe(
        Flag.withDescription("How the channel is secured (default: the best that is offered, never None)"),
        Flag.optional
      ),
      securityPolicy: Flag.Literals("security-policy", [
        "Basic256Sha256",
        "Aes128_Sha256_RsaOaep",
        "Aes256_Sha256_RsaPss"
      ]).pipe(Flag.withDescription("By which policy (default: the best that is offered)"), Flag.optional),
      pki: textFlag("pki", "The folder of certificates, for a server that is no link's (default: the links')"),
      depth: countFlag("depth", "How many steps to go down", 50, 8),
      nodes: countFlag("nodes", "How many nodes to look at", 1_000_000, 20_000),
      seconds: countFlag("seconds", "How long to look", 3600, 60),
      ...discoverFlags
    },
    Effect.fn("discover opcua")(function* (flags) {
      const { operands, json, depth, nodes, seconds } = flags
      const { username, passwordEnv, passwordFile, certificate, key } = flags
      const user = yield* userOf({
        username: Option.getOrUndefined(username),
        passwordEnv: Option.getOrUndefined(passwordEnv),
        passwordFile: Option.getOrUndefined(passwordFile),
        certificate: Option.getOrUndefined(certificate),
        key: Option.getOrUndefined(key)
      })
      yield* discover(yield* Effect.promise(load), {
        operands,
        json,
        user,
        link: Option.getOrUndefined(flags.link),
        pki: Option.getOrUndefined(flags.pki),
        securityMode: Option.getOrUndefined(flags.securityMode),
        securityPolicy: Option.getOrUndefined(flags.securityPolicy),
        bounds: { depthMax: depth, nodesMax: nodes, withinMs: seconds * 1000 },
        config: Option.getOrUndefined(flags.config),
        write: Option.getOrUndefined(flags.write)
      })
    })
  ).pipe(Command.withDescription("Look at what an OPC UA server has, and which profiles fit"))
