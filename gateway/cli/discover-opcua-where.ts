import { Effect } from "effect"
import type { LinkSettings, Settings } from "../settings/load-settings.ts"
import type { DiscoverOpcuaParts, OpcuaAccess, OpcuaBounds, OpcuaServer } from "./discover-opcua-found.ts"
import { CommandFailed, usage } from "./failure.ts"
import { printable, quoted, tell } from "./output.ts"
import { passwordVariable } from "./probe-where.ts"

export const command = "discover opcua"

const help = `npm run gatehouse -- ${command} --help`

/** OPC UA's own port, where an address names none. */
const usualPort = 4840

/** Where certificates are while no link says otherwise. */
const usualPki = "var/pki"

/** What the flags say. */
export interface Options extends OpcuaAccess {
  readonly operands: ReadonlyArray<string>
  readonly link: string | undefined
  readonly pki: string | undefined
  readonly bounds: OpcuaBounds
  readonly config: string | undefined
  /** Absent: nothing is written; empty: to the usual place. */
  readonly write: string | undefined
  readonly json: boolean
}

interface Operands {
  readonly endpoint: string | undefined
  readonly file: string | undefined
}

export type Named = Options & Pick<Operands, "file">

/** `panel-7`, `panel-7:4840`, `opc.tcp://panel-7:4840/path`. */
const endpointOf = (text: string): string | undefined => {
  const url = text.includes("://") ? text : `opc.tcp://${text}`
  if (!/^opc\.tcp:\/\/[^/\s@?#]+(\/[^\s@?#]*)?$/.test(url) || !URL.canParse(url)) return undefined
  const [, host = "", path = ""] = /^opc\.tcp:\/\/([^/]+)(.*)$/.exec(url) ?? []
  return /:\d+$/.test(host) ? url : `opc.tcp://${host}:${usualPort}${path}`
}

/** A server's address, and behind `--write` a file's name, in whatever order. */
export const operandsOf = ({ operands, write }: Options): Effect.Effect<Operands, CommandFailed> => {
  const isFile = (text: string): boolean => write !== undefined && /\.ya?ml$/.test(text)
  const files = [...(write === undefined || write === "" ? [] : [write]), ...operands.filter(isFile)]
  const servers = operands.filter((text) => !isFile(text))
  const [server] = servers
  if (servers.length > 1 || files.length > 1)
    return Effect.fail(usage(`one server and one file at most are understood, not ${operands.join(" ")}`, help))
  if (server !== undefined && /^[\w.]+:\/\/[^/]*@/.test(server))
    return Effect.fail(
      usage(`the address must hold no user: give --username, and the password as ${passwordVariable}`, help)
    )
  const endpoint = server === undefined ? undefined : endpointOf(server)
  if (server !== undefined && endpoint === undefined)
    return Effect.fail(
      usage(`${printable(server)} is not the address of a server, such as opc.tcp://panel-7.example:4840`, help)
    )
  return Effect.succeed({ endpoint, file: files[0] })
}

interface Linked {
  readonly link: LinkSettings
  readonly endpoint: string
  readonly pki: string
  readonly secured: boolean
}

/** The links of the configuration that go to OPC UA servers. */
export const opcuaLinks = (parts: DiscoverOpcuaParts, settings: Settings | undefined): ReadonlyArray<Linked> =>
  (settings?.links ?? []).flatMap((link) => {
    const server = parts.serverOf(link)
    return server === undefined ? [] : [{ link, ...server }]
  })

const isSame = (a: string, b: string): boolean => {
  const [left, right] = [endpointOf(a), endpointOf(b)]
  return left !== undefined && left.toLowerCase().replace(/\/$/, "") === right?.toLowerCase().replace(/\/$/, "")
}

const serverAt = (server: Omit<OpcuaServer, "devices">, settings: Settings | undefined): OpcuaServer => ({
  ...server,
  devices: (settings?.campus.devices ?? []).filter((device) => device.link === server.link?.id)
})

/** The server that is meant: at the address given, of the link named, or of the one OPC UA link that there is. */
export const serverFor = (
  parts: DiscoverOpcuaParts,
  settings: Settings | undefined,
  { link: wanted, pki }: Options,
  endpoint: string | undefined
): Effect.Effect<OpcuaServer, CommandFailed> => {
  const links = opcuaLinks(parts, settings)
  const names = links.map(({ link }) => link.id).join(", ")
  if (endpoint !== undefined && wanted !== undefined)
    return Effect.fail(usage("give the server's address or --link, not both: a link has its own", help))
  const here =
    endpoint === undefined
      ? wanted === undefined && links.length === 1
        ? links[0]
        : links.find(({ link }) => link.id === wanted)
      : links.find((one) => isSame(one.endpoint, endpoint))
  if (here !== undefined && pki !== undefined)
    return Effect.fail(usage(`--pki is for servers that are no link's: "${here.link.id}" has ${here.pki}`, help))
  if (here !== undefined) return Effect.succeed(serverAt(here, settings))
  if (endpoint !== undefined) {
    const folders = [...new Set(links.map((one) => one.pki))]
    const shared = folders.length === 1 ? folders[0] : undefined
    const stranger = { link: undefined, endpoint, pki: pki ?? shared ?? usualPki, secured: undefined }
    return Effect.succeed(serverAt(stranger, settings))
  }
  return Effect.fail(
    wanted === undefined
      ? usage(`which server? give its address${names === "" ? "" : `, or --link with one of ${names}`}`, help)
      : usage(
          `there is no OPC UA link "${printable(wanted)}" in the configuration; it has ${names === "" ? "none" : names}`,
          help
        )
  )
}

const configFlag = ({ config }: Pick<Options, "config">): string =>
  config === undefined ? "" : ` --config ${quoted(config)}`

/** The command to paste, with what it lacked. */
export const again = ({ link, endpoint }: OpcuaServer, options: Options, more = ""): string => {
  const { securityMode, securityPolicy, user } = options
  const where = link === undefined ? quoted(endpoint) : `--link ${quoted(link.id)}`
  const flags = [
    ...(securityMode === undefined ? [] : [`--security-mode ${securityMode}`]),
    ...(securityPolicy === undefined ? [] : [`--security-policy ${securityPolicy}`]),
    ...(options.pki === undefined ? [] : [`--pki ${quoted(options.pki)}`]),
    ...(typeof user !== "object" || !("username" in user) ? [] : [`--username ${quoted(user.username)}`]),
    ...(typeof user !== "object" || !("password" in user)
      ? []
      : "env" in user.password
        ? user.password.env === passwordVariable
          ? []
          : [`--password-env ${quoted(user.password.env)}`]
        : [`--password-file ${quoted(user.password.file)}`]),
    ...(typeof user !== "object" || !("certificate" in user)
      ? []
      : [`--certificate ${quoted(user.certificate)} --key ${quoted(user.key)}`])
  ]
  return `npm run gatehouse -- ${command} ${[where, ...flags].join(" ")}${configFlag(options)}${more}`
}

/** A link for the configuration, to be filled in. */
export const linkExample = (endpoint: string): string =>
  `links: { panel: { adapter: opcua, settings: { endpoint: "${endpoint}" } } }`

/** What is to be done so that a person can have the server believed. */
export const untrusted = (
  parts: DiscoverOpcuaParts,
  settings: Settings | undefined,
  server: OpcuaServer,
  options: Options,
  thumbprint: string
): CommandFailed => {
  const sharing = opcuaLinks(parts, settings).find(({ pki }) => pki === server.pki)?.link
  const link = server.link ?? sharing
  if (link === undefined)
    tell(`certs knows the folders of links: put one into the configuration first: ${linkExample(server.endpoint)}`)
  return new CommandFailed({
    exitCode: 4,
    reason:
      "the server's certificate is not trusted: it was told nothing of ours and asked for nothing more; " +
      "trust it only if the server itself shows the same thumbprint",
    next:
      `npm run gatehouse -- certs trust ${thumbprint}${link === undefined ? "" : ` --link ${quoted(link.id)}`}` +
      configFlag(options)
  })
}
