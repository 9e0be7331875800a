import { randomBytes, X509Certificate } from "node:crypto"
import { copyFileSync, mkdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect, type Scope } from "effect"
import { listCertificates, thumbprintOf } from "../adapters/opcua/session/certificates.ts"
import type { OpcuaSettings } from "../adapters/opcua/settings.ts"
import { certificateOf } from "../simulators/opcua/campus-devices.ts"
import { openPhones, type Phones } from "../simulators/phones/phones.ts"
import { type DemoPanels, openDemoWorld } from "../simulators/scenarios/demo-world.ts"
import { keptPrivately } from "./api/private-file.ts"
import type { DemoParts } from "./cli/demo.ts"
import type { Device } from "./domain/campus.ts"
import type { SmsHttpSettings } from "./notify/sms/sms-http-channel.ts"
import type { ChannelSettings, LinkSettings, Settings } from "./settings/load-settings.ts"

const linksOf = (settings: Settings, adapter: string): ReadonlySet<LinkSettings> =>
  new Set(settings.links.filter((link) => link.adapter === adapter))

/** The user of every simulated panel; its password is made at the first start. */
const panelUser = "gatehouse"
const passwordIn = (dataDir: string): string => join(dataDir, "panel-password")

/** A panel at a free port, with the certificates, the password and the memory of this demonstration alone. */
const relocatedPanel = (link: LinkSettings, port: number, dataDir: string): LinkSettings => {
  const settings: OpcuaSettings = {
    ...(link.settings as OpcuaSettings),
    endpoint: `opc.tcp://127.0.0.1:${port}`,
    user: { username: panelUser, password: { file: passwordIn(dataDir) } },
    pki: join(dataDir, "pki"),
    state: join(dataDir, "opcua")
  }
  return { ...link, settings }
}

/** What signs between the gateway and the simulated phones, made at the first start. */
const phonesSecretIn = (dataDir: string): string => join(dataDir, "phones-secret")

/** The channels of the simulated phones at this port, with the secret of this demonstration alone. */
const relocatedChannel = (
  channel: ChannelSettings,
  port: number,
  console: string,
  dataDir: string
): ChannelSettings => {
  const at = (url: string): string => `http://127.0.0.1:${port}${new URL(url).pathname}`
  if (channel.kind === "webhook") {
    const { url } = channel.settings as { readonly url: string }
    return { ...channel, settings: { url: at(url), secret: { file: phonesSecretIn(dataDir) } } }
  }
  const { http, ...rest } = channel.settings as SmsHttpSettings
  return { ...channel, settings: { ...rest, http: { ...http, url: at(http.url) }, publicUrl: console } }
}

const relocated: DemoParts["relocated"] = Effect.fnUntraced(function* (
  settings,
  { brokerPort, consolePort, freePort, dataDir }
) {
  const brokers = linksOf(settings, "mqtt")
  const panels = linksOf(settings, "opcua")
  const links = yield* Effect.forEach(settings.links, (link): Effect.Effect<LinkSettings> => {
    if (panels.has(link)) return Effect.map(freePort, (port) => relocatedPanel(link, port, dataDir))
    const atBroker = { ...link, settings: { ...(link.settings as object), port: brokerPort } }
    return Effect.succeed(brokers.has(link) ? atBroker : link)
  })
  const called = new Set([...linksOf(settings, "onvif")].map(({ id }) => id))
  const devices = yield* Effect.forEach(settings.campus.devices, (device) =>
    called.has(device.link)
      ? Effect.map(freePort, (port): Device => ({ ...device, address: `127.0.0.1:${port}` }))
      : Effect.succeed(device)
  )
  const phonesPort = yield* freePort
  const console = `http://127.0.0.1:${consolePort}`
  return {
    ...settings,
    links,
    channels: settings.channels.map((channel) => relocatedChannel(channel, phonesPort, console, dataDir)),
    inbound: settings.inbound.map((source) => ({ ...source, secret: { file: phonesSecretIn(dataDir) } })),
    notify: { ...settings.notify, console },
    api: { ...settings.api, port: consolePort },
    dataDir,
    campus: { ...settings.campus, devices }
  }
})

