import { Effect } from "effect"
import { openDemoWorld } from "../simulators/scenarios/demo-world.ts"
import type { DemoParts } from "./cli/demo.ts"
import type { Device } from "./domain/campus.ts"
import type { LinkSettings, Settings } from "./settings/load-settings.ts"

const linksOf = (settings: Settings, adapter: string): ReadonlySet<LinkSettings> =>
  new Set(settings.links.filter((link) => link.adapter === adapter))

const relocated: DemoParts["relocated"] = Effect.fnUntraced(function* (settings, { brokerPort, freePort }) {
  const brokers = linksOf(settings, "mqtt")
  const links = settings.links.map((link) =>
    brokers.has(link) ? { ...link, settings: { ...(link.settings as object), port: brokerPort } } : link
  )
  const called = new Set([...linksOf(settings, "onvif")].map(({ id }) => id))
  const devices = yield* Effect.forEach(settings.campus.devices, (device) =>
    called.has(device.link)
      ? Effect.map(freePort, (port): Device => ({ ...device, address: `127.0.0.1:${port}` }))
      : Effect.succeed(device)
  )
  return { ...settings, links, campus: { ...settings.campus, devices } }
})

/** What `demo` has beside a gateway: a simulated campus, at free ports of this machine. */
export const demonstration: Pick<DemoParts, "relocated" | "openWorld"> = { relocated, openWorld: openDemoWorld }
