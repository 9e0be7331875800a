import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import {
  certificateLines,
  certificateObject,
  type CertsParts,
  type Folder,
  foldersOf,
  isWaiting,
  type Listed,
  validityOf,
  warnings
} from "./certs-listed.ts"
import { usualConfig } from "./usual-config.ts"
import { CommandFailed, usage } from "./failure.ts"
import { paint, printable, quoted, say, sayJson, several, tell } from "./output.ts"
import { settingsOrFail } from "./refused.ts"

/** What the flags say. */
interface Options {
  readonly config: string | undefined
  readonly link: string | undefined
  readonly json: boolean
}

const again = (words: string, { config, link }: Pick<Options, "config" | "link">): string =>
  `npm run gatehouse -- certs ${words}${link === undefined ? "" : ` --link ${quoted(link)}`}` +
  (config === undefined ? "" : ` --config ${quoted(config)}`)

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const foldersFor = Effect.fnUntraced(function* (parts: CertsParts, options: Options) {
  const settings = yield* settingsOrFail(parts.settings, options.config ?? usualConfig)
  const folders = foldersOf(parts, settings.links)
  const { link } = options
  if (link === undefined) return folders
  const own = folders.filter(({ links }) => links.includes(link))
  if (own.length > 0) return own
  const names = folders.flatMap(({ links }) => links).join(", ")
  return yield* usage(
    `there is no OPC UA link "${printable(link)}" in the configuration; it has ${names === "" ? "none" : names}`,
    again("ls", { ...options, link: undefined })
  )
})

const listedIn = (parts: CertsParts, folders: ReadonlyArray<Folder>, options: Options) =>
  Effect.forEach(folders, (folder) =>
    Effect.try({
      try: () => parts.list(folder.pki).map((one): Listed => ({ ...one, pki: folder.pki, links: folder.links })),
      catch: (cause) =>
        new CommandFailed({
          exitCode: 3,
          reason: `the certificates in ${folder.pki} cannot be read: ${messageOf(cause)}`,
          next: again("ls", options)
        })
    })
  ).pipe(Effect.map((lists) => lists.flat()))

const list = Effect.fnUntraced(function* (parts: CertsParts, options: Options) {
  const folders = yield* foldersFor(parts, options)
  const listed = yield* listedIn(parts, folders, options)
  const now = parts.now()
  if (options.json) for (const one of listed) sayJson(certificateObject(one, now))
  else if (listed.length > 0) for (const line of certificateLines(listed, now)) say(line)
  if (folders.length === 0) return tell("the configuration has no OPC UA link, and so no certificates")
  if (listed.length === 0)
    return tell("there are no certificates yet: ours is made, and a server's kept, when a link connects first")
  for (const warning of warnings(listed, now)) tell(warning)
  const waiting = listed.filter((one) => isWaiting(one, now))
  if (waiting.length === 0) return
  tell(
    `${several(waiting.length, "certificate")} not trusted: trust one only if the server itself shows the same thumbprint`
  )
  for (const { thumbprint, links } of waiting) {
    const link = folders.length > 1 ? links[0] : options.link
    tell(`next: ${again(`trust ${thumbprint}`, { config: options.config, link })}`)
  }
})

/** The one certificate of one folder that is meant; else what there is to choose from is told, and nothing done. */
const chosen = (
  verb: string,
  written: string,
  listed: ReadonlyArray<Listed>,
  options: Options,
  now: number
): Effect.Effect<Listed, CommandFailed> =>
  Effect.suspend(() => {
    const wanted = written.replaceAll(/[:\s-]/g, "").toLowerCase()
    // Anything else is a slip; leaving the odd signs out could make another certificate of it.
    const isThumbprint = /^[0-9a-f]{1,40}$/.test(wanted)
    const found = isThumbprint ? listed.filter(({ thumbprint }) => thumbprint.startsWith(wanted)) : []
    const [first] = found
    if (first === undefined) {
      if (listed.length > 0) for (const line of certificateLines(listed, now)) tell(line)
      const what = isThumbprint
        ? `no certificate has the thumbprint ${wanted}`
        : `"${printable(written)}" is no thumbprint: it is made of up to 40 hexadecimal digits`
      return Effect.fail(usage(`nothing was changed: ${what}`, again("ls", options)))
    }
    // Of two copies in one folder the one that is not trusted counts: so links judge it.
    if (found.every(({ thumbprint, pki }) => thumbprint === first.thumbprint && pki === first.pki))
      return Effect.succeed(found.find(({ trust }) => trust === "rejected") ?? first)
    for (const line of certificateLines(found, now)) tell(line)
    if (found.some(({ thumbprint }) => thumbprint !== first.thumbprint)) {
      const reason = `nothing was changed: several certificates begin with ${wanted}; write more of it`
      return Effect.fail(usage(reason, again("ls", options)))
    }
    const next = again(`${verb} ${first.thumbprint}`, { ...options, link: first.links[0] })
    return Effect.fail(usage("nothing was changed: it lies in several folders; say whose is meant by --link", next))
  })

