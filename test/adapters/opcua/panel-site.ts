import type { ChildProcess } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Alert } from "../../../gateway/domain/alert.ts"
import { type GatewayFiles, startGateway, stop } from "../../road/gateway-process.ts"
import { freePort, listening } from "../../road/peers.ts"
import { type Proxy, startProxy } from "../../road/proxy.ts"
import { upTo, startSite } from "./rig.ts"

/** An alert as the API tells it, so far as these tests look. */
export type Told = Pick<Alert, "id" | "key" | "active" | "acknowledged" | "shelved" | "panelConditions">

const profile = `description: Doors whose alarm is a tamper of ours
protocol: opcua
namespaces: { p: "urn:campus:doorpanel" }
readings:
  - { alarm: OffNormalAlarmType, match: { ConditionName: DoorForced }, source: "p;s=Doors/{door}", point: "{door}.tamper", kind: tamper }
tests: []
`

const configOf = (doors: number, files: GatewayFiles, settings: object): string => `
site: { id: panels, name: Panels, timeZone: UTC }
links:
  panel-7: { adapter: opcua, settings: ${JSON.stringify(settings)} }
api: { host: 127.0.0.1, port: ${files.port} }
dataDir: ${files.data}
profilesDirectory: ${join(files.config, "../profiles")}
areas: [{ id: hall, name: Hall, kind: building }]
devices:
  - { id: panel, link: panel-7, profile: own, address: / }
doors:
${upTo(doors)
  .map((nth) => `  - { id: Door${nth}, name: Door ${nth}, area: hall, tamper: [panel/Door${nth}.tamper] }`)
  .join("\n")}
cameras: []
`

const until = async <A>(look: () => Promise<A | undefined>, what: string, withinMs = 40_000): Promise<A> => {
  const giveUpAt = Date.now() + withinMs
  for (;;) {
    const found = await look().catch(() => undefined)
    if (found !== undefined) return found
    if (Date.now() > giveUpAt) throw new Error(`${what}: not within ${withinMs / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

/** A panel in a process of its own, a network that a test can cut, and the gateway as its operator starts it. */
export const startPanelSite = async (doors: number, acknowledge = "acknowledge", more: object = {}) => {
  const site = await startSite({ doors })
  const proxy: Proxy = await startProxy(site.panel.options.port)
  const files: GatewayFiles = {
    config: join(site.directory, "gatehouse.yaml"),
    data: join(site.directory, "data"),
    port: await freePort()
  }
  mkdirSync(join(site.directory, "profiles"))
  mkdirSync(files.data)
  writeFileSync(join(site.directory, "profiles/own.yaml"), profile)
  writeFileSync(
    files.config,
    configOf(doors, files, site.secured(`opc.tcp://127.0.0.1:${proxy.port}`, { acknowledge, ...more }))
  )

  let token: string | undefined
  let gateway = startGateway(files)
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${files.port}/api/v1${path}`, {
      headers: { authorization: `Bearer ${token ?? ""}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) })
    })
    if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }
  const answering = async (): Promise<void> => {
    await listening(files.port, 60_000)
    token ??= await until(async () => /#token=(\S+)/.exec(gateway.log())?.[1], "the gateway prints its first token")
  }
  const linkState = async (): Promise<string | undefined> => {
    const { items } = (await ask("/links")) as { items: ReadonlyArray<{ state: { _tag: string } }> }
    return items[0]?.state._tag
  }
  const isOnline = async (): Promise<true | undefined> => ((await linkState()) === "Online" ? true : undefined)
  const isOffline = async (): Promise<true | undefined> => ((await linkState()) === "Online" ? undefined : true)
  const alertsOf = async (door: string): Promise<ReadonlyArray<Told>> =>
    ((await ask(`/alerts?state=all&door=${door}`)) as { items: ReadonlyArray<Told> }).items

  await answering()
  await until(isOnline, "the link is online")
  return {
    panel: site.panel,
    proxy,
    log: () => gateway.log(),
    ask,
    alertsOf,
    /** The link is online, and the panel has said how its doors are. */
    online: () => until(isOnline, "the link is online"),
    /** The link is known to be lost. */
    offline: () => until(isOffline, "the link is offline"),
    /** An alert of a door, once there is one that is so. */
    alert: async (door: string, isSo: (alert: Told) => boolean): Promise<Told> => {
      let last: ReadonlyArray<Told> = []
      const look = async (): Promise<Told | undefined> => (last = await alertsOf(door)).find(isSo)
      return until(look, `an alert of ${door}`).catch((error: Error) => {
        throw new Error(`${error.message}; its alerts are ${JSON.stringify(last)}`)
      })
    },
    force: (door: string, value: boolean) => site.panel.tell("set", { door, variable: "Forced", value }),
    acknowledge: (alert: Told, note?: string) =>
      ask(`/alerts/${alert.id}/acknowledge`, note === undefined ? {} : { note }),
    note: (alert: Told, note: string) => ask(`/alerts/${alert.id}/notes`, { note }),
    shelve: (alert: Told, how: { readonly minutes: number } | { readonly oneShot: true }) =>
      ask(`/alerts/${alert.id}/shelve`, { ...how, reason: "the latch is being repaired" }),
    unshelve: (alert: Told) => ask(`/alerts/${alert.id}/unshelve`, { reason: "it is repaired" }),
    comments: (door: string) => site.panel.tell("comments", { door }),
    shelving: async (door: string) => (await site.panel.tell("alarmState", { door })).shelving,
    accepted: (door: string) => site.panel.tell("acknowledgements", { door }),
    kill: (signal: NodeJS.Signals = "SIGKILL"): Promise<void> => stop(gateway.child, signal),
    start: async (): Promise<ChildProcess> => {
      gateway = startGateway(files)
      await answering()
      return gateway.child
    },
    stop: async (): Promise<void> => {
      await stop(gateway.child, "SIGKILL")
      await proxy.stop()
      await site.stop()
    }
  }
}

export type PanelSite = Awaited<ReturnType<typeof startPanelSite>>

/** What goes back to an alert's first condition beside its acknowledgement, and how far it has come. */
export const besidesOf = ({ panelConditions }: Told): ReadonlyArray<string> =>
  (panelConditions?.[0]?.besides ?? []).map(({ kind, state, detail }) =>
    [kind, state, ...(detail === undefined ? [] : [detail])].join(" ")
  )

/** How far the acknowledgement of an alert's first condition has come. */
export const stateOf = ({ panelConditions }: Told): string | undefined => panelConditions?.[0]?.writeBack?.state