/** A secret of the simulated campus; made where there is none. */
const secretIn = (file: string): string =>
  keptPrivately(dirname(file), file, () => `${randomBytes(18).toString("base64url")}\n`).trim()

const panelsPki = (dataDir: string): string => join(dataDir, "simulated-panels")

const panelsOf = (settings: Settings): DemoPanels => {
  const { dataDir } = settings
  const links = [...linksOf(settings, "opcua")]
  const user = { name: panelUser, password: links.length === 0 ? "" : secretIn(passwordIn(dataDir)) }
  const portOf = (link: LinkSettings): number => Number(new URL((link.settings as OpcuaSettings).endpoint).port)
  return {
    places: Object.fromEntries(links.map((link) => [link.id, { port: portOf(link) }])),
    users: Object.fromEntries(links.map(({ id }) => [id, [user]])),
    pki: panelsPki(dataDir)
  }
}

/**
 * Trusts the certificate of a link's simulated panel, as `certs trust` would: here, nobody need compare thumbprints, because
 * the panel is our own. Answers what was done, in words; nothing where it was trusted before.
 */
const trustPanel = (link: LinkSettings, dataDir: string): ReadonlyArray<string> => {
  const { pki } = link.settings as OpcuaSettings
  const shown = certificateOf(panelsPki(dataDir), link.id)
  const thumbprint = thumbprintOf(new X509Certificate(readFileSync(shown)).raw)
  const known = listCertificates(pki).some((one) => one.trust === "trusted" && one.thumbprint === thumbprint)
  if (known) return []
  const folder = join(pki, "trusted/certs")
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  copyFileSync(shown, join(folder, `${link.id} [${thumbprint}].pem`))
  return [`The panel of ${link.id} is trusted in ${pki}, as by: gatehouse certs trust ${thumbprint}`]
}

/** The phones that the channel of texts rings, where there is one. */
const openPeoplesPhones = (
  { campus, channels, inbound, addresses, notify, dataDir }: Settings,
  onTold: (line: string) => void
): Effect.Effect<Phones | undefined, Error, Scope.Scope> => {
  const texts = channels.find(({ kind }) => kind === "sms-http")
  const replies = inbound.find((source) => source.accepts === "replies" && source.channel === texts?.id)
  if (texts === undefined || replies === undefined) return Effect.succeed(undefined)
  const owners = new Map(
    (campus.people ?? []).flatMap(({ id, name }) => {
      const number = addresses.get(id)?.[texts.id]
      return number === undefined ? [] : [[number, name] as const]
    })
  )
  return openPhones({
    port: Number(new URL((texts.settings as SmsHttpSettings).http.url).port),
    owners,
    answersTo: `${notify.console}/api/v1/inbound/${replies.id}`,
    secret: secretIn(phonesSecretIn(dataDir)),
    onTold
  })
}

const openWorld = Effect.fnUntraced(function* (
  settings: Settings,
  onPhone: (line: string) => void
): Effect.fn.Return<Effect.Success<ReturnType<DemoParts["openWorld"]>>, Error, Scope.Scope> {
  const panels = panelsOf(settings)
  const links = [...linksOf(settings, "opcua")]
  const world = yield* openDemoWorld(settings.campus, links.length === 0 ? undefined : panels)
  const told = yield* Effect.try({
    try: () => links.flatMap((link) => trustPanel(link, settings.dataDir)),
    catch: (cause) => (cause instanceof Error ? cause : new Error(String(cause)))
  })
  const phones = yield* openPeoplesPhones(settings, onPhone)
  return { ...world, told, phones: phones?.url }
})

/** What `demo` has beside a gateway: a simulated campus, at free ports of this machine. */
export const demonstration: Pick<DemoParts, "relocated" | "openWorld"> = { relocated, openWorld }