const notOurs = (verb: string, one: Listed, options: Options): Effect.Effect<void, CommandFailed> => {
  if (one.trust === "trusted" || one.trust === "rejected") return Effect.void
  const what = one.trust === "own" ? "our own certificate" : "an issuer's certificate"
  return Effect.fail(
    usage(`nothing was changed: ${one.thumbprint} is ${what}; ${verb} is for what servers show`, again("ls", options))
  )
}

const decide = Effect.fnUntraced(function* (
  parts: CertsParts,
  { trusted, written, options }: { readonly trusted: boolean; readonly written: string; readonly options: Options }
) {
  const verb = trusted ? "trust" : "distrust"
  const word = trusted ? "trusted" : "not trusted"
  const listed = yield* listedIn(parts, yield* foldersFor(parts, options), options)
  const now = parts.now()
  const meant = yield* chosen(verb, written, listed, options, now)
  yield* notOurs(verb, meant, options)
  const wanted = trusted ? "trusted" : "rejected"
  const changed = meant.trust !== wanted
  const failed = (why: string) =>
    new CommandFailed({
      exitCode: 1,
      reason: `${verb} ${meant.thumbprint} did not succeed: ${why}`,
      next: again("ls", options)
    })
  if (changed)
    yield* parts
      .setTrust(meant.pki, meant.thumbprint, trusted)
      .pipe(Effect.mapError((cause) => failed(messageOf(cause))))
  const copies = (yield* listedIn(parts, [meant], options)).filter(({ thumbprint }) => thumbprint === meant.thumbprint)
  // A copy that was put there by hand could be believed, or stand in the way, later.
  const stray = copies.find(({ trust }) => trust !== wanted)
  if (stray !== undefined) return yield* failed(`a copy lies in ${printable(stray.file)} as well; remove it`)
  const lies = copies[0]
  if (lies === undefined) return yield* failed("it is not there any more")
  if (options.json) sayJson({ ...certificateObject(lies, now), changed })
  else {
    say(`${paint("green", "✔")} ${changed ? word : `${word} already`}: ${lies.thumbprint}`)
    say(`  ${printable(lies.subject)}; ${printable(lies.applicationUri ?? "no application URI")}`)
    say(`  valid until ${lies.validTo.slice(0, 10)}; in ${printable(lies.pki)}, for ${lies.links.join(", ")}`)
  }
  if (trusted && validityOf(lies, now) === "ended") tell("it has ended: links refuse it until the server has a new one")
  if (!changed) return
  tell(
    trusted
      ? "a link that stands still for it asks the server again within a minute"
      : "links see it when they connect next: restart the gateway to end a connection that stands"
  )
  tell("next: npm run gatehouse -- status")
})

const sharedFlags = {
  config: Flag.String("config").pipe(
    Flag.withAlias("c"),
    Flag.withDescription(`The configuration (default: ${usualConfig})`),
    Flag.optional
  ),
  link: Flag.String("link").pipe(Flag.withDescription("Only the certificates of this OPC UA link"), Flag.optional),
  json: Flag.Boolean("json").pipe(Flag.withDescription("One JSON object a certificate"), Flag.withDefault(false))
}

interface Written {
  readonly config: Option.Option<string>
  readonly link: Option.Option<string>
  readonly json: boolean
}

const optionsOf = ({ config, link, json }: Written): Options => ({
  config: Option.getOrUndefined(config),
  link: Option.getOrUndefined(link),
  json
})

const lsCommand = (load: () => Promise<CertsParts>) =>
  Command.make(
    "ls",
    sharedFlags,
    Effect.fn("certs ls")(function* (written) {
      yield* list(yield* Effect.promise(load), optionsOf(written))
    })
  ).pipe(Command.withDescription("The certificates of all OPC UA links: ours, trusted, and not trusted"))

const thumbprintArgument = Argument.String("thumbprint").pipe(
  Argument.withDescription("The certificate's SHA-1, or the beginning of it, as certs ls and the server show it")
)

const decideCommand = (load: () => Promise<CertsParts>, verb: "trust" | "distrust", description: string) =>
  Command.make(
    verb,
    { thumbprint: thumbprintArgument, ...sharedFlags },
    Effect.fn(`certs ${verb}`)(function* ({ thumbprint, ...written }) {
      const given = { trusted: verb === "trust", written: thumbprint, options: optionsOf(written) }
      yield* decide(yield* Effect.promise(load), given)
    })
  ).pipe(Command.withDescription(description))

/** `gatehouse certs`: shows which servers are believed, and has a person decide about one. */
export const certsCommand = (load: () => Promise<CertsParts>) =>
  Command.make("certs").pipe(
    Command.withDescription("Certificates of OPC UA servers"),
    Command.withSubcommands([
      lsCommand(load),
      decideCommand(load, "trust", "Trust the certificate that a server showed"),
      decideCommand(load, "distrust", "Trust a server's certificate no longer")
    ])
  )
